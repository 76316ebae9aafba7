//! What became of a request.

mod settle;

use std::sync::Arc;

use dualwrite_core::mapping::Table;
use dualwrite_engine::store::{Receipt, ReceiptLookup, StoreError};
use tokio_postgres::Row;

use crate::conn::auto;
use crate::errors::Stage;
use crate::fences::{Known, cell};
use crate::param::Param;
use crate::sql::{FENCE_COLUMNS, Sql, fence_columns};
use crate::store::PostgresStore;
use crate::text;

pub(crate) use settle::settle;

/// The receipt, with the fence of the same snapshot.
pub(crate) async fn receipt(
    store: &PostgresStore,
    service: &str,
    request_id: &str,
    tables: &[Arc<Table>],
) -> Result<ReceiptLookup, StoreError> {
    let known = store.fences.known(service);
    let sql = statement(service, &known, request_id);
    let rows = auto(store.pools.main().await?, &sql, Stage::Harmless).await?;
    let Some(row) = rows.first() else {
        return Ok(ReceiptLookup {
            fence: None,
            receipt: None,
        });
    };
    let fence = store.fences.read(service, &known, row)?;
    Ok(ReceiptLookup {
        fence,
        receipt: read(row, tables)?,
    })
}

fn read(row: &Row, tables: &[Arc<Table>]) -> Result<Option<Receipt>, StoreError> {
    let Some(request_hash) = cell::<Option<i64>>(row, FENCE_COLUMNS)? else {
        return Ok(None);
    };
    let aborted: bool = cell(row, FENCE_COLUMNS + 1)?;
    let outcome: Option<Vec<text::Cell>> = cell(row, FENCE_COLUMNS + 2)?;
    let images = match outcome {
        Some(outcome) if !aborted => text::images(tables, outcome)?,
        Some(_) | None => Vec::new(),
    };
    Ok(Some(Receipt {
        request_hash,
        aborted,
        images,
    }))
}

fn statement(service: &str, known: &Known, request_id: &str) -> Sql {
    let mut sql = Sql::new();
    let fence = fence_columns(&mut sql, &known.version, "false");
    let service = sql.bind(Param::text(service));
    let id = sql.bind(Param::text(request_id));
    sql.push(&format!(
        "SELECT {fence}, r.request_hash, r.aborted, r.outcome FROM (SELECT 1) AS x \
         LEFT JOIN dualwrite.fence AS f ON f.service = {service} \
         LEFT JOIN dualwrite.receipt AS r ON r.service = {service} AND r.request_id = {id}"
    ));
    sql
}
