//! What is outstanding and what is set aside.

use std::sync::Arc;

use dualwrite_core::key::Key;
use dualwrite_core::mapping::Table;
use dualwrite_core::value::Kind;
use dualwrite_engine::store::{Backlog, Quarantined, RowKey, StoreError};
use sqlx::mysql::MySqlRow;
use sqlx::{Row, mysql::MySqlValueRef};

use crate::cells::{integer, text};
use crate::errors::store_error;
use crate::names::{QUARANTINE, outbox};
use crate::pool::{Conn, Lane};
use crate::sql::Sql;

/// Asks the server for nothing.
pub(super) async fn ping(lane: &Lane) -> Result<(), StoreError> {
    let mut conn = lane.get().await?;
    let mut answer = conn.text("DO 1").await;
    if answer.is_err() && conn.is_lost() && conn.was_idle() {
        // It was closed meanwhile, which says nothing of the server now.
        conn = lane.get().await?;
        answer = conn.text("DO 1").await;
    }
    answer
        .map(|_| ())
        .map_err(|error| store_error(&error, None))
}

/// Markers and keys set aside, by table.
pub(super) async fn backlog(
    conn: &mut Conn,
    service: &str,
    tables: &[Arc<Table>],
) -> Result<Vec<Backlog>, StoreError> {
    let mut backlog = Vec::with_capacity(tables.len());
    for table in tables {
        let sql = Sql::new("SELECT (SELECT COUNT(*) FROM ")
            .name(&outbox(service, table))
            .push(&format!(
                "), (SELECT COUNT(*) FROM {QUARANTINE} WHERE service = "
            ))
            .bind(service)
            .push(" AND entity = ")
            .bind(&*table.entity)
            .push(")");
        let rows = conn.rows(sql).await;
        let rows = rows.map_err(|error| store_error(&error, None))?;
        let count = |index: usize| {
            let row = rows.first();
            let count = row.and_then(|row| integer(row, index).ok().flatten());
            count
                .and_then(|count| u64::try_from(count).ok())
                .unwrap_or(0)
        };
        backlog.push(Backlog {
            entity: Arc::clone(&table.entity),
            markers: count(0),
            quarantined: count(1),
        });
    }
    Ok(backlog)
}

/// Sets a key aside, or counts one more try. The key's hash stands for it: keys
/// may be longer than an index.
pub(super) async fn quarantine(
    conn: &mut Conn,
    service: &str,
    row: &RowKey,
    error: &str,
) -> Result<(), StoreError> {
    let sql = format!(
        "INSERT INTO {QUARANTINE} (service, entity, key_hash, row_key, error, tries, at) VALUES ("
    );
    let sql = Sql::new(sql)
        .bind(service)
        .push(", ")
        .bind(&*row.table.entity)
        .push(", UNHEX(SHA2(")
        .bind(row.key.encode())
        .push(", 256)), ")
        .bind(row.key.encode())
        .push(", ")
        .bind(error)
        .push(
            ", 1, UNIX_TIMESTAMP()) ON DUPLICATE KEY UPDATE \
             error = VALUES(error), tries = tries + 1, at = VALUES(at)",
        );
    let done = conn.run(sql).await;
    done.map(|_| ()).map_err(|error| store_error(&error, None))
}

/// Takes keys out again.
pub(super) async fn release(
    conn: &mut Conn,
    service: &str,
    keys: &[RowKey],
) -> Result<u64, StoreError> {
    let mut released = 0;
    for row in keys {
        let sql = Sql::new(format!("DELETE FROM {QUARANTINE} WHERE service = "))
            .bind(service)
            .push(" AND entity = ")
            .bind(&*row.table.entity)
            .push(" AND key_hash = UNHEX(SHA2(")
            .bind(row.key.encode())
            .push(", 256))");
        let done = conn.run(sql).await;
        released += done.map_err(|error| store_error(&error, None))?;
    }
    Ok(released)
}

/// The keys set aside, in order of entity and key.
pub(super) async fn quarantined(
    conn: &mut Conn,
    service: &str,
    tables: &[Arc<Table>],
    limit: u32,
) -> Result<Vec<Quarantined>, StoreError> {
    if tables.is_empty() {
        return Ok(Vec::new());
    }
    let sql = format!("SELECT entity, row_key, error, tries FROM {QUARANTINE} WHERE service = ");
    let sql = Sql::new(sql)
        .bind(service)
        .push(" AND entity IN (")
        .join(tables, ", ", |sql, table| sql.bind(&*table.entity))
        .push(") ORDER BY entity, row_key LIMIT ")
        .bind(limit);
    let rows = conn.rows(sql).await;
    let rows = rows.map_err(|error| store_error(&error, None))?;
    rows.iter().map(|row| entry(tables, row)).collect()
}

fn entry(tables: &[Arc<Table>], row: &MySqlRow) -> Result<Quarantined, StoreError> {
    let entity = text(row, 0)?.unwrap_or_default();
    let table = tables.iter().find(|table| *table.entity == *entity);
    let table =
        table.ok_or_else(|| StoreError::Other(format!("no table of {entity} was given")))?;
    let kinds: Vec<Kind> = table
        .key
        .iter()
        .map(|index| table.columns[*index].kind)
        .collect();
    let wrong = |why: &dyn std::fmt::Display| {
        StoreError::Other(format!("a key of {entity} set aside: {why}"))
    };
    let raw: MySqlValueRef<'_> = row.try_get_raw(1).map_err(|error| wrong(&error))?;
    let bytes = <Vec<u8> as sqlx::Decode<'_, sqlx::MySql>>::decode(raw);
    let bytes = bytes.map_err(|error| wrong(&error))?;
    Ok(Quarantined {
        entity: Arc::clone(&table.entity),
        key: Key::decode(&bytes, &kinds).map_err(|error| wrong(&error))?,
        error: text(row, 2)?.unwrap_or_default(),
        tries: integer(row, 3)?
            .and_then(|tries| u32::try_from(tries).ok())
            .unwrap_or(0),
    })
}
