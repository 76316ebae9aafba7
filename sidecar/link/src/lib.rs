//! How a sidecar follows the control plane, and how it goes on without one.
//!
//! Read in this order: [`port`] (what is asked of the engine), `held` (the
//! last good snapshot, also on disk), [`EpochGuard`] (the largest epoch ever
//! seen), `adopt` (how an update is judged), `session` (one stream, while it
//! lasts), `commands` (what the control plane asks for), `report` (what goes
//! up), and [`Link`], which opens one session after the other.
//!
//! Whatever the control plane says is a hint to look at the fences, never an
//! authority: nothing here stops a write, and losing the control plane changes
//! nothing but that no news come.

mod adopt;
mod commands;
mod disk;
mod epochs;
mod held;
mod installing;
mod link;
pub mod port;
mod report;
mod session;
mod wire;

pub use epochs::{EpochFileError, EpochGuard, LowerEpoch};
pub use held::SnapshotFileError;
pub use installing::Installing;
pub use link::{Link, LinkConfig};
