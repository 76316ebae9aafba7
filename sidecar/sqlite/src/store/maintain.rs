//! What is outstanding and what is set aside.

use std::sync::Arc;

use dualwrite_core::key::Key;
use dualwrite_core::mapping::Table;
use dualwrite_core::value::Kind;
use dualwrite_engine::store::{Backlog, Quarantined, RowKey, StoreError};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use crate::connections::Session;
use crate::errors::store_error;
use crate::names::{QUARANTINE, outbox};
use crate::sql::Sql;

/// Reads from the file itself.
pub(super) async fn ping(session: &mut Session) -> Result<(), StoreError> {
    let sql = Sql::new("SELECT count(*) FROM sqlite_schema");
    session
        .rows(sql)
        .await
        .map_err(|error| store_error(&error, None))
        .map(|_| ())
}

/// Markers and keys set aside, by table.
pub(super) async fn backlog(
    session: &mut Session,
    service: &str,
    tables: &[Arc<Table>],
) -> Result<Vec<Backlog>, StoreError> {
    let mut backlog = Vec::with_capacity(tables.len());
    for table in tables {
        let sql = Sql::new("SELECT (SELECT count(*) FROM ")
            .name(&outbox(service, table))
            .push("), (SELECT count(*) FROM ")
            .name(QUARANTINE)
            .push(" WHERE service = ")
            .bind(service)
            .push(" AND entity = ")
            .bind(&*table.entity)
            .push(")");
        let rows = session
            .rows(sql)
            .await
            .map_err(|error| store_error(&error, None))?;
        let count = |index: usize| -> u64 {
            let count = rows
                .first()
                .and_then(|row| row.try_get::<i64, _>(index).ok());
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

/// Sets a key aside, or counts one more try.
pub(super) async fn quarantine(
    session: &mut Session,
    service: &str,
    row: &RowKey,
    error: &str,
) -> Result<(), StoreError> {
    let sql = Sql::new("INSERT INTO ")
        .name(QUARANTINE)
        .push(" (service, entity, key, error, tries, at) VALUES (")
        .bind(service)
        .push(", ")
        .bind(&*row.table.entity)
        .push(", ")
        .bind(row.key.encode())
        .push(", ")
        .bind(error)
        .push(
            ", 1, unixepoch()) ON CONFLICT (service, entity, key) DO UPDATE \
             SET error = excluded.error, tries = tries + 1, at = excluded.at",
        );
    session
        .run(sql)
        .await
        .map_err(|error| store_error(&error, None))?;
    Ok(())
}

/// Takes keys out again.
pub(super) async fn release(
    session: &mut Session,
    service: &str,
    keys: &[RowKey],
) -> Result<u64, StoreError> {
    let mut released = 0;
    for row in keys {
        let sql = Sql::new("DELETE FROM ")
            .name(QUARANTINE)
            .push(" WHERE service = ")
            .bind(service)
            .push(" AND entity = ")
            .bind(&*row.table.entity)
            .push(" AND key = ")
            .bind(row.key.encode());
        released += session
            .run(sql)
            .await
            .map_err(|error| store_error(&error, None))?;
    }
    Ok(released)
}

/// The keys set aside, in order of entity and key.
pub(super) async fn quarantined(
    session: &mut Session,
    service: &str,
    tables: &[Arc<Table>],
    limit: u32,
) -> Result<Vec<Quarantined>, StoreError> {
    let sql = Sql::new("SELECT entity, key, error, tries FROM ")
        .name(QUARANTINE)
        .push(" WHERE service = ")
        .bind(service)
        .push(" AND entity IN (")
        .join(tables, ", ", |sql, table| sql.bind(&*table.entity))
        .push(") ORDER BY entity, key LIMIT ")
        .bind(limit);
    let rows = session
        .rows(sql)
        .await
        .map_err(|error| store_error(&error, None))?;
    rows.iter().map(|row| entry(tables, row)).collect()
}

fn entry(tables: &[Arc<Table>], row: &SqliteRow) -> Result<Quarantined, StoreError> {
    let read = || -> Result<(String, Vec<u8>, String, u32), sqlx::Error> {
        Ok((
            row.try_get(0)?,
            row.try_get(1)?,
            row.try_get(2)?,
            row.try_get(3)?,
        ))
    };
    let (entity, key, error, tries) = read().map_err(|error| store_error(&error, None))?;
    let table = tables.iter().find(|table| *table.entity == *entity);
    let table =
        table.ok_or_else(|| StoreError::Other(format!("no table of {entity} was given")))?;
    let kinds: Vec<Kind> = table
        .key
        .iter()
        .map(|index| table.columns[*index].kind)
        .collect();
    let key = Key::decode(&key, &kinds)
        .map_err(|error| StoreError::Other(format!("a key of {entity} set aside: {error}")))?;
    Ok(Quarantined {
        entity: Arc::clone(&table.entity),
        key,
        error,
        tries,
    })
}
