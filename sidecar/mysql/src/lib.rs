//! MariaDB and MySQL behind the engine's
//! [`Store`](dualwrite_engine::store::Store) port.
//!
//! InnoDB's row locks carry the protocol. The fence is a row that every
//! transaction of ours reads `LOCK IN SHARE MODE` in its first statement, so
//! that whoever changes it, under `FOR UPDATE`, waits for all of them; the key
//! locks are the 1,024 rows of a table of ours. Everything runs at READ
//! COMMITTED, where each statement sees what was committed before it began:
//! what is read after a lock was waited for is never older than the lock.
//!
//! The server rolls back a *statement* that waited too long for a lock, not its
//! transaction, and statements that change tables commit by themselves. So
//! every transaction here ends by an explicit COMMIT or ROLLBACK, and nothing
//! that creates or drops a table pretends to be one.
//!
//! Read in this order: [`MysqlConfig`] (where the server is and how it is
//! talked to), `pool` (what a connection is set to, and why a dropped future
//! leaves no transaction behind), `types` and `cells` (how values are stored),
//! then `store`, which mirrors the port file by file.

mod cells;
mod config;
mod errors;
mod names;
mod pool;
mod sql;
mod store;
mod types;

pub use config::{ConfigError, DatabaseUrl, Limits, MysqlConfig};
pub use store::MysqlStore;
