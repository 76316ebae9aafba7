//! A database in memory, for tests of whatever stands above the
//! [`Store`] port.
//!
//! It keeps the same contract as the real adapters (one suite of tests runs
//! against all of them) with the simplest means: a transaction that writes
//! holds the one write lock and works on a copy, a commit puts the copy in
//! place. On top of that it fails on command ([`FakeStore::fail_next`],
//! [`FakeStore::set_unreachable`]) and shows what is in it.

mod apply;
mod aside;
mod command;
mod database;
mod definition;
mod faults;
mod inspect;
mod mutate;
mod open;
mod receipts;
mod remove;
mod rows;
mod write;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use dualwrite_core::catalog::{Catalog, Relation};
use dualwrite_core::diagnosis::Finding;
use dualwrite_core::key::Key;
use dualwrite_core::mapping::Table;
use dualwrite_core::plan::Cas;
use dualwrite_core::spec::TableName;
use dualwrite_core::value::Value;

pub use definition::FakeTable;
pub use faults::{Call, Fault};
pub use mutate::{added, fitting};

use database::{Database, OWN};
use faults::Faults;
use open::Transaction;

use crate::store::{
    Backlog, CasOutcome, CommitError, FenceRow, Granted, Image, InstallRequest, KeyPage, ListPage,
    Listing, LockMode, LockRequest, Marker, Mutation, OpenApply, OpenWrite, PoolStatus, Pulled,
    Quarantined, ReadRows, ReceiptLookup, Removed, RowKey, Settled, Store, StoreError, Token,
    WriteTx,
};

/// How long a transaction waits for the write lock.
const WAIT: Duration = Duration::from_secs(5);

