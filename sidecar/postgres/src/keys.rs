//! Keys in canonical order, page by page.

use std::sync::Arc;

use dualwrite_core::key::Key;
use dualwrite_core::mapping::Table;
use dualwrite_engine::store::{KeyPage, StoreError};
use tokio_postgres::Row;

use crate::conn::auto;
use crate::errors::Stage;
use crate::fences::cell;
use crate::order::{KeyOrder, key_order};
use crate::param::Param;
use crate::sql::{KeyedBy, Sql, key_names, table_name};
use crate::store::PostgresStore;
use crate::text;

pub(crate) async fn keys(
    store: &PostgresStore,
    table: &Arc<Table>,
    after: Option<&Key>,
    until: Option<&Key>,
    limit: u32,
) -> Result<KeyPage, StoreError> {
    let order = key_order(store, table).await?;
    let sql = statement(table, &order, after, until, limit)?;
    let rows = auto(store.pools.control().await?, &sql, Stage::Harmless).await?;
    let mut keys = read(table, &rows)?;
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = keys.len() > limit;
    keys.truncate(limit);
    Ok(KeyPage { keys, more })
}

/// One more than the limit, to see whether more follow.
fn statement(
    table: &Table,
    order: &KeyOrder,
    after: Option<&Key>,
    until: Option<&Key>,
    limit: u32,
) -> Result<Sql, StoreError> {
    let mut sql = Sql::new();
    let mut bounds = Vec::new();
    for (relation, key) in [(">", after), ("<=", until)] {
        if let Some(key) = key {
            bounds.push(order.compare(&mut sql, table, ("t", KeyedBy::Own), relation, key)?);
        }
    }
    let bounds = if bounds.is_empty() {
        "true".to_owned()
    } else {
        bounds.join(" AND ")
    };
    let limit = sql.bind(Param::Long(i64::from(limit) + 1));
    sql.push(&format!(
        "SELECT {} FROM {} AS t WHERE {bounds} ORDER BY {} LIMIT {limit}",
        key_cells(table, "t")?,
        table_name(&table.name)?,
        order.expressions(table, "t", KeyedBy::Own)?
    ));
    Ok(sql)
}

/// The key as an array of text.
pub(crate) fn key_cells(table: &Table, alias: &str) -> Result<String, StoreError> {
    let cells: Vec<String> = key_names(table)?
        .into_iter()
        .map(|name| format!("{alias}.{name}::text"))
        .collect();
    Ok(format!("ARRAY[{}]", cells.join(", ")))
}

/// Keys from rows whose first column is such an array.
pub(crate) fn read(table: &Table, rows: &[Row]) -> Result<Vec<Key>, StoreError> {
    rows.iter()
        .map(|row| text::key(table, cell(row, 0)?))
        .collect()
}

#[cfg(test)]
mod tests {
    use dualwrite_core::value::Value;

    use super::*;
    use crate::order::Sorted;
    use crate::sql::tests::items;

    #[test]
    fn a_range_is_open_below_and_closed_above() {
        let key = |id| Key::new(vec![Value::Int(id)]).unwrap();
        let order = KeyOrder::of(&[Sorted::AsIs]);
        let sql = statement(&items(), &order, Some(&key(3)), Some(&key(9)), 100).unwrap();
        assert_eq!(
            sql.text,
            "SELECT ARRAY[t.\"id\"::text] FROM \"shop\".\"items\" AS t \
             WHERE (t.\"id\") > ($1::text::bigint) AND (t.\"id\") <= ($2::text::bigint) \
             ORDER BY t.\"id\" LIMIT $3::int8"
        );
        let whole = statement(&items(), &order, None, None, 100).unwrap();
        assert!(whole.text.contains("WHERE true ORDER BY"), "{}", whole.text);
    }
}
