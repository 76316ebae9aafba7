//! PostgreSQL behind the engine's [`Store`](dualwrite_engine::store::Store)
//! port.
//!
//! What PostgreSQL gives the protocol: a statement takes its relation locks
//! before its snapshot. So a statement that inserts *no* rows into the gate
//! table and reads the fence row in the same breath cannot miss a change of the
//! fence, because whoever changes it locks the gate first. A foreground write
//! is one statement that checks the fence, leaves the marker, changes the row
//! and answers its image: one round trip, one flush.
//!
//! Everything crosses as text with a cast to the column's own type in SQL, in
//! sessions whose text forms are fixed; so every type is exact and the driver
//! needs to know none of them.
//!
//! Read in this order: [`PostgresConfig`] (where the server is), `pool` and
//! `conn` (what a session is set to, and why a dropped future leaves no open
//! transaction behind), `sql` (names, casts, the fence's lock), then `store`,
//! which sends each method of the port to the file of that name.

mod checks;
mod config;
mod conn;
mod errors;
mod param;
mod pool;
mod sql;
mod text;
mod tls;

mod store;

mod apply;
mod backlog;
mod change_fence;
mod describe;
mod expire;
mod fences;
mod indexes;
mod install;
mod keys;
mod list;
mod markers;
mod order;
mod plain;
mod pull;
mod quarantine;
mod reads;
mod receipts;
mod relations;
mod remove;
mod sequences;
mod split;
mod write;

pub use checks::Encryption;
pub use config::{ConfigError, DatabaseUrl, Limits, PostgresConfig};
pub use store::PostgresStore;
pub use tls::TlsError;
