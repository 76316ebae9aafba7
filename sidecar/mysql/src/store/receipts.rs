//! Receipts: what a request with an idempotency key came to.

use std::sync::Arc;
use std::time::Duration;

use dualwrite_core::mapping::Table;
use dualwrite_core::value::Value;
use dualwrite_engine::store::{Image, Receipt, ReceiptDraft, Settled, StoreError};
use serde::{Deserialize, Serialize};
use sqlx::mysql::MySqlRow;

use crate::cells::{integer, text};
use crate::errors::{is_taken, lacks_table, store_error};
use crate::names::RECEIPT;
use crate::pool::{Conn, Lane};
use crate::sql::Sql;

/// Milliseconds since 1970 by the server's clock.
const NOW: &str = "CAST(UNIX_TIMESTAMP(NOW(3)) * 1000 AS SIGNED)";

/// One image, as the receipt holds it: every value with its kind, as text.
#[derive(Serialize, Deserialize)]
struct Stored {
    matched: bool,
    row: Option<Vec<Value>>,
}

/// Whether anything stands under this id now.
pub(super) async fn exists(
    lane: &Lane,
    service: &str,
    request_id: &str,
) -> Result<bool, StoreError> {
    let mut conn = lane.get().await?;
    let rows = look(&mut conn, service, request_id).await;
    rows.map(|rows| !rows.is_empty())
        .map_err(|error| store_error(&error, None))
}

/// Leaves the receipt of a request in its own transaction. Waits for another
/// execution of the same request that has not ended.
pub(super) async fn leave(
    conn: &mut Conn,
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
    let (id, hash) = (&draft.request_id, draft.request_hash);
    match insert(conn, service, id, hash, false, &outcome).await {
        Ok(()) => Ok(()),
        Err(error) if is_taken(&error) => Err(StoreError::ReceiptExists),
        Err(error) => Err(store_error(&error, None)),
    }
}

/// What stands under this id.
pub(super) async fn read(
    conn: &mut Conn,
    service: &str,
    request_id: &str,
    tables: &[Arc<Table>],
) -> Result<Option<Receipt>, StoreError> {
    let rows = match look(conn, service, request_id).await {
        Err(error) if lacks_table(&error) => return Ok(None),
        rows => rows.map_err(|error| store_error(&error, None))?,
    };
    rows.first()
        .map(|row| receipt(row, !tables.is_empty()))
        .transpose()
}

/// Makes sure that the request never commits, or says that it has. The insert
/// waits for a transaction that left a receipt and is still open.
pub(super) async fn settle(
    conn: &mut Conn,
    service: &str,
    request_id: &str,
) -> Result<Settled, StoreError> {
    match insert(conn, service, request_id, 0, true, "[]").await {
        Ok(()) => return Ok(Settled::Aborted),
        Err(error) if is_taken(&error) => {}
        Err(error) => return Err(store_error(&error, None)),
    }
    let rows = look(conn, service, request_id).await;
    let rows = rows.map_err(|error| store_error(&error, None))?;
    match rows.first().map(|row| receipt(row, false)).transpose()? {
        Some(receipt) if receipt.aborted => Ok(Settled::Aborted),
        Some(_) => Ok(Settled::Committed),
        None => Err(StoreError::Conflict(
            "a receipt expired while it was looked for".to_owned(),
        )),
    }
}

/// Whether any receipt stands here.
pub(super) async fn any(conn: &mut Conn, service: &str) -> Result<bool, StoreError> {
    let sql = Sql::new(format!("SELECT 1 FROM {RECEIPT} WHERE service = "))
        .bind(service)
        .push(" LIMIT 1");
    match conn.rows(sql).await {
        Ok(rows) => Ok(!rows.is_empty()),
        Err(error) if lacks_table(&error) => Ok(false),
        Err(error) => Err(store_error(&error, None)),
    }
}

/// Drops what is older than its lifetime.
pub(super) async fn expire(
    conn: &mut Conn,
    service: &str,
    lifetime: Duration,
) -> Result<u64, StoreError> {
    let lifetime = i64::try_from(lifetime.as_millis()).unwrap_or(i64::MAX);
    let sql = Sql::new(format!("DELETE FROM {RECEIPT} WHERE service = "))
        .bind(service)
        .push(&format!(" AND at <= {NOW} - "))
        .bind(lifetime);
    let done = conn.run(sql).await;
    done.map_err(|error| store_error(&error, None))
}

async fn look(
    conn: &mut Conn,
    service: &str,
    request_id: &str,
) -> Result<Vec<MySqlRow>, sqlx::Error> {
    let sql = format!("SELECT request_hash, aborted, outcome FROM {RECEIPT} WHERE service = ");
    let sql = Sql::new(sql)
        .bind(service)
        .push(" AND request_id = ")
        .bind(request_id.as_bytes().to_vec());
    conn.rows(sql).await
}

async fn insert(
    conn: &mut Conn,
    service: &str,
    request_id: &str,
    hash: i64,
    aborted: bool,
    outcome: &str,
) -> Result<(), sqlx::Error> {
    let sql = format!(
        "INSERT INTO {RECEIPT} (service, request_id, request_hash, aborted, outcome, at) VALUES ("
    );
    let sql = Sql::new(sql)
        .bind(service)
        .push(", ")
        .bind(request_id.as_bytes().to_vec())
        .push(", ")
        .bind(hash)
        .push(", ")
        .bind(i64::from(aborted))
        .push(", ")
        .bind(outcome)
        .push(&format!(", {NOW})"));
    conn.run(sql).await.map(|_| ())
}

fn receipt(row: &MySqlRow, with_images: bool) -> Result<Receipt, StoreError> {
    let images = if with_images {
        images(&text(row, 2)?.unwrap_or_default())?
    } else {
        Vec::new()
    };
    Ok(Receipt {
        request_hash: integer(row, 0)?.unwrap_or_default(),
        aborted: integer(row, 1)? == Some(1),
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
