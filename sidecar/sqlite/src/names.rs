//! The names of our own tables. They begin with `dualwrite_`, because SQLite
//! has no schemas to put them in.

use dualwrite_core::mapping::Table;
use dualwrite_core::spec::outbox_name;

/// What the name of every table of ours begins with.
pub(crate) const PREFIX: &str = "dualwrite_";

/// One row a service: who may write.
pub(crate) const FENCE: &str = "dualwrite_fence";

/// Outcomes of requests with an idempotency key.
pub(crate) const RECEIPT: &str = "dualwrite_receipt";

/// Keys that the secondary refuses.
pub(crate) const QUARANTINE: &str = "dualwrite_quarantine";

/// The table that holds the markers of one entity.
pub(crate) fn outbox(service: &str, table: &Table) -> String {
    format!("{PREFIX}{}", outbox_name(service, &table.entity))
}

/// The column of an outbox that holds this column of the entity's key. The
/// prefix keeps a key column called `token` apart from the marker's own.
pub(crate) fn key_column(name: &str) -> String {
    format!("key_{name}")
}
