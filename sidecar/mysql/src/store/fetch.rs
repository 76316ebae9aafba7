//! Rows by key: many in one statement, with or without their markers.
//!
//! A row is matched to the key that asked for it by its decoded value, so
//! neither the server's order nor its idea of equality decides.

use std::collections::HashMap;
use std::sync::Arc;

use dualwrite_core::key::Key;
use dualwrite_core::mapping::Table;
use dualwrite_core::value::Value;
use dualwrite_engine::store::{Pulled, RowKey, StoreError, Token};

use crate::cells::{Cell, decode_key, decode_row, encode_key, integer};
use crate::errors::store_error;
use crate::names::outbox;
use crate::pool::Conn;
use crate::sql::{Sql, key_names, outbox_key_names};

/// Keys in one statement: few sizes, so that the prepared statements are few.
/// Shorter lists repeat their last key.
const BATCHES: [usize; 3] = [1, 8, 64];

/// Where the keys of one table stand in the caller's list.
type Places<'a> = HashMap<&'a Key, Vec<usize>>;

/// Rows by key, in the order of the keys.
pub(super) async fn rows(
    conn: &mut Conn,
    keys: &[RowKey],
) -> Result<Vec<Option<Vec<Value>>>, StoreError> {
    let mut answers = vec![None; keys.len()];
    for (table, places) in by_table(keys) {
        for batch in batches(table, &places)? {
            let sql = Sql::new("SELECT ")
                .columns(table)
                .push(" FROM ")
                .table(&table.name)
                .push(" WHERE ")
                .key_is_one_of(&key_names(table), batch);
            let found = conn.rows(sql).await;
            for row in &found.map_err(|error| store_error(&error, Some(table)))? {
                let row = decode_row(table, row, 0)?;
                for place in places.get(&key_of(table, &row)?).into_iter().flatten() {
                    answers[*place] = Some(row.clone());
                }
            }
        }
    }
    Ok(answers)
}

/// Token and row by key, in the order of the keys.
pub(super) async fn pull(
    conn: &mut Conn,
    service: &str,
    keys: &[RowKey],
) -> Result<Vec<Pulled>, StoreError> {
    let rows = rows(conn, keys).await?;
    let mut answers: Vec<Pulled> = rows
        .into_iter()
        .map(|row| Pulled { token: None, row })
        .collect();
    for (table, places) in by_table(keys) {
        let names = outbox_key_names(table);
        for batch in batches(table, &places)? {
            let sql = Sql::new("SELECT ")
                .names(&names)
                .push(", token FROM ")
                .name(&outbox(service, table))
                .push(" WHERE ")
                .key_is_one_of(&names, batch);
            let found = conn.rows(sql).await;
            for row in &found.map_err(|error| store_error(&error, None))? {
                let key = decode_key(table, row, 0)?;
                let token = integer(row, names.len())?.map(Token);
                for place in places.get(&key).into_iter().flatten() {
                    answers[*place].token = token;
                }
            }
        }
    }
    Ok(answers)
}

/// The row of a key, locked until the transaction ends.
pub(super) async fn locked(
    conn: &mut Conn,
    table: &Table,
    key: &Key,
) -> Result<Option<Vec<Value>>, StoreError> {
    one(conn, table, key, " FOR UPDATE").await
}

/// The row of a key, as this transaction sees it.
pub(super) async fn row(
    conn: &mut Conn,
    table: &Table,
    key: &Key,
) -> Result<Option<Vec<Value>>, StoreError> {
    one(conn, table, key, "").await
}

async fn one(
    conn: &mut Conn,
    table: &Table,
    key: &Key,
    mode: &str,
) -> Result<Option<Vec<Value>>, StoreError> {
    let sql = Sql::new("SELECT ")
        .columns(table)
        .push(" FROM ")
        .table(&table.name)
        .push(" WHERE ")
        .key_is(&key_names(table), encode_key(table, key)?)
        .push(mode);
    let found = conn.rows(sql).await;
    let found = found.map_err(|error| store_error(&error, Some(table)))?;
    found
        .first()
        .map(|row| decode_row(table, row, 0))
        .transpose()
}

/// The keys of each table.
fn by_table(keys: &[RowKey]) -> Vec<(&Arc<Table>, Places<'_>)> {
    let mut groups: Vec<(&Arc<Table>, Places<'_>)> = Vec::new();
    for (place, RowKey { table, key }) in keys.iter().enumerate() {
        let at = groups.iter().position(|(other, _)| same(other, table));
        let at = at.unwrap_or_else(|| {
            groups.push((table, Places::new()));
            groups.len() - 1
        });
        groups[at].1.entry(key).or_default().push(place);
    }
    groups
}

fn same(left: &Arc<Table>, right: &Arc<Table>) -> bool {
    Arc::ptr_eq(left, right) || left == right
}

/// The keys in lists of few sizes.
fn batches(table: &Table, places: &Places<'_>) -> Result<Vec<Vec<Vec<Cell>>>, StoreError> {
    let keys = places.keys().map(|key| encode_key(table, key));
    Ok(in_batches(keys.collect::<Result<_, _>>()?))
}

/// Lists of few sizes, the last of which repeats its last key.
pub(super) fn in_batches(mut keys: Vec<Vec<Cell>>) -> Vec<Vec<Vec<Cell>>> {
    let largest = BATCHES[BATCHES.len() - 1];
    let mut batches = Vec::new();
    while !keys.is_empty() {
        let rest = keys.split_off(keys.len().min(largest));
        let mut batch = std::mem::replace(&mut keys, rest);
        let size = BATCHES.into_iter().find(|size| *size >= batch.len());
        if let Some(last) = batch.last().cloned() {
            batch.resize(size.unwrap_or(largest), last);
        }
        batches.push(batch);
    }
    batches
}

fn key_of(table: &Table, row: &[Value]) -> Result<Key, StoreError> {
    let parts = table.key.iter().map(|index| row[*index].clone());
    Key::new(parts.collect()).map_err(|error| StoreError::Value(format!("{}: {error}", table.name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_have_few_sizes_and_lose_no_key() {
        let keys = |count: i64| (0..count).map(|key| vec![Cell::Int(key)]).collect();
        let sizes =
            |count: i64| -> Vec<usize> { in_batches(keys(count)).iter().map(Vec::len).collect() };
        assert_eq!(sizes(0), [0_usize; 0]);
        assert_eq!(sizes(1), [1]);
        assert_eq!(sizes(3), [8]);
        assert_eq!(sizes(130), [64, 64, 8]);
        let all: Vec<Vec<Cell>> = in_batches(keys(130)).concat();
        for key in 0..130 {
            assert!(all.contains(&vec![Cell::Int(key)]), "{key}");
        }
    }
}
