//! SQL of instances that were seen.

use async_trait::async_trait;
use dualwrite_control_app::model::{Millis, SidecarRecord};
use dualwrite_control_app::ports::{ReadSidecars, StoreError, WriteSidecars};
use sqlx::sqlite::SqliteRow;

use super::cells::{Cells, int, time};
use super::{Unit, failure};

#[async_trait]
impl ReadSidecars for Unit {
    async fn sidecars(&mut self, name: &str) -> Result<Vec<SidecarRecord>, StoreError> {
        let rows = sqlx::query("SELECT * FROM sidecars WHERE migration = ? ORDER BY instance")
            .bind(name)
            .fetch_all(&mut *self.transaction)
            .await
            .map_err(|error| failure::of("list sidecars", &error))?;
        rows.iter().map(read).collect()
    }
}

#[async_trait]
impl WriteSidecars for Unit {
    async fn put_sidecar(&mut self, record: &SidecarRecord) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO sidecars (migration, instance, version, connected, last_seen, acked) \
             VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (migration, instance) DO UPDATE SET \
             version = excluded.version, connected = excluded.connected, \
             last_seen = excluded.last_seen, acked = max(acked, excluded.acked)",
        )
        .bind(&record.migration)
        .bind(&record.instance)
        .bind(&record.version)
        .bind(time(record.connected))
        .bind(time(record.last_seen))
        .bind(int(record.acked))
        .execute(&mut *self.transaction)
        .await
        .map_err(|error| failure::of("store a sidecar", &error))?;
        Ok(())
    }

    async fn forget_sidecars(&mut self, before: Millis) -> Result<u64, StoreError> {
        let done = sqlx::query("DELETE FROM sidecars WHERE last_seen < ?")
            .bind(time(before))
            .execute(&mut *self.transaction)
            .await
            .map_err(|error| failure::of("forget sidecars", &error))?;
        Ok(done.rows_affected())
    }
}

fn read(row: &SqliteRow) -> Result<SidecarRecord, StoreError> {
    let cells = Cells {
        row,
        what: "sidecar",
    };
    Ok(SidecarRecord {
        migration: cells.text("migration")?,
        instance: cells.text("instance")?,
        version: cells.text("version")?,
        connected: cells.time("connected")?,
        last_seen: cells.time("last_seen")?,
        acked: cells.number("acked")?,
    })
}
