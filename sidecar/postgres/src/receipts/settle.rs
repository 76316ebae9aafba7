//! Making sure that a request can never commit any more.

use dualwrite_core::side::Role;
use dualwrite_engine::store::{Settled, StoreError};

use crate::conn::auto;
use crate::errors::Stage;
use crate::fences::cell;
use crate::param::Param;
use crate::sql::{Sql, held_as};
use crate::store::PostgresStore;

/// How often to start over when the receipt that stood in the way is gone
/// again: its transaction rolled back, or it just expired.
const ATTEMPTS: u32 = 3;

/// Inserts `aborted` under the fence. Where a receipt stands, or a transaction
/// that wrote one is still open, the insert waits for that and changes nothing;
/// what stands then is read in a statement of its own, since the insert's
/// snapshot may be older.
pub(crate) async fn settle(
    store: &PostgresStore,
    service: &str,
    epoch: u64,
    request_id: &str,
) -> Result<Settled, StoreError> {
    let insert = insert(service, epoch, request_id)?;
    let look = look(service, request_id);
    for _ in 0..ATTEMPTS {
        let rows = auto(store.pools.main().await?, &insert, Stage::Decisive).await?;
        let Some(row) = rows.first() else { continue };
        if cell::<i64>(row, 0)? == 0 {
            return Err(StoreError::Stale);
        }
        if cell::<i64>(row, 1)? > 0 {
            return Ok(Settled::Aborted);
        }
        let rows = auto(store.pools.main().await?, &look, Stage::Harmless).await?;
        if let Some(row) = rows.first() {
            return Ok(if cell(row, 0)? {
                Settled::Aborted
            } else {
                Settled::Committed
            });
        }
    }
    Err(StoreError::Busy("the receipt comes and goes".into()))
}

fn insert(service: &str, epoch: u64, request_id: &str) -> Result<Sql, StoreError> {
    let mut sql = Sql::new();
    let (service, _) = held_as(&mut sql, service, epoch, Role::Primary)?;
    let id = sql.bind(Param::text(request_id));
    sql.push(&format!(
        ", r AS (INSERT INTO dualwrite.receipt (service, request_id, request_hash, aborted, outcome) \
         SELECT {service}, {id}, 0, true, NULL FROM f \
         ON CONFLICT (service, request_id) DO NOTHING RETURNING 1) \
         SELECT (SELECT count(*) FROM f), (SELECT count(*) FROM r)"
    ));
    Ok(sql)
}

fn look(service: &str, request_id: &str) -> Sql {
    let mut sql = Sql::new();
    let service = sql.bind(Param::text(service));
    let id = sql.bind(Param::text(request_id));
    sql.push(&format!(
        "SELECT aborted FROM dualwrite.receipt WHERE service = {service} AND request_id = {id}"
    ));
    sql
}
