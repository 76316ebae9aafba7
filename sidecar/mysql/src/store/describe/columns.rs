//! Columns: what they hold and how they compare.

use std::collections::HashSet;

use dualwrite_core::catalog::ColumnInfo;
use dualwrite_core::spec::TableName;
use dualwrite_core::value::Kind;
use dualwrite_engine::store::StoreError;
use sqlx::mysql::MySqlRow;

use super::{of_table, rows, word};
use crate::cells::{integer, text};
use crate::pool::Conn;
use crate::types::{Native, declared, is_loose};

/// A column that may be NULL and has no other default has the text `NULL` for
/// its default on MariaDB, and NULL on MySQL.
const COLUMNS: &str = "SELECT COLUMN_NAME, COLUMN_TYPE, DATA_TYPE, COLLATION_NAME, \
    IS_NULLABLE = 'YES', COALESCE(COLUMN_DEFAULT, 'NULL') <> 'NULL' OR EXTRA LIKE '%auto_increment%' \
    OR EXTRA LIKE '%DEFAULT_GENERATED%', EXTRA LIKE '%VIRTUAL GENERATED%' \
    OR EXTRA LIKE '%STORED GENERATED%' OR EXTRA LIKE '%PERSISTENT%' \
    FROM information_schema.COLUMNS WHERE ";

const CHECKS: &str = "SELECT CHECK_CLAUSE FROM information_schema.CHECK_CONSTRAINTS WHERE ";

/// The columns, in the table's order.
pub(super) async fn columns(
    conn: &mut Conn,
    table: &TableName,
    engine: &str,
) -> Result<Vec<ColumnInfo>, StoreError> {
    let json = json(conn, table).await?;
    let sql = of_table(COLUMNS, "TABLE", table).push(" ORDER BY ORDINAL_POSITION");
    let found = rows(conn, sql).await?;
    found.iter().map(|row| column(row, &json, engine)).collect()
}

/// MariaDB has no type of its own for JSON: a column declared so is a text that
/// is checked, and known by that check. (MySQL does not say there which table a
/// check is of, and needs it for nothing.)
async fn json(conn: &mut Conn, table: &TableName) -> Result<HashSet<String>, StoreError> {
    if conn.flavour() == crate::pool::Flavour::Mysql {
        return Ok(HashSet::new());
    }
    let mut columns = HashSet::new();
    for row in rows(conn, of_table(CHECKS, "CONSTRAINT", table)).await? {
        let clause = word(&row, 0)?;
        let column = clause
            .strip_prefix("json_valid(`")
            .and_then(|rest| rest.strip_suffix("`)"));
        columns.extend(column.map(|column| column.replace("``", "`")));
    }
    Ok(columns)
}

fn column(row: &MySqlRow, json: &HashSet<String>, engine: &str) -> Result<ColumnInfo, StoreError> {
    let is = |index| Ok::<bool, StoreError>(integer(row, index)? == Some(1));
    let (name, column_type) = (word(row, 0)?, word(row, 1)?);
    let collation = text(row, 3)?;
    let json = word(row, 2)? == "json" || json.contains(&name);
    let native = declared(&column_type, collation.as_deref(), json);
    let kind = if engine.eq_ignore_ascii_case("InnoDB") {
        Native::of(&native).kind()
    } else {
        Err(format!(
            "its table is kept by {engine}, which has no transactions: convert it to InnoDB"
        ))
    };
    let loose = collation.as_deref().is_some_and(is_loose);
    Ok(ColumnInfo {
        // Members of an enumeration are sorted by their number.
        collation_unsafe: kind == Ok(Kind::Text) && (loose || column_type.starts_with("enum")),
        why: kind.as_ref().err().cloned().unwrap_or_default(),
        kind: kind.ok(),
        nullable: is(4)?,
        has_default: is(5)?,
        generated: is(6)?,
        name,
        native,
    })
}
