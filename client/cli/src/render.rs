//! Views as text for people. Pure functions, held by golden texts.

mod applied;
mod comparisons;
mod event;
mod finding;
mod flags;
mod job;
mod key_check;
mod migration;
mod operation;
mod phase;
mod proposal;
mod retirement;
mod sidecar;
mod test_report;
mod tones;
mod transition;
mod verdict;
mod watch;
mod words;

#[cfg(test)]
mod tests;

pub(crate) use applied::applied;
pub(crate) use comparisons::comparisons;
pub(crate) use event::events;
pub(crate) use finding::findings;
pub(crate) use flags::flags;
pub(crate) use job::{job, jobs, progress};
pub(crate) use key_check::key_check;
pub(crate) use migration::{migrations, status};
pub(crate) use phase::phase;
pub(crate) use proposal::remarks;
pub(crate) use retirement::retirement;
pub(crate) use sidecar::sidecars;
pub(crate) use test_report::test_report;
pub(crate) use transition::transition;
pub(crate) use verdict::verdict;
pub(crate) use watch::{live, summary};
