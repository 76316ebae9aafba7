//! Keys in canonical order.
//!
//! SQLite's own order of a key column is the canonical one: integers by
//! number, texts bytewise (collations that are not are refused in keys), blobs
//! bytewise, and calendar values by their fixed-width text.

use std::sync::Arc;

use dualwrite_core::key::Key;
use dualwrite_core::mapping::Table;
use dualwrite_engine::store::{KeyPage, StoreError};
use sqlx::Row;

use crate::cells::{decode_key, encode_key};
use crate::connections::Session;
use crate::errors::store_error;
use crate::sql::{Sql, own_key_names};

/// One page of keys.
pub(super) async fn keys(
    session: &mut Session,
    table: &Arc<Table>,
    after: Option<&Key>,
    until: Option<&Key>,
    limit: u32,
) -> Result<KeyPage, StoreError> {
    let names = own_key_names(table);
    let mut sql = Sql::new("SELECT ")
        .key_columns(table)
        .push(" FROM ")
        .table(&table.name);
    let mut word = " WHERE ";
    for (bound, operator) in [(after, ">"), (until, "<=")] {
        if let Some(bound) = bound {
            sql = sql
                .push(word)
                .key_compares(&names, operator, encode_key(table, bound)?);
            word = " AND ";
        }
    }
    // One more than asked for tells whether there is more.
    let sql = sql
        .push(" ORDER BY ")
        .key_columns(table)
        .push(" LIMIT ")
        .bind(i64::from(limit) + 1);
    let rows = session
        .rows(sql)
        .await
        .map_err(|error| store_error(&error, Some(table)))?;
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let page = rows.iter().take(limit).map(|row| decode_key(table, row, 0));
    Ok(KeyPage {
        keys: page.collect::<Result<_, _>>()?,
        more: rows.len() > limit,
    })
}

/// Keys that end ranges of like size, and the number of rows.
pub(super) async fn split(
    session: &mut Session,
    table: &Arc<Table>,
    parts: u32,
) -> Result<(Vec<Key>, u64), StoreError> {
    let sql = Sql::new("SELECT count(*) FROM ").table(&table.name);
    let rows = session
        .rows(sql)
        .await
        .map_err(|error| store_error(&error, Some(table)))?;
    let count: i64 = match rows.first() {
        Some(row) => row
            .try_get(0)
            .map_err(|error| store_error(&error, Some(table)))?,
        None => 0,
    };
    let mut ends: Vec<Key> = Vec::new();
    for part in 1..parts {
        let Some(offset) = end_of(part, parts, count) else {
            continue;
        };
        let sql = Sql::new("SELECT ")
            .key_columns(table)
            .push(" FROM ")
            .table(&table.name)
            .push(" ORDER BY ")
            .key_columns(table)
            .push(" LIMIT 1 OFFSET ")
            .bind(offset);
        let rows = session
            .rows(sql)
            .await
            .map_err(|error| store_error(&error, Some(table)))?;
        if let Some(row) = rows.first() {
            ends.push(decode_key(table, row, 0)?);
        }
    }
    ends.dedup();
    Ok((ends, u64::try_from(count).unwrap_or(0)))
}

/// The place, from 0, of the last row of a part; `None` when it has none. The
/// last part has no end, so that it takes what comes behind.
fn end_of(part: u32, parts: u32, count: i64) -> Option<i64> {
    let rows = i128::from(count) * i128::from(part) / i128::from(parts);
    i64::try_from(rows - 1)
        .ok()
        .filter(|offset| *offset >= 0 && *offset < count - 1)
}

#[cfg(test)]
mod tests {
    use super::end_of;

    #[test]
    fn parts_are_of_like_size_and_none_is_empty() {
        let ends = |parts: u32, count: i64| -> Vec<i64> {
            (1..parts)
                .filter_map(|part| end_of(part, parts, count))
                .collect()
        };
        assert_eq!(ends(4, 100), [24, 49, 74]);
        assert_eq!(ends(3, 2), [0]);
        assert_eq!(ends(4, 1), [] as [i64; 0]);
        assert_eq!(ends(4, 0), [] as [i64; 0]);
        assert_eq!(ends(1, 100), [] as [i64; 0]);
    }
}
