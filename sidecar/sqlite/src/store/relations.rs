//! Which tables there are.

use dualwrite_core::catalog::{Form, Relation};
use dualwrite_core::spec::TableName;
use dualwrite_engine::store::StoreError;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use crate::connections::Session;
use crate::errors::store_error;
use crate::names::PREFIX;
use crate::sql::Sql;

/// Shadow tables are the insides of a virtual table, and names that begin with
/// `sqlite_` are the system's.
const QUERY: &str = "SELECT name, type FROM pragma_table_list WHERE schema = 'main' \
    AND type <> 'shadow' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name";

pub(super) async fn relations(session: &mut Session) -> Result<Vec<Relation>, StoreError> {
    let rows = session.rows(Sql::new(QUERY)).await;
    let rows = rows.map_err(|error| store_error(&error, None))?;
    let relations = rows.iter().map(relation);
    let mut found = relations
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| store_error(&error, None))?;
    found.retain(|relation| !relation.name.name.starts_with(PREFIX));
    Ok(found)
}

fn relation(row: &SqliteRow) -> Result<Relation, sqlx::Error> {
    let form = match row.try_get(1)? {
        "view" => Form::View,
        "virtual" => Form::Foreign,
        _ => Form::Table,
    };
    Ok(Relation {
        name: TableName::bare(row.try_get::<String, _>(0)?),
        form,
    })
}
