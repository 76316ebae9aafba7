//! The store on SQLite.

mod cells;
mod events;
mod failure;
mod jobs;
mod migrations;
mod open;
mod schema;
mod shards;
mod sidecars;
mod transitions;

#[cfg(test)]
mod tests;

use async_trait::async_trait;
use dualwrite_control_app::ports::{Store, StoreError, View, Work};
use sqlx::{Sqlite, SqlitePool, Transaction};

pub use open::OpenError;

/// The store on SQLite. Clones are the same one.
///
/// All writing goes through one connection, one unit of work after the other,
/// each begun with `BEGIN IMMEDIATE`: so nobody meets "busy", and what a unit
/// reads cannot change before it writes. Readers have connections of their own
/// and see the last commit.
#[derive(Debug, Clone)]
pub struct SqliteStore {
    writer: SqlitePool,
    readers: SqlitePool,
}

/// A transaction: a unit of work on the writer, a view on a reader. Dropped, it
/// is rolled back; so it is when the process is killed.
#[derive(Debug)]
struct Unit {
    transaction: Transaction<'static, Sqlite>,
}

#[async_trait]
impl Store for SqliteStore {
    async fn view(&self) -> Result<Box<dyn View>, StoreError> {
        let begun = self.readers.begin().await;
        let transaction = begun.map_err(|error| failure::of("begin to read", &error))?;
        Ok(Box::new(Unit { transaction }))
    }

    async fn begin(&self) -> Result<Box<dyn Work>, StoreError> {
        let begun = self.writer.begin_with("BEGIN IMMEDIATE").await;
        let transaction = begun.map_err(|error| failure::of("begin to write", &error))?;
        Ok(Box::new(Unit { transaction }))
    }
}

#[async_trait]
impl Work for Unit {
    async fn commit(self: Box<Self>) -> Result<(), StoreError> {
        self.transaction
            .commit()
            .await
            .map_err(|error| failure::of("commit", &error))
    }
}
