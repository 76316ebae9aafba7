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
    /// One outbox each.
    pub tables: InstalledTables,
    /// The fence row to insert if there is none; `None` to only add outboxes
    /// to an installation that is there.
    pub fence: Option<Fence>,
}
