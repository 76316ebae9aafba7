//! Moving sequences past what is there, before a side becomes primary.

use std::sync::Arc;

use dualwrite_core::mapping::Table;
use dualwrite_engine::store::StoreError;

use crate::conn::auto;
use crate::errors::Stage;
use crate::fences::cell;
use crate::param::Param;
use crate::sql::{Sql, ident, table_name};
use crate::store::PostgresStore;

pub(crate) async fn advance(
    store: &PostgresStore,
    tables: &[Arc<Table>],
) -> Result<(), StoreError> {
    for table in tables {
        for (column, sequence) in sequences(store, table).await? {
            let sql = advance_one(table, &column, &sequence)?;
            auto(store.pools.control().await?, &sql, Stage::Harmless).await?;
        }
    }
    Ok(())
}

/// The sequences that the table's columns draw from, with a quoted name each:
/// those of identity and serial columns, and those in defaults.
async fn sequences(
    store: &PostgresStore,
    table: &Table,
) -> Result<Vec<(String, String)>, StoreError> {
    let mut sql = Sql::new();
    let name = sql.bind(Param::text(table_name(&table.name)?));
    let columns = table
        .columns
        .iter()
        .map(|column| Some(column.name.clone()))
        .collect();
    let columns = sql.bind(Param::Texts(columns));
    sql.push(&format!(
        "SELECT DISTINCT a.attname::text, format('%I.%I', n.nspname, s.relname) \
         FROM pg_attribute AS a \
         LEFT JOIN pg_attrdef AS ad ON ad.adrelid = a.attrelid AND ad.adnum = a.attnum \
         JOIN pg_depend AS d ON \
         (d.classid = 'pg_attrdef'::regclass AND d.objid = ad.oid AND d.refclassid = 'pg_class'::regclass) \
         OR (d.refclassid = 'pg_class'::regclass AND d.refobjid = a.attrelid AND d.refobjsubid = a.attnum \
         AND d.classid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')) \
         JOIN pg_class AS s ON s.relkind = 'S' \
         AND s.oid = CASE WHEN d.classid = 'pg_attrdef'::regclass THEN d.refobjid ELSE d.objid END \
         JOIN pg_namespace AS n ON n.oid = s.relnamespace \
         WHERE a.attrelid = to_regclass({name}) AND a.attname = ANY ({columns}) \
         AND NOT a.attisdropped"
    ));
    let rows = auto(store.pools.control().await?, &sql, Stage::Harmless).await?;
    rows.iter()
        .map(|row| Ok((cell(row, 0)?, cell(row, 1)?)))
        .collect()
}

/// Never backwards. Sequences that count down are left alone.
fn advance_one(table: &Table, column: &str, sequence: &str) -> Result<Sql, StoreError> {
    let mut sql = Sql::new();
    let name = sql.bind(Param::text(sequence));
    sql.push(&format!(
        "SELECT setval({name}::regclass, m.max) \
         FROM (SELECT max({})::int8 AS max FROM {}) AS m, {sequence} AS s \
         WHERE m.max >= s.last_value \
         AND (SELECT q.seqincrement > 0 FROM pg_sequence AS q WHERE q.seqrelid = {name}::regclass)",
        ident(column)?,
        table_name(&table.name)?,
    ));
    Ok(sql)
}
