//! Dropping receipts whose lifetime is over.

use std::time::Duration;

use dualwrite_engine::store::StoreError;

use crate::conn::auto;
use crate::errors::Stage;
use crate::fences::cell;
use crate::param::Param;
use crate::sql::Sql;
use crate::store::PostgresStore;

/// Receipts dropped in one statement: few enough not to hold a transaction open
/// for long.
const BATCH: i64 = 10_000;

pub(crate) async fn expire_receipts(
    store: &PostgresStore,
    service: &str,
    lifetime: Duration,
) -> Result<u64, StoreError> {
    let sql = statement(service, lifetime);
    let mut dropped = 0;
    loop {
        let rows = auto(store.pools.control().await?, &sql, Stage::Decisive).await?;
        let gone: i64 = rows.first().map_or(Ok(0), |row| cell(row, 0))?;
        dropped += gone.unsigned_abs();
        if gone < BATCH {
            return Ok(dropped);
        }
    }
}

fn statement(service: &str, lifetime: Duration) -> Sql {
    let mut sql = Sql::new();
    let service = sql.bind(Param::text(service));
    let seconds = sql.bind(Param::Long(
        i64::try_from(lifetime.as_secs()).unwrap_or(i64::MAX),
    ));
    let micros = sql.bind(Param::Long(i64::from(lifetime.subsec_micros())));
    sql.push(&format!(
        "WITH gone AS (DELETE FROM dualwrite.receipt WHERE ctid = ANY (ARRAY( \
         SELECT ctid FROM dualwrite.receipt WHERE service = {service} \
         AND at < now() - {seconds} * interval '1 second' - {micros} * interval '1 microsecond' \
         LIMIT {BATCH})) RETURNING 1) SELECT count(*) FROM gone"
    ));
    sql
}
