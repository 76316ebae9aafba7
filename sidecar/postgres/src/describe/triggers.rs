//! Triggers and rules.

use dualwrite_core::catalog::{TableInfo, TriggerInfo};
use dualwrite_engine::store::StoreError;
use tokio_postgres::Row;

use crate::fences::cell;

/// Triggers that are on, without ours and those behind constraints; and rules,
/// which rewrite statements.
pub(super) const QUERY: &str = "SELECT t.tgrelid, t.tgname::text FROM wanted AS w \
    JOIN pg_trigger AS t ON t.tgrelid = w.oid AND NOT t.tgisinternal AND t.tgenabled <> 'D' \
    AND t.tgname NOT LIKE 'dualwrite\\_%' \
    UNION ALL SELECT r.ev_class, 'rule ' || r.rulename FROM wanted AS w \
    JOIN pg_rewrite AS r ON r.ev_class = w.oid AND r.rulename <> '_RETURN' ORDER BY 1, 2";

/// Adds a trigger. What its function does cannot be known from outside, so it
/// counts as one that changes rows.
pub(super) fn add(table: &mut TableInfo, row: &Row) -> Result<(), StoreError> {
    table.triggers.push(TriggerInfo {
        name: cell(row, 1)?,
        changes_rows: true,
    });
    Ok(())
}
