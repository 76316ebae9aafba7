//! SQL of migrations and revisions.

use async_trait::async_trait;
use dualwrite_control_app::error::StaleRevision;
use dualwrite_control_app::model::{Migration, Millis, PageSize, Revision};
use dualwrite_control_app::ports::{ReadMigrations, SaveError, StoreError, WriteMigrations};
use sqlx::sqlite::SqliteRow;

use super::cells::{Cells, int, json, time};
use super::{Unit, failure};

#[async_trait]
impl ReadMigrations for Unit {
    async fn migration(&mut self, name: &str) -> Result<Option<Migration>, StoreError> {
        let row = sqlx::query("SELECT * FROM migrations WHERE name = ?")
            .bind(name)
            .fetch_optional(&mut *self.transaction)
            .await
            .map_err(|error| failure::of("read a migration", &error))?;
        row.as_ref().map(read).transpose()
    }

    async fn migrations(
        &mut self,
        after: Option<&str>,
        size: PageSize,
    ) -> Result<Vec<Migration>, StoreError> {
        let rows = sqlx::query(
            "SELECT * FROM migrations WHERE deleted IS NULL AND name > ? ORDER BY name LIMIT ?",
        )
        .bind(after.unwrap_or(""))
        .bind(size.get())
        .fetch_all(&mut *self.transaction)
        .await
        .map_err(|error| failure::of("list migrations", &error))?;
        rows.iter().map(read).collect()
    }

    async fn revision(
        &mut self,
        name: &str,
        revision: u64,
    ) -> Result<Option<Revision>, StoreError> {
        let row = sqlx::query("SELECT * FROM revisions WHERE migration = ? AND revision = ?")
            .bind(name)
            .bind(int(revision))
            .fetch_optional(&mut *self.transaction)
            .await
            .map_err(|error| failure::of("read a revision", &error))?;
        row.as_ref().map(read_revision).transpose()
    }
}

#[async_trait]
impl WriteMigrations for Unit {
    async fn insert_migration(&mut self, migration: &Migration) -> Result<(), SaveError> {
        let done = sqlx::query(
            "INSERT INTO migrations (name, revision, phase, epoch, marking, spec, settings, \
             backfilled, created, updated, deleted, retirement) \
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) \
             ON CONFLICT (name) DO NOTHING",
        )
        .bind(&migration.name)
        .bind(int(migration.revision))
        .bind(migration.phase.as_str())
        .bind(int(migration.epoch))
        .bind(migration.marking)
        .bind(json("migration", &migration.spec)?)
        .bind(&migration.settings)
        .bind(json("migration", &migration.backfilled)?)
        .bind(time(migration.created))
        .bind(time(migration.updated))
        .bind(migration.deleted.map(time))
        .bind(retirement(migration)?)
        .execute(&mut *self.transaction)
        .await
        .map_err(|error| failure::of("store a migration", &error))?;
        self.written(done.rows_affected(), &migration.name, 0).await
    }

    async fn save_migration(&mut self, migration: &Migration, seen: u64) -> Result<(), SaveError> {
        let done = sqlx::query(
            "UPDATE migrations SET revision = ?, phase = ?, epoch = ?, marking = ?, spec = ?, \
             settings = ?, backfilled = ?, created = ?, updated = ?, deleted = ?, retirement = ? \
             WHERE name = ? AND revision = ?",
        )
        .bind(int(migration.revision))
        .bind(migration.phase.as_str())
        .bind(int(migration.epoch))
        .bind(migration.marking)
        .bind(json("migration", &migration.spec)?)
        .bind(&migration.settings)
        .bind(json("migration", &migration.backfilled)?)
        .bind(time(migration.created))
        .bind(time(migration.updated))
        .bind(migration.deleted.map(time))
        .bind(retirement(migration)?)
        .bind(&migration.name)
        .bind(int(seen))
        .execute(&mut *self.transaction)
        .await
        .map_err(|error| failure::of("save a migration", &error))?;
        self.written(done.rows_affected(), &migration.name, seen)
            .await
    }

    async fn append_revision(&mut self, revision: &Revision) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO revisions (migration, revision, phase, epoch, spec, time, actor, reason) \
             VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(&revision.migration)
        .bind(int(revision.revision))
        .bind(revision.phase.as_str())
        .bind(int(revision.epoch))
        .bind(json("revision", &revision.spec)?)
        .bind(time(revision.time))
        .bind(&revision.actor)
        .bind(&revision.reason)
        .execute(&mut *self.transaction)
        .await
        .map_err(|error| failure::of("store a revision", &error))?;
        Ok(())
    }

    async fn forget_revisions(&mut self, before: Millis, keep: u32) -> Result<u64, StoreError> {
        let done = sqlx::query(
            "DELETE FROM revisions WHERE time < ? AND revision <= \
             (SELECT revision FROM migrations WHERE name = revisions.migration) - ?",
        )
        .bind(time(before))
        .bind(keep)
        .execute(&mut *self.transaction)
        .await
        .map_err(|error| failure::of("forget revisions", &error))?;
        Ok(done.rows_affected())
    }
}

impl Unit {
    /// What it means that a compare-and-set has changed so many rows.
    async fn written(&mut self, rows: u64, name: &str, seen: u64) -> Result<(), SaveError> {
        if rows == 1 {
            return Ok(());
        }
        let current = self
            .migration(name)
            .await?
            .map_or(0, |migration| migration.revision);
        Err(StaleRevision {
            name: name.to_owned(),
            seen,
            current,
        }
        .into())
    }
}

fn retirement(migration: &Migration) -> Result<Option<String>, StoreError> {
    let retirement = migration.retirement.as_ref();
    retirement
        .map(|retirement| json("migration", retirement))
        .transpose()
}

fn read(row: &SqliteRow) -> Result<Migration, StoreError> {
    let cells = Cells {
        row,
        what: "migration",
    };
    Ok(Migration {
        name: cells.text("name")?,
        revision: cells.number("revision")?,
        phase: cells.phase()?,
        epoch: cells.number("epoch")?,
        marking: cells.flag("marking")?,
        spec: cells.json("spec")?,
        settings: cells.text("settings")?,
        backfilled: cells.json("backfilled")?,
        created: cells.time("created")?,
        updated: cells.time("updated")?,
        deleted: cells.maybe_time("deleted")?,
        retirement: cells.maybe_json("retirement")?,
    })
}

fn read_revision(row: &SqliteRow) -> Result<Revision, StoreError> {
    let cells = Cells {
        row,
        what: "revision",
    };
    Ok(Revision {
        migration: cells.text("migration")?,
        revision: cells.number("revision")?,
        phase: cells.phase()?,
        epoch: cells.number("epoch")?,
        spec: cells.json("spec")?,
        time: cells.time("time")?,
        actor: cells.text("actor")?,
        reason: cells.text("reason")?,
    })
}
