//! How much is outstanding.

use std::sync::Arc;

use dualwrite_core::mapping::Table;
use dualwrite_engine::store::{Backlog, StoreError};

use crate::conn::auto;
use crate::errors::Stage;
use crate::fences::cell;
use crate::param::Param;
use crate::sql::{Sql, outbox};
use crate::store::PostgresStore;

pub(crate) async fn backlog(
    store: &PostgresStore,
    service: &str,
    tables: &[Arc<Table>],
) -> Result<Vec<Backlog>, StoreError> {
    let mut backlog = Vec::with_capacity(tables.len());
    for table in tables {
        let sql = statement(service, &table.entity)?;
        let rows = auto(store.pools.control().await?, &sql, Stage::Harmless).await?;
        let count = |place: usize| {
            rows.first()
                .map_or(Ok(0), |row| cell::<i64>(row, place).map(i64::unsigned_abs))
        };
        backlog.push(Backlog {
            entity: table.entity.clone(),
            markers: count(0)?,
            quarantined: count(1)?,
        });
    }
    Ok(backlog)
}

fn statement(service: &str, entity: &str) -> Result<Sql, StoreError> {
    let mut sql = Sql::new();
    let outbox = outbox(service, entity)?;
    let service = sql.bind(Param::text(service));
    let entity = sql.bind(Param::text(entity));
    sql.push(&format!(
        "SELECT (SELECT count(*) FROM {outbox}), \
         (SELECT count(*) FROM dualwrite.quarantine WHERE service = {service} AND entity = {entity})"
    ));
    Ok(sql)
}
