//! Taking the key locks, and the fence behind them.

use dualwrite_core::side::Role;
use dualwrite_engine::store::{Granted, LockMode, LockRequest, StoreError};
use tokio_postgres::Row;

use crate::conn::{Conn, abandon, between, pipeline, refuse, refused_by};
use crate::fences::cell;
use crate::param::Param;
use crate::pool::millis;
use crate::sql::{Sql, held_as};

/// Locks, then fence, each in a statement of its own: a statement that waits
/// for a lock sees what was there before it waited, so what the lock protects
/// is read in a later one. All are sent at once.
pub(super) async fn take(conn: Conn, request: &LockRequest) -> Result<(Conn, Granted), StoreError> {
    let list = [locks(request), fence(request)?];
    let begin = begin(request);
    let ready = match conn.all_ready(&list).await {
        Ok(ready) => ready,
        Err(error) => return Err(refuse(conn, &error).await),
    };
    let replies = pipeline(conn.client(), between(&begin, &ready, "")).await;
    let rows = match refused_by(replies) {
        Ok(rows) => rows,
        Err(error) => return Err(refuse(conn, &error).await),
    };
    match judge(request, &rows) {
        Ok(granted) => Ok((conn, granted)),
        Err(error) => {
            abandon(conn).await;
            Err(error)
        }
    }
}

/// Constraints are immediate: an error must come before the commit is sent.
fn begin(request: &LockRequest) -> String {
    let begin = format!("{}; SET CONSTRAINTS ALL IMMEDIATE", crate::write::BEGIN);
    match request.mode {
        LockMode::Wait(bound) => format!("{begin}; SET LOCAL lock_timeout = {}", millis(bound)),
        LockMode::Try => begin,
    }
}

/// The locks of the buckets, ascending.
fn locks(request: &LockRequest) -> Sql {
    let mut sql = Sql::new();
    let class = sql.bind(Param::Int(class(&request.service)));
    let buckets = sql.bind(Param::Ints(
        request
            .buckets
            .iter()
            .map(|bucket| i32::from(*bucket))
            .collect(),
    ));
    sql.push(&match request.mode {
        // The rows of a set come in its order, and the lock is taken row by row.
        LockMode::Wait(_) => {
            format!("SELECT count(pg_advisory_xact_lock({class}, b)) FROM unnest({buckets}) AS b")
        }
        LockMode::Try => format!(
            "SELECT COALESCE(array_agg(b ORDER BY b), '{{}}') FROM unnest({buckets}) AS b \
             WHERE pg_try_advisory_xact_lock({class}, b)"
        ),
    });
    sql
}

fn fence(request: &LockRequest) -> Result<Sql, StoreError> {
    let mut sql = Sql::new();
    held_as(&mut sql, &request.service, request.epoch, Role::Secondary)?;
    sql.push(" SELECT count(*) FROM f");
    Ok(sql)
}

fn judge(request: &LockRequest, rows: &[Vec<Row>]) -> Result<Granted, StoreError> {
    let first = |place: usize| {
        let row = rows.get(place).and_then(|rows| rows.first());
        row.ok_or_else(|| StoreError::Other("a lock answered no row".into()))
    };
    if cell::<i64>(first(2)?, 0)? == 0 {
        return Err(StoreError::Stale);
    }
    if let LockMode::Wait(_) = request.mode {
        return Ok(Granted::All);
    }
    let got: Vec<i32> = cell(first(1)?, 0)?;
    let got: Vec<u16> = got
        .into_iter()
        .filter_map(|bucket| u16::try_from(bucket).ok())
        .collect();
    Ok(if got == request.buckets {
        Granted::All
    } else {
        Granted::Some(got)
    })
}

/// The class of a service's locks among all advisory locks of the database:
/// FNV-1a of a name that only we would choose.
fn class(service: &str) -> i32 {
    let hash = format!("dualwrite/{service}")
        .bytes()
        .fold(0x811c_9dc5_u32, |hash, byte| {
            (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
        });
    i32::from_ne_bytes(hash.to_ne_bytes())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use super::*;

    fn request(mode: LockMode) -> LockRequest {
        LockRequest {
            service: Arc::from("cart"),
            epoch: 4,
            buckets: vec![1, 5],
            mode,
        }
    }

    #[test]
    fn waiting_takes_the_locks_in_order_and_trying_says_which() {
        let wait = request(LockMode::Wait(Duration::from_millis(500)));
        assert_eq!(
            locks(&wait).text,
            "SELECT count(pg_advisory_xact_lock($1::int4, b)) FROM unnest($2::int4[]) AS b"
        );
        assert!(
            begin(&wait).ends_with("; SET LOCAL lock_timeout = 500"),
            "{}",
            begin(&wait)
        );
        let text = locks(&request(LockMode::Try)).text;
        assert!(
            text.contains("pg_try_advisory_xact_lock($1::int4, b)"),
            "{text}"
        );
    }

    #[test]
    fn services_have_locks_of_their_own() {
        assert_ne!(class("cart"), class("order"));
        assert_eq!(class("cart"), class("cart"));
    }

    #[test]
    fn the_fence_is_that_of_a_secondary() {
        let sql = fence(&request(LockMode::Try)).unwrap();
        assert_eq!(
            sql.text,
            "WITH f AS (SELECT 1 FROM dualwrite.fence AS x WHERE x.service = $1::text \
             AND x.epoch = $2::int8 AND x.role = 'secondary'), \
             g AS (INSERT INTO dualwrite.\"gate_cart\" SELECT FROM f WHERE false) \
             SELECT count(*) FROM f"
        );
    }
}
