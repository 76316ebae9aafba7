//! Where the control plane keeps what must outlive a restart: the adapters of
//! `dualwrite_control_app`'s store port.
//!
//! There is one adapter, [`SqliteStore`]: a file in write-ahead mode, synced at
//! every commit, with one writer connection and a few readers. Its files mirror
//! the port's: the SQL of `ports/jobs.rs` is in `sqlite/jobs.rs`. The tables are
//! in `schema/`, one file a version; see `sqlite/schema.rs` for how they grow.

mod sqlite;

pub use sqlite::{OpenError, SqliteStore};
