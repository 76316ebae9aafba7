//! Keys that split a table in ranges of like size.

use std::sync::Arc;

use dualwrite_core::key::Key;
use dualwrite_core::mapping::Table;
use dualwrite_engine::store::StoreError;

use crate::conn::auto;
use crate::errors::Stage;
use crate::fences::cell;
use crate::keys::{key_cells, read};
use crate::order::{KeyOrder, key_order};
use crate::param::Param;
use crate::sql::{KeyedBy, Sql, table_name};
use crate::store::PostgresStore;

/// Up to so many rows the bounds are taken from all keys.
const WHOLE_MAX: i64 = 100_000;

/// About so many keys are sampled of a larger table: a hundred for each of a
/// hundred ranges.
const SAMPLE: i64 = 10_000;

pub(crate) async fn split(
    store: &PostgresStore,
    table: &Arc<Table>,
    parts: u32,
) -> Result<(Vec<Key>, u64), StoreError> {
    let estimate = match estimated(store, table).await? {
        estimate if estimate > WHOLE_MAX => estimate,
        // Unknown, or so small that counting is cheap.
        _ => counted(store, table).await?,
    };
    let rows = u64::try_from(estimate).unwrap_or_default();
    if parts < 2 || rows < 2 {
        return Ok((Vec::new(), rows));
    }
    let order = key_order(store, table).await?;
    let sql = statement(table, &order, parts, sample(estimate))?;
    let found = auto(store.pools.control().await?, &sql, Stage::Harmless).await?;
    Ok((read(table, &found)?, rows))
}

/// What the statistics say; -1 when they say nothing.
async fn estimated(store: &PostgresStore, table: &Table) -> Result<i64, StoreError> {
    let mut sql = Sql::new();
    let name = sql.bind(Param::text(table_name(&table.name)?));
    sql.push(&format!(
        "SELECT reltuples::int8 FROM pg_class WHERE oid = to_regclass({name})"
    ));
    let rows = auto(store.pools.control().await?, &sql, Stage::Harmless).await?;
    rows.first().map_or(Ok(-1), |row| cell(row, 0))
}

async fn counted(store: &PostgresStore, table: &Table) -> Result<i64, StoreError> {
    let mut sql = Sql::new();
    sql.push(&format!(
        "SELECT count(*) FROM {}",
        table_name(&table.name)?
    ));
    let rows = auto(store.pools.control().await?, &sql, Stage::Harmless).await?;
    rows.first().map_or(Ok(0), |row| cell(row, 0))
}

/// How much of the table to sample, in percent; `None` for all of it.
fn sample(estimate: i64) -> Option<String> {
    if estimate <= WHOLE_MAX {
        return None;
    }
    // In millionths of a percent: integers suffice.
    let share = SAMPLE.saturating_mul(100_000_000) / estimate.max(1);
    Some(format!("{}.{:06}", share / 1_000_000, share % 1_000_000))
}

/// The last key of each range but the last one.
fn statement(
    table: &Table,
    order: &KeyOrder,
    parts: u32,
    sample: Option<String>,
) -> Result<Sql, StoreError> {
    let mut sql = Sql::new();
    let parts = sql.bind(Param::Long(i64::from(parts)));
    let sample = sample
        .map(|share| format!(" TABLESAMPLE SYSTEM ({share})"))
        .unwrap_or_default();
    sql.push(&format!(
        "SELECT k.key FROM (SELECT {} AS key, row_number() OVER (ORDER BY {by}) AS n, \
         count(*) OVER () AS rows FROM {} AS t{sample}) AS k \
         WHERE k.n < k.rows AND k.n * {parts} / k.rows > (k.n - 1) * {parts} / k.rows ORDER BY k.n",
        key_cells(table, "t")?,
        table_name(&table.name)?,
        by = order.expressions(table, "t", KeyedBy::Own)?,
    ));
    Ok(sql)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_large_tables_are_sampled() {
        assert_eq!(sample(100_000), None);
        assert_eq!(sample(1_000_000).as_deref(), Some("1.000000"));
        assert_eq!(sample(3_000_000_000).as_deref(), Some("0.000333"));
    }
}
