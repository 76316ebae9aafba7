//! Changing the fence, under the gate lock.

pub(crate) mod blockers;

use std::sync::Arc;

use dualwrite_core::fence::Fence;
use dualwrite_core::mapping::Table;
use dualwrite_core::plan::Cas;
use dualwrite_engine::store::{CasOutcome, CommitError, StoreError};

use crate::conn::{Conn, abandon, commit, refuse};
use crate::errors;
use crate::fences::{Known, fence_sql};
use crate::param::Param;
use crate::sql::{Sql, epoch_param, gate, outbox};
use crate::store::PostgresStore;
use crate::write::BEGIN;

/// How long one try waits for the gate. Whoever comes later waits behind it, so
/// it is short: a hanging transaction must not stop the service's writes.
const TRY_MS: u32 = 200;

/// How often it tries.
const TRIES: u32 = 3;

pub(crate) async fn change_fence(
    store: &PostgresStore,
    service: &str,
    cas: &Cas,
    drained: Option<&[Arc<Table>]>,
) -> Result<CasOutcome, StoreError> {
    let update = update(service, cas, drained.unwrap_or_default())?;
    let conn = locked(store, service).await?;
    let changed = match conn.ready(&update).await {
        Ok(ready) => conn.run(&ready).await,
        Err(error) => Err(error),
    };
    match changed {
        Err(error) => Err(refuse(conn, &error).await),
        Ok(rows) if rows.is_empty() => not_changed(store, conn, service, cas).await,
        Ok(_) => match commit(conn).await {
            Ok(()) => Ok(CasOutcome::Changed),
            Err(CommitError::Refused(error)) => Err(error),
            Err(CommitError::Unknown(why)) => Err(StoreError::UnknownOutcome(why)),
        },
    }
}

/// A transaction that holds the gate. A statement behind it sees everything
/// that was committed under the gate before.
async fn locked(store: &PostgresStore, service: &str) -> Result<Conn, StoreError> {
    let gate = gate(service)?;
    let lock = format!(
        "{BEGIN}; SET LOCAL lock_timeout = {TRY_MS}; LOCK TABLE {gate} IN SHARE ROW EXCLUSIVE MODE"
    );
    for _ in 0..TRIES {
        let conn = store.pools.control().await?;
        match conn.client().batch_execute(&lock).await {
            Ok(()) => return Ok(conn),
            Err(error) if errors::is_lock_timeout(&error) => abandon(conn).await,
            Err(error) => return Err(refuse(conn, &error).await),
        }
    }
    Err(StoreError::Busy(blockers::tell(store, service).await))
}

fn update(service: &str, cas: &Cas, drained: &[Arc<Table>]) -> Result<Sql, StoreError> {
    let Fence {
        epoch,
        role,
        phase,
        plan_id,
        settings,
    } = &cas.to;
    let mut sql = Sql::new();
    let epoch = sql.bind(epoch_param(*epoch)?);
    let plan_id = sql.bind(Param::text(plan_id));
    let settings = sql.bind(Param::text(settings));
    let service_param = sql.bind(Param::text(service));
    let from = sql.bind(epoch_param(cas.from.epoch)?);
    sql.push(&format!(
        "UPDATE dualwrite.fence SET epoch = {epoch}, role = '{role}', phase = '{phase}', \
         plan_id = {plan_id}, settings = {settings} \
         WHERE service = {service_param} AND epoch = {from} AND role = '{}'",
        cas.from.role
    ));
    for table in drained {
        let outbox = outbox(service, &table.entity)?;
        sql.push(&format!(" AND NOT EXISTS (SELECT FROM {outbox})"));
    }
    sql.push(" RETURNING 1");
    Ok(sql)
}

/// Why nothing was changed: another row, or markers.
async fn not_changed(
    store: &PostgresStore,
    conn: Conn,
    service: &str,
    cas: &Cas,
) -> Result<CasOutcome, StoreError> {
    let known = Known::default();
    let look = fence_sql(service, &known);
    let rows = match conn.ready(&look).await {
        Ok(ready) => conn.run(&ready).await,
        Err(error) => Err(error),
    };
    let rows = match rows {
        Ok(rows) => rows,
        Err(error) => return Err(refuse(conn, &error).await),
    };
    abandon(conn).await;
    let fence = match rows.first() {
        Some(row) => store.fences.read(service, &known, row)?,
        None => None,
    };
    match fence {
        Some(fence) if fence.at() == cas.from => Ok(CasOutcome::MarkersLeft),
        other => Ok(CasOutcome::Lost(other)),
    }
}

#[cfg(test)]
mod tests {
    use dualwrite_core::fence::FenceAt;
    use dualwrite_core::phase::Phase;
    use dualwrite_core::plan::StepName;
    use dualwrite_core::side::{Role, Side};

    use super::*;
    use crate::sql::tests::{items, lines};

    #[test]
    fn a_hand_over_needs_every_outbox_empty() {
        let cas = Cas {
            name: StepName::HandOver,
            side: Side::Legacy,
            from: FenceAt {
                epoch: 4,
                role: Role::Frozen,
            },
            to: Fence {
                epoch: 4,
                role: Role::Handed,
                phase: Phase::NewPrimary,
                plan_id: "p".into(),
                settings: "{}".into(),
            },
        };
        let sql = update("cart", &cas, &[Arc::new(items()), Arc::new(lines())]).unwrap();
        assert_eq!(
            sql.text,
            "UPDATE dualwrite.fence SET epoch = $1::int8, role = 'handed', phase = 'new_primary', \
             plan_id = $2::text, settings = $3::text \
             WHERE service = $4::text AND epoch = $5::int8 AND role = 'frozen' \
             AND NOT EXISTS (SELECT FROM dualwrite.\"outbox_cart_item\") \
             AND NOT EXISTS (SELECT FROM dualwrite.\"outbox_cart_line\") RETURNING 1"
        );
    }
}
