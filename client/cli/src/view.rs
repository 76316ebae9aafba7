//! What commands print, as data: the JSON of `-o json`, and what `render/`
//! makes text of. Names are those of the glossary and stay as they are.

pub(crate) mod applied;
pub(crate) mod event;
pub(crate) mod finding;
pub(crate) mod flags;
pub(crate) mod job;
pub(crate) mod key_check;
pub(crate) mod migration;
pub(crate) mod operation;
pub(crate) mod phase;
pub(crate) mod proposal;
pub(crate) mod retirement;
pub(crate) mod sidecar;
pub(crate) mod transition;
pub(crate) mod verdict;
pub(crate) mod watch;
pub(crate) mod words;
