//! What the catalog says of tables.

mod columns;
mod constraints;
mod kinds;
mod triggers;

use std::collections::HashMap;

use dualwrite_core::catalog::{Catalog, TableInfo};
use dualwrite_core::spec::TableName;
use dualwrite_engine::store::StoreError;
use tokio_postgres::Row;

use crate::fences::cell;
use crate::param::Param;
use crate::reads::snapshot;
use crate::sql::{Sql, table_name};
use crate::store::PostgresStore;

/// Tables by their number in the catalog.
type Tables = HashMap<u32, TableInfo>;

/// Reads everything in one snapshot, so that the parts fit together.
pub(crate) async fn describe(
    store: &PostgresStore,
    tables: &[TableName],
) -> Result<Catalog, StoreError> {
    let names: Result<Vec<String>, StoreError> = tables.iter().map(table_name).collect();
    let names = names?;
    let statements = [
        sql(&names, SEARCH_PATH),
        sql(&names, TABLES),
        sql(&names, columns::QUERY),
        sql(&names, constraints::UNIQUE),
        sql(&names, constraints::FOREIGN),
        sql(&names, triggers::QUERY),
    ];
    let answers = snapshot(store.pools.control().await?, &statements).await?;
    let [search_path, found, columns, uniques, foreign, triggers] = answers.as_slice() else {
        return Err(StoreError::Other("the catalog answered in part".into()));
    };
    let mut tables = Tables::new();
    let mut order = Vec::new();
    for row in found {
        let (number, info) = empty(row)?;
        order.push(number);
        tables.insert(number, info);
    }
    each(&mut tables, columns, columns::add)?;
    each(&mut tables, uniques, constraints::add_unique)?;
    each(&mut tables, foreign, constraints::add_foreign)?;
    each(&mut tables, triggers, triggers::add)?;
    let search_path = search_path
        .iter()
        .map(|row| cell(row, 1))
        .collect::<Result<_, _>>()?;
    let tables = order
        .into_iter()
        .filter_map(|number| tables.remove(&number))
        .collect();
    Ok(Catalog {
        tables,
        search_path,
    })
}

/// The tables asked for, as `wanted(oid)`: each name is resolved by the
/// session's own search path. Every query answers the table's number first.
fn sql(names: &[String], query: &str) -> Sql {
    let mut sql = Sql::new();
    let names = sql.bind(Param::Texts(names.iter().cloned().map(Some).collect()));
    sql.push(&format!(
        "WITH wanted AS (SELECT DISTINCT to_regclass(n)::oid AS oid FROM unnest({names}) AS n \
         WHERE to_regclass(n) IS NOT NULL) {query}"
    ));
    sql
}

const SEARCH_PATH: &str = "SELECT 0::oid, p.name::text \
    FROM unnest(current_schemas(false)) WITH ORDINALITY AS p(name, n) ORDER BY p.n";

const TABLES: &str = "SELECT c.oid, n.nspname::text, c.relname::text FROM wanted AS w \
    JOIN pg_class AS c ON c.oid = w.oid AND c.relkind IN ('r', 'p') \
    JOIN pg_namespace AS n ON n.oid = c.relnamespace ORDER BY n.nspname, c.relname";

fn empty(row: &Row) -> Result<(u32, TableInfo), StoreError> {
    let name = TableName {
        schema: Some(cell(row, 1)?),
        name: cell(row, 2)?,
    };
    let info = TableInfo {
        name,
        columns: Vec::new(),
        primary_key: Vec::new(),
        uniques: Vec::new(),
        foreign_keys: Vec::new(),
        triggers: Vec::new(),
    };
    Ok((cell(row, 0)?, info))
}

fn each(
    tables: &mut Tables,
    rows: &[Row],
    add: fn(&mut TableInfo, &Row) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    for row in rows {
        if let Some(table) = tables.get_mut(&cell(row, 0)?) {
            add(table, row)?;
        }
    }
    Ok(())
}
