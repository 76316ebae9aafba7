//! SQL of the history.

use async_trait::async_trait;
use dualwrite_control_app::model::{Event, EventKind, Millis, PageSize};
use dualwrite_control_app::ports::{ReadEvents, StoreError, WriteEvents};
use sqlx::sqlite::SqliteRow;

use super::cells::{Cells, int, time};
use super::{Unit, failure};

#[async_trait]
impl ReadEvents for Unit {
    async fn events(
        &mut self,
        name: &str,
        before: Option<u64>,
        size: PageSize,
    ) -> Result<Vec<Event>, StoreError> {
        let rows = sqlx::query(
            "SELECT * FROM events WHERE migration = ? AND id < ? ORDER BY id DESC LIMIT ?",
        )
        .bind(name)
        .bind(int(before.unwrap_or(u64::MAX)))
        .bind(size.get())
        .fetch_all(&mut *self.transaction)
        .await
        .map_err(|error| failure::of("list events", &error))?;
        rows.iter().map(read).collect()
    }
}

#[async_trait]
impl WriteEvents for Unit {
    async fn append_event(&mut self, event: &Event) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO events (migration, revision, time, actor, kind, reason, was, became) \
             VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(&event.migration)
        .bind(int(event.revision))
        .bind(time(event.time))
        .bind(&event.actor)
        .bind(event.kind.as_str())
        .bind(&event.reason)
        .bind(&event.before)
        .bind(&event.after)
        .execute(&mut *self.transaction)
        .await
        .map_err(|error| failure::of("store an event", &error))?;
        Ok(())
    }

    async fn forget_events(&mut self, before: Millis) -> Result<u64, StoreError> {
        let done = sqlx::query("DELETE FROM events WHERE time < ?")
            .bind(time(before))
            .execute(&mut *self.transaction)
            .await
            .map_err(|error| failure::of("forget events", &error))?;
        Ok(done.rows_affected())
    }
}

fn read(row: &SqliteRow) -> Result<Event, StoreError> {
    let cells = Cells { row, what: "event" };
    Ok(Event {
        id: cells.number("id")?,
        migration: cells.text("migration")?,
        revision: cells.number("revision")?,
        time: cells.time("time")?,
        actor: cells.text("actor")?,
        kind: cells.word("kind", EventKind::parse)?,
        reason: cells.text("reason")?,
        before: cells.text("was")?,
        after: cells.text("became")?,
    })
}
