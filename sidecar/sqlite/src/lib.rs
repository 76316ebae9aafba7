//! SQLite behind the engine's [`Store`](dualwrite_engine::store::Store) port.
//!
//! SQLite has one writer at a time, and everything here leans on it: a
//! transaction begun with `BEGIN IMMEDIATE` *is* the gate, every key lock and
//! the order of the writes at once. So a fence read inside it holds until its
//! commit, and a row read inside it cannot change before it is written. The
//! file lies on a local disk of the same host, in WAL mode, and every commit is
//! synchronous; a store that finds it otherwise does not open.
//!
//! Read in this order: [`SqliteConfig`] (where the file is), `open` (what is
//! verified), `connections` (one writer, a few readers, and why a dropped
//! future leaves no transaction behind), `cells` (how values are stored), then
//! `store`, which mirrors the port file by file.

mod cells;
mod config;
mod connections;
mod errors;
mod names;
mod open;
mod sql;
mod store;
mod types;

pub use config::{ConfigError, SqliteConfig};
pub use open::OpenError;
pub use store::SqliteStore;
