//! What the control plane needs from outside: a store, a clock, identifiers.
//!
//! The store is one unit of work at a time: [`Store::begin`] gives a
//! [`Work`], on which a use case reads, decides, writes and records its event;
//! nothing of it is seen before [`Work::commit`], and all of it is gone when it
//! is dropped. [`Store::view`] gives a [`View`] for reading only, all of it at
//! one instant. What can be read and written is one small trait a noun.
//!
//! Whoever holds a `View` must drop it before it asks for a `Work`: a store
//! may have a single connection.

mod clock;
mod events;
mod ids;
mod jobs;
mod migrations;
mod sidecars;
mod store;
mod transitions;

pub use clock::{Clock, SystemClock};
pub use events::{ReadEvents, WriteEvents};
pub use ids::Ids;
pub use jobs::{ReadJobs, WriteJobs};
pub use migrations::{ReadMigrations, WriteMigrations};
pub use sidecars::{ReadSidecars, WriteSidecars};
pub use store::{About, SaveError, Store, StoreError, View, Work};
pub use transitions::{ReadTransitions, WriteTransitions};
