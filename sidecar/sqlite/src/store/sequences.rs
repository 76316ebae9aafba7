//! Sequences. Only `AUTOINCREMENT` has one in SQLite; any other integer key is
//! drawn from the largest row that is there.

use std::sync::Arc;

use dualwrite_core::mapping::Table;
use dualwrite_engine::store::StoreError;

use crate::connections::Session;
use crate::errors::store_error;
use crate::sql::Sql;

/// Moves the sequence of each table past its largest row, never backwards.
pub(super) async fn advance(
    session: &mut Session,
    tables: &[Arc<Table>],
) -> Result<(), StoreError> {
    let there = "SELECT 1 FROM sqlite_schema WHERE name = 'sqlite_sequence'";
    let rows = session
        .rows(Sql::new(there))
        .await
        .map_err(|error| store_error(&error, None))?;
    if rows.is_empty() {
        return Ok(());
    }
    for table in tables {
        let name = table.name.name.as_str();
        let sql = Sql::new("SELECT 1 FROM sqlite_sequence WHERE name = ")
            .bind(name)
            .push(" COLLATE NOCASE");
        let rows = session
            .rows(sql)
            .await
            .map_err(|error| store_error(&error, None))?;
        if rows.is_empty() {
            continue;
        }
        let sql = Sql::new(
            "UPDATE sqlite_sequence SET seq = max(seq, (SELECT coalesce(max(rowid), 0) FROM ",
        )
        .table(&table.name)
        .push(")) WHERE name = ")
        .bind(name)
        .push(" COLLATE NOCASE");
        session
            .run(sql)
            .await
            .map_err(|error| store_error(&error, Some(table)))?;
    }
    Ok(())
}
