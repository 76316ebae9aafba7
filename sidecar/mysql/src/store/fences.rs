//! Reading, holding and changing the fence.
//!
//! A transaction of ours reads the fence row in shared mode before anything
//! else and keeps that lock until it ends; whoever changes the row takes it for
//! itself, and so waits for all of them. A lock that is waited for comes in
//! order: those that come behind a change wait for it, so that it is not put
//! off for ever.

use std::sync::Arc;

use dualwrite_core::fence::Fence;
use dualwrite_core::mapping::Table;
use dualwrite_core::phase::Phase;
use dualwrite_core::plan::Cas;
use dualwrite_core::side::Role;
use dualwrite_engine::store::{CasOutcome, FenceRow, StoreError};
use sqlx::mysql::MySqlRow;

use super::blockers;
use crate::cells::{integer, text};
use crate::errors::{is_lock_timeout, lacks_table, store_error};
use crate::names::{FENCE, outbox};
use crate::pool::{Begin, Conn, First, Lane};
use crate::sql::{Sql, literal};

/// How often the change of a fence asks for its lock, a second at a time.
const TRIES: u32 = 3;

/// The fence row; none when there is no such row, or no table for it.
pub(super) async fn fence(lane: &Lane, service: &str) -> Result<FenceRow, StoreError> {
    let mut conn = lane.get().await?;
    let mut rows = conn.text(select(service)).await;
    if rows.is_err() && conn.is_lost() && conn.was_idle() {
        conn = lane.get().await?;
        rows = conn.text(select(service)).await;
    }
    row(service, rows)
}

/// A snapshot with the fence row in it.
pub(super) async fn snapshot(lane: &Lane, service: &str) -> Result<(Conn, FenceRow), StoreError> {
    let (conn, first) = lane.begin(Begin::Snapshot, &select(service)).await?;
    let fence = row(service, first)?;
    Ok((conn, fence))
}

/// A transaction that holds the fence at this epoch and in this role until it
/// ends.
pub(super) async fn hold(
    lane: &Lane,
    service: &str,
    epoch: u64,
    role: Role,
) -> Result<Conn, StoreError> {
    let lock = format!(
        "SELECT epoch, role FROM {FENCE} WHERE service = {} LOCK IN SHARE MODE",
        literal(service)
    );
    let (conn, first) = lane.begin(Begin::Write, &lock).await?;
    let rows = match first {
        Ok(rows) => rows,
        // Without our tables there is no fence, and so no right to write.
        Err(error) if lacks_table(&error) => return Err(StoreError::Stale),
        Err(error) => return Err(store_error(&error, None)),
    };
    let Some(row) = rows.first() else {
        return Err(StoreError::Stale);
    };
    let at = integer(row, 0)?.and_then(|epoch| u64::try_from(epoch).ok());
    let held = at == Some(epoch) && text(row, 1)?.as_deref() == Some(role.as_str());
    if held {
        Ok(conn)
    } else {
        Err(StoreError::Stale)
    }
}

/// The compare-and-set; anything but [`CasOutcome::Changed`] changed nothing.
pub(super) async fn change(
    lane: &Lane,
    service: &str,
    cas: &Cas,
    drained: Option<&[Arc<Table>]>,
) -> Result<CasOutcome, StoreError> {
    let (mut conn, found) = lock(lane, service).await?;
    if found.as_ref().map(Fence::at) != Some(cas.from) {
        return Ok(CasOutcome::Lost(found));
    }
    // Nobody who could leave a marker is on the way any more, and whoever was
    // has committed: a plain read sees what he left.
    for table in drained.unwrap_or_default() {
        let sql = Sql::new("SELECT 1 FROM ")
            .name(&outbox(service, table))
            .push(" LIMIT 1");
        let left = conn.rows(sql).await;
        if !left.map_err(|error| store_error(&error, None))?.is_empty() {
            return Ok(CasOutcome::MarkersLeft);
        }
    }
    let sql = Sql::new(format!("UPDATE {FENCE} SET epoch = "))
        .bind(cas.to.epoch)
        .push(", role = ")
        .bind(cas.to.role.as_str())
        .push(", phase = ")
        .bind(cas.to.phase.as_str())
        .push(", plan_id = ")
        .bind(cas.to.plan_id.as_str())
        .push(", settings = ")
        .bind(cas.to.settings.as_str())
        .push(" WHERE service = ")
        .bind(service);
    let done = conn.run(sql).await;
    done.map_err(|error| store_error(&error, None))?;
    conn.finish().await?;
    Ok(CasOutcome::Changed)
}

/// A transaction that has the fence row for itself.
pub(super) async fn lock(lane: &Lane, service: &str) -> Result<(Conn, FenceRow), StoreError> {
    let sql = format!("{} FOR UPDATE", select(service));
    for _ in 0..TRIES {
        let (conn, first) = lane.begin(Begin::Write, &sql).await?;
        match first {
            Err(error) if is_lock_timeout(&error) => conn.rollback().await,
            first => return Ok((conn, row(service, first)?)),
        }
    }
    Err(StoreError::Busy(blockers::of_fence(lane, service).await))
}

fn select(service: &str) -> String {
    format!(
        "SELECT epoch, role, phase, plan_id, settings FROM {FENCE} WHERE service = {}",
        literal(service)
    )
}

fn row(service: &str, rows: First) -> Result<FenceRow, StoreError> {
    match rows {
        Ok(rows) => rows.first().map(|row| read(service, row)).transpose(),
        Err(error) if lacks_table(&error) => Ok(None),
        Err(error) => Err(store_error(&error, None)),
    }
}

fn read(service: &str, row: &MySqlRow) -> Result<Fence, StoreError> {
    let epoch = integer(row, 0)?.and_then(|epoch| u64::try_from(epoch).ok());
    let role = text(row, 1)?.and_then(|role| Role::parse(&role));
    let phase = text(row, 2)?.and_then(|phase| Phase::parse(&phase).ok());
    let (Some(epoch), Some(role), Some(phase)) = (epoch, role, phase) else {
        return Err(StoreError::Other(format!(
            "the fence row of {service} holds what this version does not know: run a matching version"
        )));
    };
    Ok(Fence {
        epoch,
        role,
        phase,
        plan_id: text(row, 3)?.unwrap_or_default(),
        settings: text(row, 4)?.unwrap_or_default(),
    })
}
