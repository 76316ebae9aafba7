//! SQL of jobs. Their shards are in [`super::shards`].

use async_trait::async_trait;
use dualwrite_control_app::model::{Job, JobKind, JobState, Millis, Shard};
use dualwrite_control_app::ports::{ReadJobs, StoreError, WriteJobs};
use sqlx::sqlite::SqliteRow;

use super::cells::{Cells, int, json, time};
use super::{Unit, failure, shards};

#[async_trait]
impl ReadJobs for Unit {
    async fn job(&mut self, id: &str) -> Result<Option<Job>, StoreError> {
        let row = sqlx::query("SELECT * FROM jobs WHERE id = ?")
            .bind(id)
            .fetch_optional(&mut *self.transaction)
            .await
            .map_err(|error| failure::of("read a job", &error))?;
        row.as_ref().map(read).transpose()
    }

    async fn jobs(&mut self, name: &str) -> Result<Vec<Job>, StoreError> {
        let rows = sqlx::query(
            "SELECT * FROM jobs WHERE migration = ? ORDER BY created DESC, rowid DESC LIMIT 100",
        )
        .bind(name)
        .fetch_all(&mut *self.transaction)
        .await
        .map_err(|error| failure::of("list jobs", &error))?;
        rows.iter().map(read).collect()
    }

    async fn open_jobs(&mut self) -> Result<Vec<Job>, StoreError> {
        let rows = sqlx::query("SELECT * FROM jobs WHERE ended IS NULL ORDER BY created, rowid")
            .fetch_all(&mut *self.transaction)
            .await
            .map_err(|error| failure::of("list open jobs", &error))?;
        rows.iter().map(read).collect()
    }

    async fn shards(&mut self, job_id: &str) -> Result<Vec<Shard>, StoreError> {
        shards::list(&mut self.transaction, job_id).await
    }

    async fn shard(&mut self, job_id: &str, number: u32) -> Result<Option<Shard>, StoreError> {
        shards::get(&mut self.transaction, job_id, number).await
    }
}

#[async_trait]
impl WriteJobs for Unit {
    async fn insert_job(&mut self, job: &Job) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO jobs (id, migration, kind, state, epoch, entities, rows_done, rows_total, \
             shards_done, shards_total, created, ended, error, actor, reason, max_rows_per_second, \
             quarantined) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(&job.id)
        .bind(&job.migration)
        .bind(job.kind.as_str())
        .bind(job.state.as_str())
        .bind(int(job.epoch))
        .bind(json("job", &job.entities)?)
        .bind(int(job.rows_done))
        .bind(int(job.rows_total))
        .bind(job.shards_done)
        .bind(job.shards_total)
        .bind(time(job.created))
        .bind(job.ended.map(time))
        .bind(&job.error)
        .bind(&job.actor)
        .bind(&job.reason)
        .bind(job.max_rows_per_second)
        .bind(int(job.quarantined))
        .execute(&mut *self.transaction)
        .await
        .map_err(|error| failure::of("store a job", &error))?;
        Ok(())
    }

    async fn save_job(&mut self, job: &Job) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE jobs SET state = ?, rows_done = ?, rows_total = ?, shards_done = ?, \
             shards_total = ?, ended = ?, error = ?, quarantined = ? WHERE id = ?",
        )
        .bind(job.state.as_str())
        .bind(int(job.rows_done))
        .bind(int(job.rows_total))
        .bind(job.shards_done)
        .bind(job.shards_total)
        .bind(job.ended.map(time))
        .bind(&job.error)
        .bind(int(job.quarantined))
        .bind(&job.id)
        .execute(&mut *self.transaction)
        .await
        .map_err(|error| failure::of("save a job", &error))?;
        Ok(())
    }

    async fn insert_shards(&mut self, new: &[Shard]) -> Result<(), StoreError> {
        for shard in new {
            shards::insert(&mut self.transaction, shard).await?;
        }
        Ok(())
    }

    async fn save_shard(&mut self, shard: &Shard) -> Result<(), StoreError> {
        shards::save(&mut self.transaction, shard).await
    }

    async fn forget_jobs(&mut self, before: Millis) -> Result<u64, StoreError> {
        let done = sqlx::query("DELETE FROM jobs WHERE ended < ?")
            .bind(time(before))
            .execute(&mut *self.transaction)
            .await
            .map_err(|error| failure::of("forget jobs", &error))?;
        Ok(done.rows_affected())
    }
}

fn read(row: &SqliteRow) -> Result<Job, StoreError> {
    let cells = Cells { row, what: "job" };
    Ok(Job {
        id: cells.text("id")?,
        migration: cells.text("migration")?,
        kind: cells.word("kind", JobKind::parse)?,
        state: cells.word("state", JobState::parse)?,
        epoch: cells.number("epoch")?,
        entities: cells.json("entities")?,
        rows_done: cells.number("rows_done")?,
        rows_total: cells.number("rows_total")?,
        shards_done: cells.small("shards_done")?,
        shards_total: cells.small("shards_total")?,
        created: cells.time("created")?,
        ended: cells.maybe_time("ended")?,
        error: cells.text("error")?,
        actor: cells.text("actor")?,
        reason: cells.text("reason")?,
        max_rows_per_second: cells.small("max_rows_per_second")?,
        quarantined: cells.number("quarantined")?,
    })
}
