//! Receipts: what a request with an idempotency key came to.

use std::sync::Arc;
use std::time::Duration;

use dualwrite_core::mapping::Table;
use dualwrite_core::value::Value;
use dualwrite_engine::store::{Image, Receipt, ReceiptDraft, Settled, StoreError};
use serde::{Deserialize, Serialize};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use crate::connections::Session;
use crate::errors::{lacks_table, store_error};
use crate::names::RECEIPT;
use crate::sql::Sql;

/// Milliseconds since 1970 by the clock of the host, which is the database's.
const NOW: &str = "CAST(unixepoch('subsec') * 1000 AS INTEGER)";

/// One image, as the receipt holds it: every value with its kind, as text.
#[derive(Serialize, Deserialize)]
struct Stored {
    matched: bool,
    row: Option<Vec<Value>>,
}

/// Whether anything stands under this id.
pub(super) async fn exists(
    session: &mut Session,
    service: &str,
    request_id: &str,
) -> Result<bool, StoreError> {
    Ok(!look(session, service, request_id).await?.is_empty())
}

/// Leaves the receipt of a request in its own transaction.
pub(super) async fn leave(
    session: &mut Session,
    service: &str,
    draft: &ReceiptDraft,
    images: &[Image],
) -> Result<(), StoreError> {
    let images = images.iter().map(|image| Stored {
        matched: image.matched,
        row: image.row.clone(),
    });
    let outcome = serde_json::to_string(&images.collect::<Vec<_>>())
        .map_err(|error| StoreError::Other(format!("the outcome cannot be stored: {error}")))?;
    insert(
        session,
        service,
        &draft.request_id,
        draft.request_hash,
        false,
        &outcome,
    )
    .await
}

/// What stands under this id.
pub(super) async fn read(
    session: &mut Session,
    service: &str,
    request_id: &str,
    tables: &[Arc<Table>],
) -> Result<Option<Receipt>, StoreError> {
    let rows = match look(session, service, request_id).await {
        Err(error) if lacks_table(&error, RECEIPT) => return Ok(None),
        rows => rows?,
    };
    rows.first()
        .map(|row| receipt(row, !tables.is_empty()))
        .transpose()
}

/// Makes sure that the request never commits, or says that it has.
pub(super) async fn settle(
    session: &mut Session,
    service: &str,
    request_id: &str,
) -> Result<Settled, StoreError> {
    let rows = look(session, service, request_id).await?;
    match rows.first().map(|row| receipt(row, false)).transpose()? {
        Some(receipt) if receipt.aborted => Ok(Settled::Aborted),
        Some(_) => Ok(Settled::Committed),
        None => {
            insert(session, service, request_id, 0, true, "[]").await?;
            Ok(Settled::Aborted)
        }
    }
}

/// Drops what is older than its lifetime.
pub(super) async fn expire(
    session: &mut Session,
    service: &str,
    lifetime: Duration,
) -> Result<u64, StoreError> {
    let lifetime = i64::try_from(lifetime.as_millis()).unwrap_or(i64::MAX);
    let sql = Sql::new("DELETE FROM ")
        .name(RECEIPT)
        .push(" WHERE service = ")
        .bind(service)
        .push(" AND at <= ")
        .push(NOW)
        .push(" - ")
        .bind(lifetime);
    session
        .run(sql)
        .await
        .map_err(|error| store_error(&error, None))
}

async fn look(
    session: &mut Session,
    service: &str,
    request_id: &str,
) -> Result<Vec<SqliteRow>, StoreError> {
    let sql = Sql::new("SELECT request_hash, aborted, outcome FROM ")
        .name(RECEIPT)
        .push(" WHERE service = ")
        .bind(service)
        .push(" AND request_id = ")
        .bind(request_id);
    session
        .rows(sql)
        .await
        .map_err(|error| store_error(&error, None))
}

async fn insert(
    session: &mut Session,
    service: &str,
    request_id: &str,
    hash: i64,
    aborted: bool,
    outcome: &str,
) -> Result<(), StoreError> {
    let sql = Sql::new("INSERT INTO ")
        .name(RECEIPT)
        .push(" (service, request_id, request_hash, aborted, outcome, at) VALUES (")
        .bind(service)
        .push(", ")
        .bind(request_id)
        .push(", ")
        .bind(hash)
        .push(", ")
        .bind(i64::from(aborted))
        .push(", ")
        .bind(outcome)
        .push(", ")
        .push(NOW)
        .push(")");
    session
        .run(sql)
        .await
        .map_err(|error| store_error(&error, None))?;
    Ok(())
}

fn receipt(row: &SqliteRow, with_images: bool) -> Result<Receipt, StoreError> {
    let read = || -> Result<(i64, bool, String), sqlx::Error> {
        Ok((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?))
    };
    let (request_hash, aborted, outcome) = read().map_err(|error| store_error(&error, None))?;
    let images = if with_images {
        images(&outcome)?
    } else {
        Vec::new()
    };
    Ok(Receipt {
        request_hash,
        aborted,
        images,
    })
}

fn images(outcome: &str) -> Result<Vec<Image>, StoreError> {
    // The error of the parser may quote the row, so it goes no further.
    let stored: Vec<Stored> = serde_json::from_str(outcome)
        .map_err(|_| StoreError::Other("a receipt's outcome cannot be read".to_owned()))?;
    Ok(stored
        .into_iter()
        .map(|Stored { matched, row }| Image { matched, row })
        .collect())
}
