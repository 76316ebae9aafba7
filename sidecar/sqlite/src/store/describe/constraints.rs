//! Unique constraints and foreign keys.

use dualwrite_core::catalog::{Action, ForeignKey};
use dualwrite_core::spec::TableName;
use dualwrite_engine::store::StoreError;
use sqlx::Row;

use super::{failed, rows};
use crate::connections::Session;
use crate::sql::Sql;

/// The columns of each unique constraint or full unique index besides the
/// primary key. An index on an expression has no columns to name.
pub(super) async fn uniques(
    session: &mut Session,
    table: &TableName,
) -> Result<Vec<Vec<String>>, StoreError> {
    let sql = Sql::new("SELECT i.seq, c.name FROM pragma_index_list(")
        .bind(table.name.as_str())
        .push(
            ") AS i, pragma_index_xinfo(i.name) AS c \
             WHERE i.\"unique\" AND NOT i.partial AND i.origin <> 'pk' AND c.key \
             ORDER BY i.seq, c.seqno",
        );
    let mut indexes: Vec<(i64, Option<Vec<String>>)> = Vec::new();
    for row in rows(session, sql).await? {
        let index: i64 = row.try_get(0).map_err(failed)?;
        let column: Option<String> = row.try_get(1).map_err(failed)?;
        if indexes.last().is_none_or(|(last, _)| *last != index) {
            indexes.push((index, Some(Vec::new())));
        }
        let Some((_, columns)) = indexes.last_mut() else {
            continue;
        };
        match (column, columns.as_mut()) {
            (Some(column), Some(columns)) => columns.push(column),
            (None, _) => *columns = None,
            (Some(_), None) => {}
        }
    }
    Ok(indexes
        .into_iter()
        .filter_map(|(_, columns)| columns)
        .collect())
}

/// The foreign keys, in the order of the table's text.
pub(super) async fn foreign_keys(
    session: &mut Session,
    table: &TableName,
) -> Result<Vec<ForeignKey>, StoreError> {
    let sql = Sql::new(
        "SELECT id, \"table\", \"from\", \"to\", on_delete, on_update FROM pragma_foreign_key_list(",
    )
    .bind(table.name.as_str())
    .push(") ORDER BY id DESC, seq");
    let mut last = None;
    let mut keys: Vec<ForeignKey> = Vec::new();
    for row in rows(session, sql).await? {
        let id: i64 = row.try_get(0).map_err(failed)?;
        let from: String = row.try_get(2).map_err(failed)?;
        let to: Option<String> = row.try_get(3).map_err(failed)?;
        if last != Some(id) {
            last = Some(id);
            keys.push(ForeignKey {
                name: String::new(),
                columns: Vec::new(),
                references: TableName::bare(row.try_get::<String, _>(1).map_err(failed)?),
                referenced_columns: Vec::new(),
                on_delete: action(row.try_get(4).map_err(failed)?),
                on_update: action(row.try_get(5).map_err(failed)?),
                // A key that is checked at commit alone would be refused when
                // the primary has committed already; and SQLite does not say.
                deferrable: false,
            });
        }
        if let Some(key) = keys.last_mut() {
            key.columns.push(from);
            key.referenced_columns.extend(to);
        }
    }
    for key in &mut keys {
        key.name = format!("fk_{}_{}", table.name, key.columns.join("_"));
        if key.referenced_columns.is_empty() {
            key.referenced_columns = primary_key(session, &key.references).await?;
        }
    }
    Ok(keys)
}

/// What an action's words mean. Unknown words are taken for the worst.
fn action(words: &str) -> Action {
    Action::parse(words).unwrap_or(Action::Cascade)
}

/// A foreign key that names no columns means the other table's primary key.
async fn primary_key(session: &mut Session, table: &TableName) -> Result<Vec<String>, StoreError> {
    let sql = Sql::new("SELECT name FROM pragma_table_xinfo(")
        .bind(table.name.as_str())
        .push(") WHERE pk > 0 ORDER BY pk");
    rows(session, sql)
        .await?
        .iter()
        .map(|row| row.try_get(0).map_err(failed))
        .collect()
}
