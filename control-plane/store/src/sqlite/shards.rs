//! SQL of shards.

use dualwrite_control_app::model::{Lease, Shard, ShardState};
use dualwrite_control_app::ports::StoreError;
use sqlx::SqliteConnection;
use sqlx::sqlite::SqliteRow;

use super::cells::{Cells, int, time};
use super::failure;

pub(super) async fn list(
    connection: &mut SqliteConnection,
    job_id: &str,
) -> Result<Vec<Shard>, StoreError> {
    let rows = sqlx::query("SELECT * FROM shards WHERE job_id = ? ORDER BY number")
        .bind(job_id)
        .fetch_all(connection)
        .await
        .map_err(|error| failure::of("list shards", &error))?;
    rows.iter().map(read).collect()
}

pub(super) async fn get(
    connection: &mut SqliteConnection,
    job_id: &str,
    number: u32,
) -> Result<Option<Shard>, StoreError> {
    let row = sqlx::query("SELECT * FROM shards WHERE job_id = ? AND number = ?")
        .bind(job_id)
        .bind(number)
        .fetch_optional(connection)
        .await
        .map_err(|error| failure::of("read a shard", &error))?;
    row.as_ref().map(read).transpose()
}

pub(super) async fn insert(
    connection: &mut SqliteConnection,
    shard: &Shard,
) -> Result<(), StoreError> {
    let lease = lease(shard);
    sqlx::query(
        "INSERT INTO shards (job_id, number, entity, after, until, cursor, done, lease_instance, \
         lease_session, rows_done, rows_estimated, quarantined, failures, retry_at) \
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(&shard.job_id)
    .bind(shard.number)
    .bind(&shard.entity)
    .bind(&shard.after)
    .bind(&shard.until)
    .bind(&shard.cursor)
    .bind(shard.state == ShardState::Done)
    .bind(lease.map(|lease| &lease.instance))
    .bind(lease.map(|lease| &lease.session))
    .bind(int(shard.rows_done))
    .bind(int(shard.rows_estimated))
    .bind(int(shard.quarantined))
    .bind(shard.failures)
    .bind(time(shard.retry_at))
    .execute(connection)
    .await
    .map_err(|error| failure::of("store a shard", &error))?;
    Ok(())
}

pub(super) async fn save(
    connection: &mut SqliteConnection,
    shard: &Shard,
) -> Result<(), StoreError> {
    let lease = lease(shard);
    sqlx::query(
        "UPDATE shards SET cursor = ?, done = ?, lease_instance = ?, lease_session = ?, \
         rows_done = ?, quarantined = ?, failures = ?, retry_at = ? \
         WHERE job_id = ? AND number = ?",
    )
    .bind(&shard.cursor)
    .bind(shard.state == ShardState::Done)
    .bind(lease.map(|lease| &lease.instance))
    .bind(lease.map(|lease| &lease.session))
    .bind(int(shard.rows_done))
    .bind(int(shard.quarantined))
    .bind(shard.failures)
    .bind(time(shard.retry_at))
    .bind(&shard.job_id)
    .bind(shard.number)
    .execute(connection)
    .await
    .map_err(|error| failure::of("save a shard", &error))?;
    Ok(())
}

const fn lease(shard: &Shard) -> Option<&Lease> {
    match &shard.state {
        ShardState::Leased(lease) => Some(lease),
        ShardState::Waiting | ShardState::Done => None,
    }
}

fn read(row: &SqliteRow) -> Result<Shard, StoreError> {
    let cells = Cells { row, what: "shard" };
    let lease = (
        cells.maybe_text("lease_instance")?,
        cells.maybe_text("lease_session")?,
    );
    let state = match (cells.flag("done")?, lease) {
        (true, _) => ShardState::Done,
        (false, (Some(instance), Some(session))) => ShardState::Leased(Lease { instance, session }),
        (false, _) => ShardState::Waiting,
    };
    Ok(Shard {
        job_id: cells.text("job_id")?,
        number: cells.small("number")?,
        entity: cells.text("entity")?,
        after: cells.bytes("after")?,
        until: cells.bytes("until")?,
        cursor: cells.bytes("cursor")?,
        state,
        rows_done: cells.number("rows_done")?,
        rows_estimated: cells.number("rows_estimated")?,
        quarantined: cells.number("quarantined")?,
        failures: cells.small("failures")?,
        retry_at: cells.time("retry_at")?,
    })
}
