//! Creating our own tables.

use std::sync::Arc;

use dualwrite_core::fence::Fence;
use dualwrite_core::mapping::Table;

/// Tables of the application for which outboxes are wanted.
pub type InstalledTables = Vec<Arc<Table>>;

/// What [`Store::install`](super::Store::install) creates.
#[derive(Debug, Clone, PartialEq)]
pub struct InstallRequest {
    /// The service.
    pub service: String,
    /// One outbox each, those of probes among them.
    pub tables: InstalledTables,
    /// Tables of ours for probes, created before the outboxes.
    pub probes: Vec<ProbeTable>,
    /// The fence row to insert if there is none; `None` to only add outboxes
    /// to an installation that is there.
    pub fence: Option<Fence>,
}

/// A table of ours that mirrors one of the application's.
#[derive(Debug, Clone, PartialEq)]
pub struct ProbeTable {
    /// The table to create: its columns, with their native types, and its key.
    pub table: Arc<Table>,
    /// The application's table, whose column *i* is column *i* of this one.
    pub like: Arc<Table>,
    /// Whether one stands there for an older mapping: it is dropped first, its
    /// outbox with it. Nothing of an application's is in either.
    pub stale: bool,
}
