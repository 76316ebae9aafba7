//! Copies on the secondary.

mod holders;
mod rows;

use std::time::Duration;

use async_trait::async_trait;
use dualwrite_core::key::Key;
use dualwrite_core::side::Role;
use dualwrite_core::value::Value;
use dualwrite_engine::store::{
    CommitError, Copy, Granted, LockMode, LockRequest, OpenApply, RowKey, Sought, StoreError,
};
use sqlx::mysql::MySqlRow;
use tokio::time::timeout;

use super::{fences, fetch};
use crate::cells::integer;
use crate::errors::store_error;
use crate::names::buckets;
use crate::pool::{Conn, Lane, seconds};
use crate::sql::quote;

/// A transaction that holds the fence and key locks.
#[derive(Debug)]
struct Open {
    conn: Conn,
    granted: Granted,
    /// Set by the first error, after which only a rollback is left.
    failed: bool,
}

/// Takes the fence, then the key locks, in a statement of their own: what is
/// read afterwards was committed before they were had.
pub(super) async fn begin(
    lane: &Lane,
    request: &LockRequest,
) -> Result<Box<dyn OpenApply>, StoreError> {
    let mut conn = fences::hold(lane, &request.service, request.epoch, Role::Secondary).await?;
    let granted = lock(&mut conn, request).await?;
    Ok(Box::new(Open {
        conn,
        granted,
        failed: false,
    }))
}

#[async_trait]
impl OpenApply for Open {
    fn granted(&self) -> &Granted {
        &self.granted
    }

    async fn apply(&mut self, copies: &[Copy]) -> Result<(), StoreError> {
        if self.failed {
            return Err(after_error());
        }
        // Stays so if this future is dropped half way.
        self.failed = true;
        rows::write(&mut self.conn, copies).await?;
        self.failed = false;
        Ok(())
    }

    async fn read(&mut self, keys: &[RowKey]) -> Result<Vec<Option<Vec<Value>>>, StoreError> {
        fetch::rows(&mut self.conn, keys).await
    }

    async fn holders(
        &mut self,
        sought: &[Sought],
        limit: u32,
    ) -> Result<Vec<Vec<Key>>, StoreError> {
        holders::holders(&mut self.conn, sought, limit).await
    }

    async fn commit(self: Box<Self>) -> Result<(), CommitError> {
        if self.failed {
            return Err(CommitError::Refused(after_error()));
        }
        self.conn.commit().await
    }

    async fn rollback(self: Box<Self>) {
        self.conn.rollback().await;
    }
}

fn after_error() -> StoreError {
    StoreError::Other("the transaction met an error before and can only be rolled back".to_owned())
}

/// Locks the bucket rows in ascending order: the index is walked that way. The
/// server may take a statement that locks a part of a small table for one that
/// reads all of it, and would then wait for rows that nobody asked for; so it
/// is told which index to use.
async fn lock(conn: &mut Conn, request: &LockRequest) -> Result<Granted, StoreError> {
    if request.buckets.is_empty() {
        return Ok(Granted::All);
    }
    let list: Vec<String> = request.buckets.iter().map(u16::to_string).collect();
    let select = format!(
        "SELECT b FROM {} FORCE INDEX (PRIMARY) WHERE b IN ({}) ORDER BY b FOR UPDATE",
        quote(&buckets(&request.service)),
        list.join(", ")
    );
    let rows = match request.mode {
        LockMode::Try => conn.text(format!("{select} SKIP LOCKED")).await,
        LockMode::Wait(bound) => waiting(conn, &select, bound).await?,
    };
    let rows = rows.map_err(|error| store_error(&error, None))?;
    let held = rows.iter().map(bucket).collect::<Result<Vec<u16>, _>>()?;
    if held == request.buckets {
        return Ok(Granted::All);
    }
    match request.mode {
        LockMode::Try => Ok(Granted::Some(held)),
        LockMode::Wait(_) => Err(StoreError::Schema(format!(
            "{} lacks rows: install again",
            buckets(&request.service)
        ))),
    }
}

/// The server counts in whole seconds; what is shorter ends here, and there a
/// moment later.
async fn waiting(
    conn: &mut Conn,
    select: &str,
    bound: Duration,
) -> Result<Result<Vec<MySqlRow>, sqlx::Error>, StoreError> {
    let sql = format!(
        "SET SESSION innodb_lock_wait_timeout = {}; {select}",
        seconds(bound)
    );
    if bound.subsec_nanos() == 0 && bound > Duration::ZERO {
        return Ok(conn.text(sql).await);
    }
    timeout(bound, conn.text(sql))
        .await
        .map_err(|_late| StoreError::Busy(format!("another copy held these keys for {bound:?}")))
}

fn bucket(row: &MySqlRow) -> Result<u16, StoreError> {
    let number = integer(row, 0)?.and_then(|number| u16::try_from(number).ok());
    number.ok_or_else(|| StoreError::Other("a bucket has no number".to_owned()))
}
