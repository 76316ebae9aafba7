//! Which columns take different texts as equal.
//!
//! No pragma tells a column's collation. But SQLite can be asked: a column of
//! a materialized query keeps the collation of the table's column it begins
//! with, so comparing a letter in it with the same letter in the other case,
//! or with a space behind, shows what the table's column would say.

use std::collections::HashSet;

use dualwrite_core::spec::TableName;
use dualwrite_engine::store::StoreError;
use sqlx::Row;

use super::{Found, failed, rows};
use crate::connections::Session;
use crate::sql::Sql;
use crate::types::Affinity;

/// The names of the columns whose texts are not compared byte by byte, by the
/// column itself or by a unique index on it.
pub(super) async fn unsafe_columns(
    session: &mut Session,
    table: &TableName,
    columns: &[Found],
) -> Result<HashSet<String>, StoreError> {
    let mut found = indexed(session, table).await?;
    for column in columns {
        if Affinity::of(&column.native) == Affinity::Text
            && probe(session, table, &column.name).await?
        {
            found.insert(column.name.clone());
        }
    }
    Ok(found)
}

async fn probe(session: &mut Session, table: &TableName, column: &str) -> Result<bool, StoreError> {
    let sql = Sql::new("WITH x (c) AS MATERIALIZED (SELECT ")
        .name(column)
        .push(" FROM ")
        .table(table)
        .push(" WHERE 0 UNION ALL SELECT 'a') SELECT c = 'A' OR c = 'a ' FROM x");
    match rows(session, sql).await {
        Ok(rows) => rows
            .first()
            .map_or(Ok(true), |row| row.try_get(0))
            .map_err(failed),
        // A collation that only the application has: nobody can say what it
        // takes as equal.
        Err(StoreError::Schema(_)) => Ok(true),
        Err(error) => Err(error),
    }
}

async fn indexed(session: &mut Session, table: &TableName) -> Result<HashSet<String>, StoreError> {
    let sql = Sql::new("SELECT DISTINCT c.name FROM pragma_index_list(")
        .bind(table.name.as_str())
        .push(
            ") AS i, pragma_index_xinfo(i.name) AS c \
             WHERE i.\"unique\" AND c.key AND c.coll <> 'BINARY' AND c.name IS NOT NULL",
        );
    rows(session, sql)
        .await?
        .iter()
        .map(|row| row.try_get(0).map_err(failed))
        .collect()
}
