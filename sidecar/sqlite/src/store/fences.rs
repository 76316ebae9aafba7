//! Reading, holding and changing the fence.
//!
//! Inside a transaction that holds the write lock, a plain read of the fence
//! holds it: nobody can change it before the commit.

use std::sync::Arc;

use dualwrite_core::fence::Fence;
use dualwrite_core::mapping::Table;
use dualwrite_core::phase::Phase;
use dualwrite_core::plan::Cas;
use dualwrite_core::side::Role;
use dualwrite_engine::store::{CasOutcome, FenceRow, StoreError};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use crate::cells::unsigned;
use crate::connections::Session;
use crate::errors::{lacks_table, store_error};
use crate::names::{FENCE, outbox};
use crate::sql::Sql;

/// The fence row; none when there is no such row, or no table for it.
pub(super) async fn read(session: &mut Session, service: &str) -> Result<FenceRow, StoreError> {
    let sql = Sql::new("SELECT epoch, role, phase, plan_id, settings FROM ")
        .name(FENCE)
        .push(" WHERE service = ")
        .bind(service);
    match session
        .rows(sql)
        .await
        .map_err(|error| store_error(&error, None))
    {
        Ok(rows) => rows.first().map(|row| fence(service, row)).transpose(),
        Err(error) if lacks_table(&error, FENCE) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Checks, under the write lock, that foreground writes may commit here.
pub(super) async fn hold_primary(
    session: &mut Session,
    service: &str,
    epoch: u64,
) -> Result<(), StoreError> {
    hold(session, service, epoch, Role::Primary).await
}

/// Checks, under the write lock, that copies may commit here.
pub(super) async fn hold_secondary(
    session: &mut Session,
    service: &str,
    epoch: u64,
) -> Result<(), StoreError> {
    hold(session, service, epoch, Role::Secondary).await
}

async fn hold(
    session: &mut Session,
    service: &str,
    epoch: u64,
    role: Role,
) -> Result<(), StoreError> {
    let sql = Sql::new("SELECT 1 FROM ")
        .name(FENCE)
        .push(" WHERE service = ")
        .bind(service)
        .push(" AND epoch = ")
        .bind(unsigned("the epoch", epoch)?)
        .push(" AND role = ")
        .bind(role.as_str());
    let rows = match session.rows(sql).await {
        Ok(rows) => rows,
        // Without our tables there is no fence, and so no right to write.
        Err(error) => match store_error(&error, None) {
            missing if lacks_table(&missing, FENCE) => return Err(StoreError::Stale),
            other => return Err(other),
        },
    };
    if rows.is_empty() {
        Err(StoreError::Stale)
    } else {
        Ok(())
    }
}

/// The compare-and-set; anything but [`CasOutcome::Changed`] changed nothing.
pub(super) async fn change(
    session: &mut Session,
    service: &str,
    cas: &Cas,
    drained: Option<&[Arc<Table>]>,
) -> Result<CasOutcome, StoreError> {
    let found = read(session, service).await?;
    if found.as_ref().map(Fence::at) != Some(cas.from) {
        return Ok(CasOutcome::Lost(found));
    }
    for table in drained.unwrap_or_default() {
        let sql = Sql::new("SELECT 1 FROM ")
            .name(&outbox(service, table))
            .push(" LIMIT 1");
        let left = session
            .rows(sql)
            .await
            .map_err(|error| store_error(&error, None))?;
        if !left.is_empty() {
            return Ok(CasOutcome::MarkersLeft);
        }
    }
    let sql = Sql::new("UPDATE ")
        .name(FENCE)
        .push(" SET epoch = ")
        .bind(unsigned("the epoch", cas.to.epoch)?)
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
    session
        .run(sql)
        .await
        .map_err(|error| store_error(&error, None))?;
    Ok(CasOutcome::Changed)
}

fn fence(service: &str, row: &SqliteRow) -> Result<Fence, StoreError> {
    let read = || -> Option<Fence> {
        let epoch: i64 = row.try_get(0).ok()?;
        let role: String = row.try_get(1).ok()?;
        let phase: String = row.try_get(2).ok()?;
        Some(Fence {
            epoch: u64::try_from(epoch).ok()?,
            role: Role::parse(&role)?,
            phase: Phase::parse(&phase).ok()?,
            plan_id: row.try_get(3).ok()?,
            settings: row.try_get(4).ok()?,
        })
    };
    read().ok_or_else(|| {
        StoreError::Other(format!(
            "the fence row of {service} holds what this version does not know: run a matching version"
        ))
    })
}
