//! What the catalog says of tables.

mod columns;
mod constraints;
mod triggers;

use dualwrite_core::catalog::{Catalog, TableInfo};
use dualwrite_core::spec::TableName;
use dualwrite_engine::store::StoreError;
use sqlx::mysql::MySqlRow;

use crate::cells::text;
use crate::errors::store_error;
use crate::pool::Conn;
use crate::sql::Sql;

/// Describes those of the tables that are there.
pub(super) async fn describe(conn: &mut Conn, names: &[TableName]) -> Result<Catalog, StoreError> {
    let mut tables = Vec::with_capacity(names.len());
    for name in names {
        let query =
            "SELECT ENGINE FROM information_schema.TABLES WHERE TABLE_TYPE LIKE '%TABLE%' AND ";
        let found = rows(conn, of_table(query, "TABLE", name)).await?;
        if let Some(found) = found.first() {
            let engine = text(found, 0)?.unwrap_or_default();
            tables.push(table(conn, name, &engine).await?);
        }
    }
    Ok(Catalog {
        tables,
        search_path: Vec::new(),
    })
}

async fn table(conn: &mut Conn, name: &TableName, engine: &str) -> Result<TableInfo, StoreError> {
    let (primary_key, uniques) = constraints::keys(conn, name).await?;
    Ok(TableInfo {
        name: name.clone(),
        columns: columns::columns(conn, name, engine).await?,
        primary_key,
        uniques,
        foreign_keys: constraints::foreign_keys(conn, name).await?,
        triggers: triggers::triggers(conn, name).await?,
    })
}

/// A query, completed by which table it is about: `prefix` is what the columns
/// that name it begin with.
fn of_table(query: &str, prefix: &str, name: &TableName) -> Sql {
    let sql = Sql::new(query).push(&format!("{prefix}_SCHEMA = "));
    let sql = match &name.schema {
        Some(schema) => sql.bind(schema.as_str()),
        None => sql.push("DATABASE()"),
    };
    let column = if prefix == "TABLE" || prefix == "CONSTRAINT" {
        "TABLE_NAME"
    } else {
        "EVENT_OBJECT_TABLE"
    };
    sql.push(&format!(" AND {column} = "))
        .bind(name.name.as_str())
}

async fn rows(conn: &mut Conn, sql: Sql) -> Result<Vec<MySqlRow>, StoreError> {
    let rows = conn.rows(sql).await;
    rows.map_err(|error| store_error(&error, None))
}

/// A text of the catalog; empty for NULL.
fn word(row: &MySqlRow, index: usize) -> Result<String, StoreError> {
    Ok(text(row, index)?.unwrap_or_default())
}
