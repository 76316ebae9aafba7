//! What the catalog says of tables.

mod collation;
mod constraints;

use dualwrite_core::catalog::{Catalog, ColumnInfo, TableInfo, TriggerInfo};
use dualwrite_core::spec::TableName;
use dualwrite_core::value::Kind;
use dualwrite_engine::store::StoreError;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use crate::connections::Session;
use crate::errors::store_error;
use crate::names::PREFIX;
use crate::sql::Sql;
use crate::types::kind_of;

/// Describes those of the tables that are there.
pub(super) async fn describe(
    session: &mut Session,
    names: &[TableName],
) -> Result<Catalog, StoreError> {
    let mut tables = Vec::with_capacity(names.len());
    for name in names {
        if is_table(session, name).await? {
            tables.push(table(session, name).await?);
        }
    }
    Ok(Catalog {
        tables,
        search_path: Vec::new(),
    })
}

/// Views have no keys, and the only schema is `main`.
async fn is_table(session: &mut Session, name: &TableName) -> Result<bool, StoreError> {
    if name
        .schema
        .as_deref()
        .is_some_and(|schema| schema != "main")
    {
        return Ok(false);
    }
    let sql = Sql::new("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ")
        .bind(name.name.as_str())
        .push(" COLLATE NOCASE");
    Ok(!rows(session, sql).await?.is_empty())
}

async fn table(session: &mut Session, name: &TableName) -> Result<TableInfo, StoreError> {
    let sql = Sql::new(
        "SELECT name, type, \"notnull\", dflt_value IS NOT NULL, pk, hidden FROM pragma_table_xinfo(",
    )
    .bind(name.name.as_str())
    .push(") WHERE hidden <> 1 ORDER BY cid");
    let rows = rows(session, sql).await?;
    let found: Vec<Found> = rows
        .iter()
        .map(Found::read)
        .collect::<Result<_, _>>()
        .map_err(failed)?;

    let mut keyed: Vec<&Found> = found.iter().filter(|column| column.pk > 0).collect();
    keyed.sort_by_key(|column| column.pk);
    let primary_key: Vec<String> = keyed.iter().map(|column| column.name.clone()).collect();
    let rowid = has_rowid_key(&keyed);
    let unsafe_columns = collation::unsafe_columns(session, name, &found).await?;
    let columns = found.iter().map(|column| {
        let unsafe_here = unsafe_columns.contains(&column.name);
        column.info(rowid, unsafe_here)
    });
    Ok(TableInfo {
        name: name.clone(),
        columns: columns.collect(),
        primary_key,
        uniques: constraints::uniques(session, name).await?,
        foreign_keys: constraints::foreign_keys(session, name).await?,
        triggers: triggers(session, name).await?,
    })
}

/// One column, as `table_xinfo` has it.
struct Found {
    name: String,
    native: String,
    not_null: bool,
    has_default: bool,
    pk: i64,
    hidden: i64,
}

impl Found {
    fn read(row: &SqliteRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            name: row.try_get(0)?,
            native: row.try_get(1)?,
            not_null: row.try_get(2)?,
            has_default: row.try_get(3)?,
            pk: row.try_get(4)?,
            hidden: row.try_get(5)?,
        })
    }

    fn info(&self, rowid: bool, collation_unsafe: bool) -> ColumnInfo {
        let kind = kind_of(&self.native);
        let keyed = self.pk > 0;
        ColumnInfo {
            name: self.name.clone(),
            native: self.native.clone(),
            why: kind.as_ref().err().cloned().unwrap_or_default(),
            // Decimals are stored as text, and 1.5 and 1.50 are two texts.
            collation_unsafe: collation_unsafe || kind == Ok(Kind::Decimal),
            kind: kind.ok(),
            // SQLite lets old tables have NULL in a primary key; no key of
            // ours is one, and reading such a key says so.
            nullable: !self.not_null && !keyed,
            has_default: self.has_default || (keyed && rowid),
            // 2 is computed when read, 3 when written.
            generated: matches!(self.hidden, 2 | 3),
        }
    }
}

/// Whether the key is `INTEGER PRIMARY KEY`, which SQLite fills in by itself.
fn has_rowid_key(keyed: &[&Found]) -> bool {
    matches!(keyed, [only] if only.native.eq_ignore_ascii_case("INTEGER"))
}

async fn triggers(
    session: &mut Session,
    table: &TableName,
) -> Result<Vec<TriggerInfo>, StoreError> {
    let sql =
        Sql::new("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = ")
            .bind(table.name.as_str())
            .push(" COLLATE NOCASE ORDER BY name");
    let rows = rows(session, sql).await?;
    let mut triggers = Vec::with_capacity(rows.len());
    for row in &rows {
        let name: String = row.try_get(0).map_err(failed)?;
        let sql: String = row.try_get(1).map_err(failed)?;
        if !name.starts_with(PREFIX) {
            triggers.push(TriggerInfo {
                name,
                changes_rows: changes_rows(&sql),
            });
        }
    }
    Ok(triggers)
}

/// Whether a trigger's body has a word that changes rows, also in a comment or
/// in a text: too many are taken for such, never too few.
fn changes_rows(sql: &str) -> bool {
    let upper = sql.to_ascii_uppercase();
    let mut words = upper
        .split(|c: char| !c.is_alphanumeric() && c != '_')
        .skip_while(|word| *word != "BEGIN");
    words.any(|word| matches!(word, "INSERT" | "UPDATE" | "DELETE" | "REPLACE"))
}

async fn rows(session: &mut Session, sql: Sql) -> Result<Vec<SqliteRow>, StoreError> {
    session.rows(sql).await.map_err(failed)
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "so that it serves map_err as it is"
)]
fn failed(error: sqlx::Error) -> StoreError {
    store_error(&error, None)
}

#[cfg(test)]
mod tests;
