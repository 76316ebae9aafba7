//! Rows by key: many in one statement, with or without their markers.

use std::sync::Arc;

use dualwrite_core::mapping::Table;
use dualwrite_core::value::Value;
use dualwrite_engine::store::{Pulled, RowKey, StoreError, Token};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, ValueRef};

use crate::cells::{decode_row, encode_key};
use crate::connections::Session;
use crate::errors::store_error;
use crate::names::outbox;
use crate::sql::{Sql, key_names, outbox_key_names, quote};

/// Keys in one statement: few sizes, so that the prepared statements are few.
/// Shorter lists repeat their last key.
const BATCHES: [usize; 3] = [1, 8, 64];

/// Rows by key, in the order of the keys.
pub(super) async fn rows(
    session: &mut Session,
    keys: &[RowKey],
) -> Result<Vec<Option<Vec<Value>>>, StoreError> {
    let pulled = fetch(session, None, keys).await?;
    Ok(pulled.into_iter().map(|pulled| pulled.row).collect())
}

/// Token and row by key, in the order of the keys.
pub(super) async fn pull(
    session: &mut Session,
    service: &str,
    keys: &[RowKey],
) -> Result<Vec<Pulled>, StoreError> {
    fetch(session, Some(service), keys).await
}

async fn fetch(
    session: &mut Session,
    markers_of: Option<&str>,
    keys: &[RowKey],
) -> Result<Vec<Pulled>, StoreError> {
    let mut answers = vec![
        Pulled {
            token: None,
            row: None
        };
        keys.len()
    ];
    for (table, places) in by_table(keys) {
        let mut rest = places.as_slice();
        while !rest.is_empty() {
            let size = batch_size(rest.len());
            let (now, later) = rest.split_at(size.min(rest.len()));
            let sql = select(table, markers_of, keys, now, size)?;
            let found = session
                .rows(sql)
                .await
                .map_err(|error| store_error(&error, Some(table)))?;
            for row in &found {
                let (place, pulled) = decode(table, row)?;
                if let Some(answer) = answers.get_mut(place) {
                    *answer = pulled;
                }
            }
            rest = later;
        }
    }
    Ok(answers)
}

/// The places of the keys of each table.
fn by_table(keys: &[RowKey]) -> Vec<(&Arc<Table>, Vec<usize>)> {
    let mut groups: Vec<(&Arc<Table>, Vec<usize>)> = Vec::new();
    for (place, RowKey { table, .. }) in keys.iter().enumerate() {
        match groups.iter_mut().find(|(other, _)| same(other, table)) {
            Some((_, places)) => places.push(place),
            None => groups.push((table, vec![place])),
        }
    }
    groups
}

fn same(left: &Arc<Table>, right: &Arc<Table>) -> bool {
    Arc::ptr_eq(left, right) || left == right
}

fn batch_size(left: usize) -> usize {
    let largest = BATCHES[BATCHES.len() - 1];
    BATCHES
        .into_iter()
        .find(|size| *size >= left)
        .unwrap_or(largest)
}

/// `WITH k (place, k0) AS (VALUES (0, ?), …) SELECT k.place, m.token,
/// t."id" IS NOT NULL, t."id", … FROM k LEFT JOIN …`
fn select(
    table: &Table,
    markers_of: Option<&str>,
    keys: &[RowKey],
    places: &[usize],
    size: usize,
) -> Result<Sql, StoreError> {
    let parts = 0..table.key.len();
    let mut sql = Sql::new("WITH k (place, ")
        .join(parts, ", ", |sql, part| sql.push(&format!("k{part}")))
        .push(") AS (VALUES ");
    let last = places.last().copied().unwrap_or_default();
    for slot in 0..size {
        let place = places.get(slot).copied().unwrap_or(last);
        let bound = i64::try_from(place).unwrap_or(i64::MAX);
        sql = sql
            .push(if slot == 0 { "(" } else { ", (" })
            .bind(bound)
            .push(", ")
            .join(encode_key(table, &keys[place].key)?, ", ", Sql::bind)
            .push(")");
    }
    let own: Vec<String> = key_names(table).map(quote).collect();
    let token = if markers_of.is_some() {
        "m.token"
    } else {
        "NULL"
    };
    let first = own.first().map_or("", String::as_str);
    sql = sql
        .push(&format!(
            ") SELECT k.place, {token}, t.{first} IS NOT NULL, "
        ))
        .columns(table, "t.")
        .push(" FROM k LEFT JOIN ")
        .table(&table.name)
        .push(" AS t ON ")
        .push(&joined("t", &own));
    if let Some(service) = markers_of {
        let marked: Vec<String> = outbox_key_names(table)
            .iter()
            .map(|name| quote(name))
            .collect();
        sql = sql
            .push(" LEFT JOIN ")
            .name(&outbox(service, table))
            .push(" AS m ON ")
            .push(&joined("m", &marked));
    }
    Ok(sql)
}

fn joined(alias: &str, names: &[String]) -> String {
    let terms = names
        .iter()
        .enumerate()
        .map(|(part, name)| format!("{alias}.{name} = k.k{part}"));
    terms.collect::<Vec<_>>().join(" AND ")
}

fn decode(table: &Table, row: &SqliteRow) -> Result<(usize, Pulled), StoreError> {
    let read = || -> Result<(i64, Option<i64>, bool), sqlx::Error> {
        let token = if row.try_get_raw(1)?.is_null() {
            None
        } else {
            Some(row.try_get(1)?)
        };
        Ok((row.try_get(0)?, token, row.try_get(2)?))
    };
    let (place, token, present) = read().map_err(|error| store_error(&error, Some(table)))?;
    let place = usize::try_from(place).unwrap_or(usize::MAX);
    let row = if present {
        Some(decode_row(table, row, 3)?)
    } else {
        None
    };
    Ok((
        place,
        Pulled {
            token: token.map(Token),
            row,
        },
    ))
}
