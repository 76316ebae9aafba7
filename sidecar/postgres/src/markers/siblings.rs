//! The markers that transactions left, found by their tokens.

use std::sync::Arc;

use dualwrite_core::mapping::Table;
use dualwrite_engine::store::{Marker, RowKey, StoreError, Token};

use crate::fences::cell;
use crate::param::Param;
use crate::reads::snapshot;
use crate::sql::{Sql, key_column, outbox};
use crate::store::PostgresStore;
use crate::text;

/// The markers of these transactions in these tables' outboxes.
pub(crate) async fn siblings(
    store: &PostgresStore,
    service: &str,
    tables: &[Arc<Table>],
    tokens: &[Token],
    limit: u32,
) -> Result<Vec<Marker>, StoreError> {
    let statements: Result<Vec<Sql>, StoreError> = tables
        .iter()
        .map(|table| statement(service, table, tokens, limit))
        .collect();
    let answers = snapshot(store.pools.control().await?, &statements?).await?;
    let mut found = Vec::new();
    for (table, rows) in tables.iter().zip(answers) {
        for row in rows {
            let key = text::key(table, cell(&row, 0)?)?;
            let table = Arc::clone(table);
            found.push(Marker {
                row: RowKey { table, key },
                token: Token(cell(&row, 1)?),
            });
        }
    }
    found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    Ok(found)
}

fn statement(
    service: &str,
    table: &Table,
    tokens: &[Token],
    limit: u32,
) -> Result<Sql, StoreError> {
    let mut sql = Sql::new();
    let tokens = sql.bind(Param::Longs(tokens.iter().map(|token| token.0).collect()));
    let limit = sql.bind(Param::Long(i64::from(limit)));
    let cells: Vec<String> = (0..table.key.len())
        .map(|place| format!("o.{}::text", key_column(place)))
        .collect();
    sql.push(&format!(
        "SELECT ARRAY[{}], o.token FROM {} AS o WHERE o.token = ANY({tokens}) LIMIT {limit}",
        cells.join(", "),
        outbox(service, &table.entity)?,
    ));
    Ok(sql)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::tests::items;

    #[test]
    fn an_outbox_is_read_for_the_tokens() {
        let sql = statement("cart", &items(), &[Token(7), Token(9)], 10).unwrap();
        assert_eq!(
            sql.text,
            "SELECT ARRAY[o.k1::text], o.token FROM dualwrite.\"outbox_cart_item\" AS o \
             WHERE o.token = ANY($1::int8[]) LIMIT $2::int8"
        );
    }
}
