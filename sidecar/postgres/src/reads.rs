//! Rows by key, with the fence of the same snapshot.

use dualwrite_core::mapping::Table;
use dualwrite_core::value::Value;
use dualwrite_engine::store::{ReadRows, RowKey, StoreError};
use tokio_postgres::Row;

use crate::conn::{Conn, auto, between, pipeline, refuse, refused_by};
use crate::errors::Stage;
use crate::fences::{Known, cell, fence_sql};
use crate::param::Param;
use crate::sql::{self, FENCE_COLUMNS, Group, Sql, fence_columns, rows_by_key};
use crate::store::PostgresStore;
use crate::text::{self, Cell};

/// Several statements that must see the same.
const SNAPSHOT: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

pub(crate) async fn read(
    store: &PostgresStore,
    service: &str,
    keys: &[RowKey],
) -> Result<ReadRows, StoreError> {
    let groups = sql::by_table(keys, |row| &row.table);
    match groups.as_slice() {
        [only] => one_table(store, service, only).await,
        _ => several_tables(store, service, &groups, keys.len()).await,
    }
}

/// One statement: fence and rows.
async fn one_table(
    store: &PostgresStore,
    service: &str,
    group: &Group<'_, RowKey>,
) -> Result<ReadRows, StoreError> {
    let known = store.fences.known(service);
    let sql = with_fence(service, &known, group)?;
    let rows = auto(store.pools.main().await?, &sql, Stage::Harmless).await?;
    let fence = match rows.first() {
        Some(first) => store.fences.read(service, &known, first)?,
        None => None,
    };
    let read: Result<Vec<_>, _> = rows
        .iter()
        .map(|row| image(group.0, row, FENCE_COLUMNS))
        .collect();
    Ok(ReadRows { fence, rows: read? })
}

/// One snapshot: the fence, then table by table.
async fn several_tables(
    store: &PostgresStore,
    service: &str,
    groups: &[Group<'_, RowKey>],
    count: usize,
) -> Result<ReadRows, StoreError> {
    let known = store.fences.known(service);
    let mut statements = vec![fence_sql(service, &known)];
    for (table, group) in groups {
        statements.push(by_key(table, group)?);
    }
    let answers = snapshot(store.pools.main().await?, &statements).await?;
    let mut answers = answers.into_iter();
    let fence = match answers.next().as_deref() {
        Some([row, ..]) => store.fences.read(service, &known, row)?,
        Some([]) | None => None,
    };
    let mut rows = vec![None; count];
    for ((table, group), answer) in groups.iter().zip(answers) {
        for ((place, _), row) in group.iter().zip(&answer) {
            rows[*place] = image(table, row, 0)?;
        }
    }
    Ok(ReadRows { fence, rows })
}

/// Runs statements in one read-only snapshot, all sent at once, and gives the
/// connection back.
pub(crate) async fn snapshot(conn: Conn, statements: &[Sql]) -> Result<Vec<Vec<Row>>, StoreError> {
    let ready = match conn.all_ready(statements).await {
        Ok(ready) => ready,
        Err(error) => return Err(refuse(conn, &error).await),
    };
    let replies = pipeline(conn.client(), between(SNAPSHOT, &ready, "COMMIT")).await;
    match refused_by(replies) {
        Ok(mut rows) => {
            conn.release();
            rows.pop();
            Ok(rows.into_iter().skip(1).collect())
        }
        Err(error) => Err(refuse(conn, &error).await),
    }
}

/// Rows by key, in the order of the keys; column 0 is the image.
pub(crate) fn by_key(table: &Table, group: &[(usize, &RowKey)]) -> Result<Sql, StoreError> {
    let mut sql = Sql::new();
    let rows = rows_by_key(&mut sql, table, group.iter().map(|(_, row)| &row.key))?;
    sql.push(&format!(
        "SELECT {} FROM {} ORDER BY u.n",
        rows.image, rows.from
    ));
    Ok(sql)
}

/// The row in a column that holds an image.
pub(crate) fn image(
    table: &Table,
    row: &Row,
    place: usize,
) -> Result<Option<Vec<Value>>, StoreError> {
    let cells: Option<Vec<Cell>> = cell(row, place)?;
    cells.map(|cells| text::row(table, cells)).transpose()
}

/// The fence's columns in every row (its settings, which are long, at most once)
/// and the image behind them.
fn with_fence(
    service: &str,
    known: &Known,
    (table, group): &Group<'_, RowKey>,
) -> Result<Sql, StoreError> {
    let mut sql = Sql::new();
    let fence = fence_columns(&mut sql, &known.version, "u.n > 1");
    let service = sql.bind(Param::text(service));
    let rows = rows_by_key(&mut sql, table, group.iter().map(|(_, row)| &row.key))?;
    sql.push(&format!(
        "SELECT {fence}, {} FROM {} LEFT JOIN dualwrite.fence AS f ON f.service = {service} ORDER BY u.n",
        rows.image, rows.from
    ));
    Ok(sql)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use dualwrite_core::key::Key;

    use super::*;

    #[test]
    fn the_fence_is_read_in_the_statement_that_reads_the_rows() {
        let table = Arc::new(sql::tests::lines());
        let key = Key::new(vec![Value::Uuid([1; 16]), Value::Int(2)]).unwrap();
        let row = RowKey {
            table: table.clone(),
            key,
        };
        let sql = with_fence("cart", &Known::default(), &(&table, vec![(0, &row)])).unwrap();
        assert_eq!(
            sql.text,
            "SELECT f.epoch, f.role, f.phase, f.plan_id, f.xmin::text || f.ctid::text, \
             CASE WHEN f.xmin::text || f.ctid::text = $1::text OR u.n > 1 THEN NULL ELSE f.settings END, \
             CASE WHEN t.\"cart\" IS NOT NULL THEN \
             ARRAY['r3', t.\"name\"::text, t.\"cart\"::text, t.\"no\"::text] END \
             FROM unnest($3::text[], $4::text[]) WITH ORDINALITY AS u(c1, c2, n) \
             LEFT JOIN \"shop\".\"lines\" AS t ON t.\"cart\" = u.c1::uuid AND t.\"no\" = u.c2::smallint \
             LEFT JOIN dualwrite.fence AS f ON f.service = $2::text ORDER BY u.n"
        );
    }
}
