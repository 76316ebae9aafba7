//! Our own tables.
//!
//! Statements that create tables commit by themselves, so an installation is no
//! transaction: each step does nothing where it was done, and the fence row,
//! which lets writes begin, is the last.

mod statements;

use dualwrite_core::mapping::Table;
use dualwrite_engine::store::{InstallRequest, StoreError};

use super::fences;
use crate::cells::{integer, text};
use crate::errors::store_error;
use crate::names::outbox;
use crate::pool::{Conn, Lane};
use crate::sql::Sql;
use crate::types::declared;

pub(super) use statements::script;

/// How long one installation waits for another, in seconds.
const WAIT: u32 = 10;

/// Creates what is absent.
pub(super) async fn install(lane: &Lane, request: &InstallRequest) -> Result<(), StoreError> {
    let mut conn = alone(lane).await?;
    for statement in statements::tables(request) {
        let done = conn.text(statement).await;
        done.map_err(|error| store_error(&error, None))?;
    }
    for table in &request.tables {
        check_outbox(&mut conn, &request.service, table).await?;
    }
    if let Some(fence) = &request.fence {
        let done = conn.text(statements::fence(&request.service, fence)).await;
        done.map_err(|error| store_error(&error, None))?;
    }
    if fences::fence(lane, &request.service).await?.is_none() {
        return Err(StoreError::Schema(format!(
            "there is no fence row of {}, and none was to be inserted: install the service first",
            request.service
        )));
    }
    Ok(())
}

/// A connection on which nobody else installs or removes in this database. The
/// lock is the session's, so the connection ends with it.
pub(super) async fn alone(lane: &Lane) -> Result<Conn, StoreError> {
    let mut conn = lane.get().await?;
    conn.taint();
    let sql = format!("SELECT GET_LOCK(CONCAT('dualwrite/', MD5(DATABASE())), {WAIT})");
    let rows = conn.text(sql).await;
    let rows = rows.map_err(|error| store_error(&error, None))?;
    let got = rows.first().map_or(Ok(None), |row| integer(row, 0))?;
    if got == Some(1) {
        return Ok(conn);
    }
    Err(StoreError::Busy(
        "somebody else installs or removes in this database".to_owned(),
    ))
}

/// An outbox that stands there from before must be one for this key.
async fn check_outbox(conn: &mut Conn, service: &str, table: &Table) -> Result<(), StoreError> {
    let name = outbox(service, table);
    let sql = Sql::new(
        "SELECT c.COLUMN_TYPE, c.COLLATION_NAME, c.DATA_TYPE FROM information_schema.COLUMNS AS c \
         JOIN information_schema.KEY_COLUMN_USAGE AS k ON k.TABLE_SCHEMA = c.TABLE_SCHEMA \
         AND k.TABLE_NAME = c.TABLE_NAME AND k.COLUMN_NAME = c.COLUMN_NAME \
         WHERE c.TABLE_SCHEMA = DATABASE() AND k.CONSTRAINT_NAME = 'PRIMARY' AND c.TABLE_NAME = ",
    )
    .bind(name.as_str())
    .push(" ORDER BY k.ORDINAL_POSITION");
    let rows = conn.rows(sql).await;
    let rows = rows.map_err(|error| store_error(&error, None))?;
    let mut found = Vec::with_capacity(rows.len());
    for row in &rows {
        let column_type = text(row, 0)?.unwrap_or_default();
        let json = text(row, 2)?.as_deref() == Some("json");
        found.push(declared(&column_type, text(row, 1)?.as_deref(), json));
    }
    let wanted = table.key.iter().map(|index| &table.columns[*index].native);
    if found.iter().eq(wanted) {
        return Ok(());
    }
    Err(StoreError::Schema(format!(
        "{name} was made for another key than that of {}: drain its markers, drop it and install again",
        table.name
    )))
}
