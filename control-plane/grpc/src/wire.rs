//! The app's nouns as messages, and back where sidecars speak of them.

mod answer;
mod command;
mod event;
mod fence;
mod heard;
mod job;
mod key_check;
mod metrics;
mod migration;
mod retirement;
mod shard;
mod sidecar;
mod time;
mod transition;

pub(crate) use command::command;
pub(crate) use event::event;
pub(crate) use heard::{heard, hello};
pub(crate) use job::job;
pub(crate) use key_check::key_check;
pub(crate) use metrics::{operations, point};
pub(crate) use migration::migration;
pub(crate) use sidecar::sidecar;
pub(crate) use time::duration;
pub(crate) use transition::transition;
