//! Reading markers, and removing those whose keys are known to have arrived.

mod clear;
mod siblings;

use std::sync::Arc;

use dualwrite_core::key::Key;
use dualwrite_core::mapping::Table;
use dualwrite_engine::store::{Marker, RowKey, StoreError, Token};

use crate::conn::auto;
use crate::errors::Stage;
use crate::fences::cell;
use crate::order::{KeyOrder, key_order};
use crate::param::Param;
use crate::sql::{KeyedBy, Sql, key_column, outbox};
use crate::store::PostgresStore;
use crate::text;

pub(crate) use clear::clear;
pub(crate) use siblings::siblings;

/// Markers of one entity behind a key, in key order.
pub(crate) async fn page(
    store: &PostgresStore,
    service: &str,
    table: &Arc<Table>,
    after: Option<&Key>,
    limit: u32,
) -> Result<Vec<Marker>, StoreError> {
    let order = key_order(store, table).await?;
    let sql = statement(service, table, &order, after, limit)?;
    let rows = auto(store.pools.control().await?, &sql, Stage::Harmless).await?;
    rows.iter()
        .map(|row| {
            let key = text::key(table, cell(row, 0)?)?;
            let row_key = RowKey {
                table: table.clone(),
                key,
            };
            Ok(Marker {
                row: row_key,
                token: Token(cell(row, 1)?),
            })
        })
        .collect()
}

fn statement(
    service: &str,
    table: &Table,
    order: &KeyOrder,
    after: Option<&Key>,
    limit: u32,
) -> Result<Sql, StoreError> {
    let mut sql = Sql::new();
    let outbox_keys = ("o", KeyedBy::Place);
    let after = match after {
        Some(key) => order.compare(&mut sql, table, outbox_keys, ">", key)?,
        None => "true".to_owned(),
    };
    let limit = sql.bind(Param::Long(i64::from(limit)));
    let cells: Vec<String> = (0..table.key.len())
        .map(|place| format!("o.{}::text", key_column(place)))
        .collect();
    sql.push(&format!(
        "SELECT ARRAY[{}], o.token FROM {} AS o WHERE {after} ORDER BY {} LIMIT {limit}",
        cells.join(", "),
        outbox(service, &table.entity)?,
        order.expressions(table, "o", KeyedBy::Place)?
    ));
    Ok(sql)
}

#[cfg(test)]
mod tests {
    use dualwrite_core::value::Value;

    use super::*;
    use crate::order::Sorted;
    use crate::sql::tests::items;

    #[test]
    fn markers_come_in_key_order_from_behind_a_key() {
        let order = KeyOrder::of(&[Sorted::AsIs]);
        let key = Key::new(vec![Value::Int(7)]).unwrap();
        let sql = statement("cart", &items(), &order, Some(&key), 10).unwrap();
        assert_eq!(
            sql.text,
            "SELECT ARRAY[o.k1::text], o.token FROM dualwrite.\"outbox_cart_item\" AS o \
             WHERE (o.k1) > ($1::text::bigint) ORDER BY o.k1 LIMIT $2::int8"
        );
    }
}
