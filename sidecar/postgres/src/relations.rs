//! Which tables there are.

use dualwrite_core::catalog::{Form, Relation};
use dualwrite_core::spec::TableName;
use dualwrite_engine::store::StoreError;
use tokio_postgres::Row;

use crate::conn::auto;
use crate::errors::Stage;
use crate::fences::cell;
use crate::sql::Sql;
use crate::store::PostgresStore;

/// Schemas without the right to use them are left out: not even the name of a
/// table can be looked up there. What an extension brought belongs to it, and
/// is not the application's to move.
const QUERY: &str = "SELECT n.nspname::text, c.relname::text, c.relkind::text, \
    has_table_privilege(c.oid, 'SELECT') \
    FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace \
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition \
    AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname NOT IN ('information_schema', 'dualwrite') \
    AND has_schema_privilege(n.oid, 'USAGE') \
    AND NOT EXISTS (SELECT FROM pg_depend AS d WHERE d.classid = 'pg_class'::regclass \
    AND d.objid = c.oid AND d.deptype = 'e') ORDER BY n.nspname, c.relname";

pub(crate) async fn relations(store: &PostgresStore) -> Result<Vec<Relation>, StoreError> {
    let mut sql = Sql::new();
    sql.push(QUERY);
    let rows = auto(store.pools.control().await?, &sql, Stage::Harmless).await?;
    rows.iter().map(relation).collect()
}

fn relation(row: &Row) -> Result<Relation, StoreError> {
    let name = TableName {
        schema: Some(cell(row, 0)?),
        name: cell(row, 1)?,
    };
    let form = match cell::<String>(row, 2)?.as_str() {
        "v" | "m" => Form::View,
        "f" => Form::Foreign,
        _ if cell(row, 3)? => Form::Table,
        _ => Form::Unreadable,
    };
    Ok(Relation { name, form })
}
