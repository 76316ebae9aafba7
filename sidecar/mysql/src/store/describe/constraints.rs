//! Keys, unique constraints and foreign keys.

use dualwrite_core::catalog::{Action, ForeignKey};
use dualwrite_core::spec::TableName;
use dualwrite_engine::store::StoreError;

use super::{of_table, rows, word};
use crate::cells::{integer, text};
use crate::pool::Conn;

const INDEXES: &str = "SELECT INDEX_NAME, COLUMN_NAME, SUB_PART FROM information_schema.STATISTICS \
    WHERE NON_UNIQUE = 0 AND ";

const FOREIGN: &str = "SELECT CONSTRAINT_NAME, COLUMN_NAME, REFERENCED_TABLE_NAME, \
    REFERENCED_COLUMN_NAME, IF(REFERENCED_TABLE_SCHEMA = TABLE_SCHEMA, NULL, REFERENCED_TABLE_SCHEMA) \
    FROM information_schema.KEY_COLUMN_USAGE WHERE REFERENCED_TABLE_NAME IS NOT NULL AND ";

const RULES: &str = "SELECT CONSTRAINT_NAME, DELETE_RULE, UPDATE_RULE \
    FROM information_schema.REFERENTIAL_CONSTRAINTS WHERE ";

/// The columns of the primary key, and those of each other unique index. One on
/// an expression has no columns to name, and one on the beginning of a text is
/// narrower than its columns.
pub(super) async fn keys(
    conn: &mut Conn,
    table: &TableName,
) -> Result<(Vec<String>, Vec<Vec<String>>), StoreError> {
    let sql = of_table(INDEXES, "TABLE", table).push(" ORDER BY INDEX_NAME, SEQ_IN_INDEX");
    let mut indexes: Vec<(String, Option<Vec<String>>)> = Vec::new();
    for row in rows(conn, sql).await? {
        let index = word(&row, 0)?;
        if indexes.last().is_none_or(|(last, _)| *last != index) {
            indexes.push((index, Some(Vec::new())));
        }
        let whole = text(&row, 1)?.filter(|_| matches!(integer(&row, 2), Ok(None)));
        if let Some((_, columns)) = indexes.last_mut() {
            match (whole, columns.as_mut()) {
                (Some(column), Some(columns)) => columns.push(column),
                (None, _) => *columns = None,
                (Some(_), None) => {}
            }
        }
    }
    let mut primary = Vec::new();
    let mut uniques = Vec::new();
    for (index, columns) in indexes {
        match columns {
            Some(columns) if index == "PRIMARY" => primary = columns,
            Some(columns) => uniques.push(columns),
            None => {}
        }
    }
    Ok((primary, uniques))
}

/// The foreign keys, by name.
pub(super) async fn foreign_keys(
    conn: &mut Conn,
    table: &TableName,
) -> Result<Vec<ForeignKey>, StoreError> {
    let sql = of_table(FOREIGN, "TABLE", table).push(" ORDER BY CONSTRAINT_NAME, ORDINAL_POSITION");
    let mut keys: Vec<ForeignKey> = Vec::new();
    for row in rows(conn, sql).await? {
        let name = word(&row, 0)?;
        if keys.last().is_none_or(|last| last.name != name) {
            keys.push(ForeignKey {
                name,
                columns: Vec::new(),
                references: TableName {
                    schema: text(&row, 4)?,
                    name: word(&row, 2)?,
                },
                referenced_columns: Vec::new(),
                deferrable: false,
                // What is not known is taken for the worst.
                on_delete: Action::Cascade,
                on_update: Action::Cascade,
            });
        }
        if let Some(key) = keys.last_mut() {
            key.columns.push(word(&row, 1)?);
            key.referenced_columns.push(word(&row, 3)?);
        }
    }
    for row in rows(conn, of_table(RULES, "CONSTRAINT", table)).await? {
        let name = word(&row, 0)?;
        if let Some(key) = keys.iter_mut().find(|key| key.name == name) {
            key.on_delete = Action::parse(&word(&row, 1)?).unwrap_or(Action::Cascade);
            key.on_update = Action::parse(&word(&row, 2)?).unwrap_or(Action::Cascade);
        }
    }
    Ok(keys)
}
