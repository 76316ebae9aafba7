//! The data path of a sidecar: how one write reaches both databases, how what
//! it left behind is copied, how the authority moves, and the port through
//! which all of it reaches a database.
//!
//! Read in this order: [`store`] (everything that is asked of a database),
//! [`request`] and [`error`] (what applications ask and are told), `view` and
//! `watcher` (what both fences say, in one immutable value), `execute` (the
//! spine: one write), `relay` (what comes after it), `executor` (the flip),
//! `backfill`, `check`.

pub mod error;
pub mod ports;
pub mod request;
pub mod store;

mod view;
mod watcher;

mod compile;
mod diagnose;
mod hold;
mod introspect;
mod shared;
mod translate;

mod breaker;
mod execute;
mod read;
mod relay;

mod backfill;
mod check;
mod compare;
mod executor;
mod install;
mod probes;
mod remove;

mod engine;
mod meter;
mod operations;
mod status;

#[cfg(any(test, feature = "fake"))]
pub mod fake;

pub use compare::{EntityComparisons, MismatchedKey};
pub use engine::{Engine, EngineConfig, RECEIPT_LIFETIME, Readiness};
pub use install::InstallError;
pub use introspect::IntrospectError;
pub use meter::{EntityBacklog, EntityDelta};
pub use shared::Stores;
pub use status::{AuthorityStatus, DatabaseStatus, Status};

#[cfg(test)]
mod tests;
