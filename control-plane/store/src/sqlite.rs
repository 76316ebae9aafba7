//! The store on SQLite.

mod about;
mod cells;
mod events;
mod failure;
mod jobs;
mod migrations;
mod open;
mod schema;
mod shards;
mod sidecars;
mod timings;
mod transitions;

#[cfg(test)]
mod tests;

use async_trait::async_trait;
use dualwrite_control_app::ports::{About, Store, StoreError, View, Work};
use dualwrite_core::tally::Delta;
use sqlx::{Sqlite, SqlitePool, Transaction};

pub use open::OpenError;
use timings::Timings;

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
    timings: Timings,
}

/// A transaction: a unit of work on the writer, a view on a reader. Dropped, it
/// is rolled back; so it is when the process is killed.
#[derive(Debug)]
struct Unit {
    transaction: Transaction<'static, Sqlite>,
    timings: Timings,
}

#[async_trait]
impl Store for SqliteStore {
    async fn view(&self) -> Result<Box<dyn View>, StoreError> {
        let begun = self.timings.of("read", self.readers.begin()).await;
        let transaction = begun.map_err(|error| failure::of("begin to read", &error))?;
        let timings = self.timings.clone();
        Ok(Box::new(Unit {
            transaction,
            timings,
        }))
    }

    async fn begin(&self) -> Result<Box<dyn Work>, StoreError> {
        let turn = self.writer.begin_with("BEGIN IMMEDIATE");
        let begun = self.timings.of("begin", turn).await;
        let transaction = begun.map_err(|error| failure::of("begin to write", &error))?;
        let timings = self.timings.clone();
        Ok(Box::new(Unit {
            transaction,
            timings,
        }))
    }

    async fn about(&self) -> Result<About, StoreError> {
        about::about(&self.readers).await
    }

    fn timings(&self) -> Vec<(&'static str, Delta)> {
        self.timings.all()
    }
}

#[async_trait]
impl Work for Unit {
    async fn commit(self: Box<Self>) -> Result<(), StoreError> {
        let Self {
            transaction,
            timings,
        } = *self;
        let committed = timings.of("commit", transaction.commit()).await;
        committed.map_err(|error| failure::of("commit", &error))
    }
}
