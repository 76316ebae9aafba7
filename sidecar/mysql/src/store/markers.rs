//! Markers: left by writers, taken away by the relay.

use std::sync::Arc;

use dualwrite_core::key::Key;
use dualwrite_core::mapping::Table;
use dualwrite_engine::store::{Marker, RowKey, StoreError, Token};

use super::range::{Bound, beyond};
use crate::cells::{Cell, decode_key, encode_key, integer};
use crate::errors::store_error;
use crate::names::outbox;
use crate::pool::Conn;
use crate::sql::{Sql, outbox_key_names};

/// Markers in one statement.
const BATCH: usize = 64;

/// Leaves a marker for each key, or gives the one that stands there this
/// token. An outbox has no other unique key than its first, so that `ON
/// DUPLICATE KEY` can mean nothing else.
pub(super) async fn leave<'a>(
    conn: &mut Conn,
    service: &str,
    epoch: u64,
    token: Token,
    keys: impl Iterator<Item = (&'a Arc<Table>, &'a Key)>,
) -> Result<(), StoreError> {
    let mut groups: Vec<(&Arc<Table>, Vec<Vec<Cell>>)> = Vec::new();
    for (table, key) in keys {
        let cells = encode_key(table, key)?;
        match groups.last_mut() {
            Some((last, cells_of)) if last.entity == table.entity && cells_of.len() < BATCH => {
                cells_of.push(cells);
            }
            Some(_) | None => groups.push((table, vec![cells])),
        }
    }
    for (table, keys) in groups {
        let row = |sql: Sql, key: Vec<Cell>| {
            let sql = sql.push("(").join(key, ", ", Sql::bind).push(", ");
            sql.bind(token.0).push(", ").bind(epoch).push(")")
        };
        let sql = Sql::new("INSERT INTO ")
            .name(&outbox(service, table))
            .push(" (")
            .names(&outbox_key_names(table))
            .push(", token, epoch) VALUES ")
            .join(keys, ", ", row)
            .push(" ON DUPLICATE KEY UPDATE token = VALUES(token), epoch = VALUES(epoch)");
        let done = conn.run(sql).await;
        done.map_err(|error| store_error(&error, None))?;
    }
    Ok(())
}

/// Removes each marker of which key and token match, and that nobody holds: a
/// locked one is being replaced anyway.
pub(super) async fn clear(
    conn: &mut Conn,
    service: &str,
    markers: &[Marker],
) -> Result<u64, StoreError> {
    let mut cleared = 0;
    for group in markers.chunk_by(|one, other| one.row.table == other.row.table) {
        for batch in group.chunks(BATCH) {
            cleared += clear_batch(conn, service, batch).await?;
        }
    }
    Ok(cleared)
}

async fn clear_batch(
    conn: &mut Conn,
    service: &str,
    markers: &[Marker],
) -> Result<u64, StoreError> {
    let Some(table) = markers.first().map(|marker| &marker.row.table) else {
        return Ok(0);
    };
    let (outbox, names) = (outbox(service, table), outbox_key_names(table));
    let keys = markers
        .iter()
        .map(|marker| Ok((encode_key(table, &marker.row.key)?, marker.token)));
    let mut keys = keys.collect::<Result<Vec<_>, StoreError>>()?;
    if let Some(last) = keys.last().cloned() {
        // Few sizes, so that the prepared statements are few.
        keys.resize(if keys.len() == 1 { 1 } else { BATCH }, last);
    }
    let matching = |sql: Sql, (key, token): (Vec<Cell>, Token)| {
        let sql = sql.push("(").key_is(&names, key).push(" AND token = ");
        sql.bind(token.0).push(")")
    };
    let free = Sql::new("SELECT ")
        .names(&names)
        .push(" FROM ")
        .name(&outbox)
        .push(" WHERE ")
        .join(keys, " OR ", matching)
        .push(" ORDER BY ")
        .names(&names)
        .push(" FOR UPDATE SKIP LOCKED");
    let free = conn.rows(free).await;
    let free = free.map_err(|error| store_error(&error, None))?;
    let keys = free.iter().map(|row| {
        let key = decode_key(table, row, 0)?;
        encode_key(table, &key)
    });
    let mut cleared = 0;
    for batch in super::fetch::in_batches(keys.collect::<Result<_, _>>()?) {
        let sql = Sql::new("DELETE FROM ")
            .name(&outbox)
            .push(" WHERE ")
            .key_is_one_of(&names, batch);
        let done = conn.run(sql).await;
        cleared += done.map_err(|error| store_error(&error, None))?;
    }
    Ok(cleared)
}

/// Markers of one entity in key order.
pub(super) async fn list(
    conn: &mut Conn,
    service: &str,
    table: &Arc<Table>,
    after: Option<&Key>,
    limit: u32,
) -> Result<Vec<Marker>, StoreError> {
    let names = outbox_key_names(table);
    let mut sql = Sql::new("SELECT ")
        .names(&names)
        .push(", token FROM ")
        .name(&outbox(service, table));
    if let Some(after) = after {
        sql = beyond(sql.push(" WHERE "), table, &names, Bound::After, after)?;
    }
    let sql = super::range::ordered(sql, table, &names)
        .push(" LIMIT ")
        .bind(limit);
    let rows = conn.rows(sql).await;
    let rows = rows.map_err(|error| store_error(&error, None))?;
    let marker = |row| {
        let key = decode_key(table, row, 0)?;
        let token = integer(row, names.len())?.unwrap_or_default();
        Ok(Marker {
            row: RowKey {
                table: Arc::clone(table),
                key,
            },
            token: Token(token),
        })
    };
    rows.iter().map(marker).collect()
}
