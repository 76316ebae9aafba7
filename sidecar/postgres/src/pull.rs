//! Token and row of keys, in one snapshot: the only way a row is copied.

use dualwrite_core::mapping::Table;
use dualwrite_engine::store::{Pulled, RowKey, StoreError, Token};
use tokio_postgres::Row;

use crate::conn::auto;
use crate::errors::Stage;
use crate::fences::cell;
use crate::reads::snapshot;
use crate::sql::{self, Group, KeyedBy, Sql, by_key, outbox, rows_by_key};
use crate::store::PostgresStore;
use crate::text::{self, Cell};

pub(crate) async fn pull(
    store: &PostgresStore,
    service: &str,
    keys: &[RowKey],
) -> Result<Vec<Pulled>, StoreError> {
    let groups = sql::by_table(keys, |row| &row.table);
    let statements: Result<Vec<Sql>, StoreError> = groups
        .iter()
        .map(|group| statement(service, group))
        .collect();
    let statements = statements?;
    let answers = match statements.as_slice() {
        [] => Vec::new(),
        // One statement is one snapshot.
        [only] => vec![auto(store.pools.control().await?, only, Stage::Harmless).await?],
        _ => snapshot(store.pools.control().await?, &statements).await?,
    };
    let mut pulled = vec![
        Pulled {
            token: None,
            row: None
        };
        keys.len()
    ];
    for ((table, group), rows) in groups.iter().zip(answers) {
        for ((place, _), row) in group.iter().zip(&rows) {
            pulled[*place] = read(table, row)?;
        }
    }
    Ok(pulled)
}

fn statement(service: &str, (table, group): &Group<'_, RowKey>) -> Result<Sql, StoreError> {
    let mut sql = Sql::new();
    let rows = rows_by_key(&mut sql, table, group.iter().map(|(_, row)| &row.key))?;
    sql.push(&format!(
        "SELECT o.token, {} FROM {} LEFT JOIN {} AS o ON {} ORDER BY u.n",
        rows.image,
        rows.from,
        outbox(service, &table.entity)?,
        by_key(table, "o", KeyedBy::Place, "u")?
    ));
    Ok(sql)
}

fn read(table: &Table, row: &Row) -> Result<Pulled, StoreError> {
    let token: Option<i64> = cell(row, 0)?;
    let cells: Option<Vec<Cell>> = cell(row, 1)?;
    let row = cells.map(|cells| text::row(table, cells)).transpose()?;
    Ok(Pulled {
        token: token.map(Token),
        row,
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use dualwrite_core::key::Key;
    use dualwrite_core::value::Value;

    use super::*;

    #[test]
    fn marker_and_row_are_read_in_one_statement() {
        let table = Arc::new(sql::tests::items());
        let row = RowKey {
            table: table.clone(),
            key: Key::new(vec![Value::Int(7)]).unwrap(),
        };
        let sql = statement("cart", &(&table, vec![(0, &row)])).unwrap();
        assert_eq!(
            sql.text,
            "SELECT o.token, CASE WHEN t.\"id\" IS NOT NULL THEN \
             ARRAY['r3', t.\"id\"::text, t.\"qty\"::text, t.\"note\"::text] END \
             FROM unnest($1::text[]) WITH ORDINALITY AS u(c1, n) \
             LEFT JOIN \"shop\".\"items\" AS t ON t.\"id\" = u.c1::bigint \
             LEFT JOIN dualwrite.\"outbox_cart_item\" AS o ON o.k1 = u.c1::bigint ORDER BY u.n"
        );
    }
}