/// A database in memory. Clones are connections to the same one.
#[derive(Debug, Clone, Default)]
pub struct FakeStore {
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    /// What is committed.
    committed: Mutex<Arc<Database>>,
    /// Held by the one transaction that writes.
    writer: Arc<tokio::sync::Mutex<()>>,
    faults: Faults,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Arc<Database>> {
        self.committed
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// Commits where the caller has nothing to settle by itself.
fn finish(transaction: Transaction) -> Result<(), StoreError> {
    transaction.commit().map_err(|error| match error {
        CommitError::Refused(error) => error,
        CommitError::Unknown(why) => StoreError::UnknownOutcome(why),
    })
}

#[async_trait]
impl Store for FakeStore {
    fn engine(&self) -> &'static str {
        "memory"
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.reading(Call::Ping).await.map(|_| ())
    }

    fn pool(&self) -> PoolStatus {
        let in_use = u32::from(self.shared.writer.try_lock().is_err());
        PoolStatus {
            in_use,
            idle: 1 - in_use,
            max: 1,
            ..PoolStatus::default()
        }
    }

    async fn describe(&self, tables: &[TableName]) -> Result<Catalog, StoreError> {
        Ok(self.reading(Call::Describe).await?.describe(tables))
    }

    async fn relations(&self) -> Result<Vec<Relation>, StoreError> {
        Ok(self.reading(Call::Describe).await?.relations())
    }

    async fn install(&self, request: &InstallRequest) -> Result<(), StoreError> {
        let mut transaction = self.writing(Call::Install, WAIT).await?;
        transaction.database.install(request)?;
        finish(transaction)
    }

    fn own_table(&self, name: &str) -> TableName {
        TableName::bare(format!("{OWN}{name}"))
    }

    fn install_sql(&self, request: &InstallRequest) -> String {
        format!("-- {} needs no tables of ours in memory\n", request.service)
    }

    async fn fence(&self, service: &str) -> Result<FenceRow, StoreError> {
        Ok(self.reading(Call::Fence).await?.fence(service))
    }

    async fn change_fence(
        &self,
        service: &str,
        cas: &Cas,
        drained: Option<&[Arc<Table>]>,
    ) -> Result<CasOutcome, StoreError> {
        let mut transaction = self.writing(Call::ChangeFence, WAIT).await?;
        let outcome = transaction.database.change_fence(service, cas, drained)?;
        if outcome == CasOutcome::Changed {
            finish(transaction)?;
        }
        Ok(outcome)
    }

    async fn write(&self, tx: &WriteTx) -> Result<Vec<Image>, StoreError> {
        let mut transaction = self.writing(Call::Write, WAIT).await?;
        let images = write::write(&mut transaction.database, tx)?;
        finish(transaction)?;
        Ok(images)
    }

    async fn begin_write(&self, tx: &WriteTx) -> Result<Box<dyn OpenWrite>, StoreError> {
        let mut transaction = self.writing(Call::BeginWrite, WAIT).await?;
        let images = write::write(&mut transaction.database, tx)?;
        Ok(Box::new(write::Open {
            transaction,
            images,
        }))
    }

    async fn begin_apply(&self, request: &LockRequest) -> Result<Box<dyn OpenApply>, StoreError> {
        let wait = match request.mode {
            LockMode::Wait(bound) => bound,
            LockMode::Try => Duration::ZERO,
        };
        let transaction = self.writing(Call::BeginApply, wait).await?;
        transaction
            .database
            .hold_secondary(&request.service, request.epoch)?;
        Ok(Box::new(apply::Open {
            transaction,
            granted: Granted::All,
            failed: false,
        }))
    }

    async fn pull(&self, service: &str, keys: &[RowKey]) -> Result<Vec<Pulled>, StoreError> {
        self.reading(Call::Pull).await?.pull(service, keys)
    }

    async fn clear_markers(&self, service: &str, markers: &[Marker]) -> Result<u64, StoreError> {
        let mut transaction = self.writing(Call::ClearMarkers, WAIT).await?;
        let cleared = transaction.database.clear(service, markers)?;
        finish(transaction)?;
        Ok(cleared)
    }

    async fn markers(
        &self,
        service: &str,
        table: &Arc<Table>,
        after: Option<&Key>,
        limit: u32,
    ) -> Result<Vec<Marker>, StoreError> {
        self.reading(Call::Markers)
            .await?
            .markers(service, table, after, limit)
    }

    async fn mark(
        &self,
        service: &str,
        epoch: u64,
        token: Token,
        keys: &[RowKey],
    ) -> Result<(), StoreError> {
        let mut transaction = self.writing(Call::Mark, WAIT).await?;
        transaction.database.hold_primary(service, epoch)?;
        for row in keys {
            transaction
                .database
                .leave(service, &row.table, &row.key, token)?;
        }
        finish(transaction)
    }

    async fn backlog(
        &self,
        service: &str,
        tables: &[Arc<Table>],
    ) -> Result<Vec<Backlog>, StoreError> {
        self.reading(Call::Backlog).await?.backlog(service, tables)
    }

    async fn read(&self, service: &str, keys: &[RowKey]) -> Result<ReadRows, StoreError> {
        let database = self.reading(Call::Read).await?;
        let rows = keys.iter().map(|row| database.row(&row.table, &row.key));
        Ok(ReadRows {
            fence: database.fence(service),
            rows: rows.collect::<Result<_, _>>()?,
        })
    }

    async fn list(&self, service: &str, listing: &Listing) -> Result<ListPage, StoreError> {
        let database = self.reading(Call::List).await?;
        Ok(ListPage {
            fence: database.fence(service),
            rows: database.list(listing)?,
        })
    }

    async fn keys(
        &self,
        table: &Arc<Table>,
        after: Option<&Key>,
        until: Option<&Key>,
        limit: u32,
    ) -> Result<KeyPage, StoreError> {
        self.reading(Call::Keys)
            .await?
            .keys(table, after, until, limit)
    }

    async fn split(&self, table: &Arc<Table>, parts: u32) -> Result<(Vec<Key>, u64), StoreError> {
        self.reading(Call::Split).await?.split(table, parts)
    }

    async fn receipt(
        &self,
        service: &str,
        request_id: &str,
        tables: &[Arc<Table>],
    ) -> Result<ReceiptLookup, StoreError> {
        let database = self.reading(Call::Receipt).await?;
        let receipt = database.receipt(service, request_id, !tables.is_empty());
        Ok(ReceiptLookup {
            fence: database.fence(service),
            receipt,
        })
    }

    async fn settle(
        &self,
        service: &str,
        epoch: u64,
        request_id: &str,
    ) -> Result<Settled, StoreError> {
        let mut transaction = self.writing(Call::Settle, WAIT).await?;
        transaction.database.hold_primary(service, epoch)?;
        let settled = transaction.database.settle(service, request_id);
        finish(transaction)?;
        Ok(settled)
    }

    async fn expire_receipts(&self, service: &str, lifetime: Duration) -> Result<u64, StoreError> {
        let mut transaction = self.writing(Call::ExpireReceipts, WAIT).await?;
        let expired = transaction.database.expire(service, lifetime);
        finish(transaction)?;
        Ok(expired)
    }

    async fn advance_sequences(&self, _tables: &[Arc<Table>]) -> Result<(), StoreError> {
        self.reading(Call::AdvanceSequences).await.map(|_| ())
    }

    async fn quarantine(&self, service: &str, key: &RowKey, error: &str) -> Result<(), StoreError> {
        let mut transaction = self.writing(Call::Quarantine, WAIT).await?;
        transaction.database.set_aside(service, key, error);
        finish(transaction)
    }

    async fn release(&self, service: &str, keys: &[RowKey]) -> Result<u64, StoreError> {
        let mut transaction = self.writing(Call::Release, WAIT).await?;
        let released = transaction.database.release(service, keys);
        finish(transaction)?;
        Ok(released)
    }

    async fn quarantined(
        &self,
        service: &str,
        tables: &[Arc<Table>],
        limit: u32,
    ) -> Result<Vec<Quarantined>, StoreError> {
        Ok(self
            .reading(Call::Quarantined)
            .await?
            .quarantined(service, tables, limit))
    }

    async fn diagnose(&self, _service: &str) -> Result<Vec<Finding>, StoreError> {
        self.reading(Call::Diagnose).await?;
        Ok(vec![Finding::ok("server_version", None, "in memory")])
    }

    async fn write_plain(&self, mutations: &[Mutation]) -> Result<Vec<Image>, StoreError> {
        let mut transaction = self.writing(Call::WritePlain, WAIT).await?;
        let images = write::mutations(&mut transaction.database, mutations)?;
        finish(transaction)?;
        Ok(images)
    }

    async fn read_plain(&self, keys: &[RowKey]) -> Result<Vec<Option<Vec<Value>>>, StoreError> {
        let database = self.reading(Call::ReadPlain).await?;
        let rows = keys.iter().map(|row| database.row(&row.table, &row.key));
        rows.collect()
    }

    async fn list_plain(&self, listing: &Listing) -> Result<Vec<Vec<Value>>, StoreError> {
        self.reading(Call::ListPlain).await?.list(listing)
    }

    async fn remove(&self, service: &str) -> Result<Removed, StoreError> {
        let mut transaction = self.writing(Call::Remove, WAIT).await?;
        let removed = transaction.database.remove_service(service)?;
        finish(transaction)?;
        Ok(removed)
    }
}

#[cfg(test)]
mod tests;
