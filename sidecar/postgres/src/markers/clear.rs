//! Removing markers.

use dualwrite_core::mapping::Table;
use dualwrite_engine::store::{Marker, StoreError};

use crate::conn::{between, pipeline, refuse, refused_by};
use crate::errors::Stage;
use crate::fences::cell;
use crate::param::Param;
use crate::sql::{self, KeyedBy, Sql, by_key, key_column, key_texts, outbox};
use crate::store::PostgresStore;

/// The removal need not survive a crash: a marker that comes back is copied
/// once more and removed again. So nobody waits for the disk here; a hand-over
/// that found the outbox empty commits behind it, and flushes both.
const BEGIN: &str =
    "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; SET LOCAL synchronous_commit = off";

/// Removes each marker whose key and token both match; skips those that
/// somebody holds locked, which are being replaced anyway.
pub(crate) async fn clear(
    store: &PostgresStore,
    service: &str,
    markers: &[Marker],
) -> Result<u64, StoreError> {
    let groups = sql::by_table(markers, |marker| &marker.row.table);
    if groups.is_empty() {
        return Ok(0);
    }
    let mut statements = Vec::with_capacity(groups.len());
    for (table, group) in &groups {
        let group: Vec<&Marker> = group.iter().map(|(_, marker)| *marker).collect();
        statements.push(statement(service, table, &group)?);
    }
    let conn = store.pools.control().await?;
    let ready = match conn.all_ready(&statements).await {
        Ok(ready) => ready,
        Err(error) => return Err(refuse(conn, &error).await),
    };
    let replies = pipeline(conn.client(), between(BEGIN, &ready, "COMMIT")).await;
    match refused_by(replies) {
        Ok(rows) => {
            conn.release();
            rows.iter().flatten().try_fold(0, |sum, row| {
                let gone: i64 = cell(row, 0)?;
                Ok(sum + gone.unsigned_abs())
            })
        }
        Err(error) if crate::errors::goes_on(&error) => Err(refuse(conn, &error).await),
        Err(error) => Err(crate::errors::statement(&error, Stage::Decisive)),
    }
}

fn statement(service: &str, table: &Table, markers: &[&Marker]) -> Result<Sql, StoreError> {
    let mut sql = Sql::new();
    let outbox = outbox(service, &table.entity)?;
    let set = sql.bind_rows(
        key_texts(table, markers.iter().map(|marker| &marker.row.key))?,
        "u",
    );
    let tokens = sql.bind(Param::Longs(
        markers.iter().map(|marker| marker.token.0).collect(),
    ));
    let names: Vec<String> = (0..table.key.len())
        .map(|place| format!("o.{}", key_column(place)))
        .collect();
    let same: Vec<String> = (0..table.key.len())
        .map(|place| format!("o.{name} = d.{name}", name = key_column(place)))
        .collect();
    sql.push(&format!(
        "WITH d AS (SELECT {names}, o.token FROM {set} JOIN {outbox} AS o ON {on} \
         AND o.token = ({tokens})[u.n] ORDER BY {names} FOR UPDATE OF o SKIP LOCKED), \
         gone AS (DELETE FROM {outbox} AS o USING d WHERE {same} AND o.token = d.token RETURNING 1) \
         SELECT count(*) FROM gone",
        names = names.join(", "),
        on = by_key(table, "o", KeyedBy::Place, "u")?,
        same = same.join(" AND "),
    ));
    Ok(sql)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use dualwrite_core::key::Key;
    use dualwrite_core::value::Value;
    use dualwrite_engine::store::{RowKey, Token};

    use super::*;
    use crate::sql::tests::items;

    #[test]
    fn a_marker_goes_only_by_key_and_token_together() {
        let table = Arc::new(items());
        let row = RowKey {
            table: table.clone(),
            key: Key::new(vec![Value::Int(7)]).unwrap(),
        };
        let sql = statement(
            "cart",
            &table,
            &[&Marker {
                row,
                token: Token(5),
            }],
        )
        .unwrap();
        assert_eq!(
            sql.text,
            "WITH d AS (SELECT o.k1, o.token FROM unnest($1::text[]) WITH ORDINALITY AS u(c1, n) \
             JOIN dualwrite.\"outbox_cart_item\" AS o ON o.k1 = u.c1::bigint \
             AND o.token = ($2::int8[])[u.n] ORDER BY o.k1 FOR UPDATE OF o SKIP LOCKED), \
             gone AS (DELETE FROM dualwrite.\"outbox_cart_item\" AS o USING d \
             WHERE o.k1 = d.k1 AND o.token = d.token RETURNING 1) SELECT count(*) FROM gone"
        );
    }
}
