//! Keys in canonical order.
//!
//! The server's own order of a key column is the canonical one: integers by
//! number, texts and bytes bytewise (collations that are not are refused in
//! keys), calendar values by time. Only its UUIDs are sorted by another rule
//! than their bytes; they are sorted as text, which no index serves.

use std::sync::Arc;

use dualwrite_core::key::Key;
use dualwrite_core::mapping::Table;
use dualwrite_core::value::Kind;
use dualwrite_engine::store::{KeyPage, StoreError};

use crate::cells::{Cell, decode_key, encode_key, integer};
use crate::errors::store_error;
use crate::pool::Conn;
use crate::sql::{Sql, key_names, quote};

/// On which side of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bound {
    /// Behind it.
    After,
    /// Before it, or it itself.
    Until,
}

/// One page of keys.
pub(super) async fn keys(
    conn: &mut Conn,
    table: &Arc<Table>,
    after: Option<&Key>,
    until: Option<&Key>,
    limit: u32,
) -> Result<KeyPage, StoreError> {
    let names = key_names(table);
    let mut sql = select(table);
    let mut word = " WHERE ";
    for (bound, key) in [(Bound::After, after), (Bound::Until, until)] {
        if let Some(key) = key {
            sql = beyond(sql.push(word), table, &names, bound, key)?;
            word = " AND ";
        }
    }
    // One more than asked for tells whether there is more.
    let sql = ordered(sql, table, &names)
        .push(" LIMIT ")
        .bind(i64::from(limit) + 1);
    let rows = conn.rows(sql).await;
    let rows = rows.map_err(|error| store_error(&error, Some(table)))?;
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let page = rows.iter().take(limit).map(|row| decode_key(table, row, 0));
    Ok(KeyPage {
        keys: page.collect::<Result<_, _>>()?,
        more: rows.len() > limit,
    })
}

/// Keys that end ranges of like size, and the number of rows. Each end is
/// looked for behind the last one, so that together they are one pass.
pub(super) async fn split(
    conn: &mut Conn,
    table: &Arc<Table>,
    parts: u32,
) -> Result<(Vec<Key>, u64), StoreError> {
    let sql = Sql::new("SELECT COUNT(*) FROM ").table(&table.name);
    let rows = conn.rows(sql).await;
    let rows = rows.map_err(|error| store_error(&error, Some(table)))?;
    let count = match rows.first() {
        Some(row) => integer(row, 0)?.unwrap_or_default(),
        None => 0,
    };
    let names = key_names(table);
    let mut ends: Vec<Key> = Vec::new();
    let mut passed = 0;
    for part in 1..parts {
        let Some(end) = end_of(part, parts, count).filter(|end| *end >= passed) else {
            continue;
        };
        let mut sql = select(table);
        if let Some(last) = ends.last() {
            sql = beyond(sql.push(" WHERE "), table, &names, Bound::After, last)?;
        }
        let sql = ordered(sql, table, &names)
            .push(" LIMIT 1 OFFSET ")
            .bind(end - passed);
        let rows = conn.rows(sql).await;
        let rows = rows.map_err(|error| store_error(&error, Some(table)))?;
        // Rows went meanwhile: the last range has no end anyway.
        let Some(row) = rows.first() else { break };
        ends.push(decode_key(table, row, 0)?);
        passed = end + 1;
    }
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

fn select(table: &Table) -> Sql {
    Sql::new("SELECT ")
        .names(&key_names(table))
        .push(" FROM ")
        .table(&table.name)
}

/// Appends the order of keys that stand in these columns.
pub(super) fn ordered(sql: Sql, table: &Table, names: &[String]) -> Sql {
    let sql = sql.push(" ORDER BY ");
    sql.join(sorted(table, names), ", ", |sql, name| sql.push(&name))
}

/// What to sort by, for keys in these columns.
fn sorted(table: &Table, names: &[String]) -> Vec<String> {
    let kinds = table.key.iter().map(|index| table.columns[*index].kind);
    let sorted = names.iter().zip(kinds).map(|(name, kind)| {
        if kind == Kind::Uuid {
            format!("CAST({} AS CHAR(36))", quote(name))
        } else {
            quote(name)
        }
    });
    sorted.collect()
}

/// Appends that the key in these columns lies on one side of another: ``(`a` >
/// ? OR (`a` = ? AND `b` > ?))``. Of this, and not of tuples, the server makes
/// ranges of the index.
pub(super) fn beyond(
    sql: Sql,
    table: &Table,
    names: &[String],
    bound: Bound,
    key: &Key,
) -> Result<Sql, StoreError> {
    let (parts, cells) = (sorted(table, names), encode_key(table, key)?);
    let operator = match bound {
        Bound::After => " > ",
        Bound::Until => " < ",
    };
    let equal = |sql: Sql, upto: usize| {
        let pairs = parts.iter().zip(cells.iter().cloned()).take(upto);
        pairs.fold(sql, |sql, (name, cell): (_, Cell)| {
            sql.push(name).push(" = ").bind(cell).push(" AND ")
        })
    };
    let mut sql = sql.push("(");
    for (place, (name, cell)) in parts.iter().zip(&cells).enumerate() {
        sql = sql.push(if place > 0 { " OR (" } else { "(" });
        let last = place + 1 == parts.len();
        let operator = match bound {
            Bound::Until if last => " <= ",
            Bound::After | Bound::Until => operator,
        };
        sql = equal(sql, place).push(name).push(operator);
        sql = sql.bind(cell.clone()).push(")");
    }
    Ok(sql.push(")"))
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
        assert_eq!(ends(1, 100), [] as [i64; 0]);
    }
}
