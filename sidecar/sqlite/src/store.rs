//! The port, file by file as the engine states it.
//!
//! Every method is one transaction: a writing one holds SQLite's only write
//! lock from its first statement, a reading one sees one snapshot.

mod apply;
mod describe;
mod diagnose;
mod fences;
mod fetch;
mod install;
mod maintain;
mod markers;
mod range;
mod read;
mod receipts;
mod relations;
mod remove;
mod sequences;
mod write;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use dualwrite_core::catalog::{Catalog, Relation};
use dualwrite_core::diagnosis::Finding;
use dualwrite_core::key::Key;
use dualwrite_core::mapping::Table;
use dualwrite_core::plan::Cas;
use dualwrite_core::spec::TableName;
use dualwrite_core::value::Value;
use dualwrite_engine::store::{
    Backlog, CasOutcome, CommitError, FenceRow, Image, InstallRequest, KeyPage, ListPage, Listing,
    LockRequest, Marker, Mutation, OpenApply, OpenWrite, PoolStatus, Pulled, Quarantined, ReadRows,
    ReceiptLookup, Removed, RowKey, Settled, Store, StoreError, Token, WriteTx,
};

use crate::config::SqliteConfig;
use crate::connections::Session;
use crate::names::PREFIX;
use crate::open::{OpenError, Opened, open};

/// One SQLite database behind the engine's port.
#[derive(Debug)]
pub struct SqliteStore {
    connections: Opened,
    wait: Duration,
}

impl SqliteStore {
    /// Opens the database, and verifies that it is in WAL mode, synchronous
    /// and checks foreign keys.
    ///
    /// # Errors
    /// [`OpenError`], which names the file and what is wrong with it.
    pub async fn open(config: SqliteConfig) -> Result<Self, OpenError> {
        let connections = open(&config).await?;
        Ok(Self {
            connections,
            wait: config.busy_timeout,
        })
    }

    /// Begins a transaction that holds the write lock.
    async fn writing(&self) -> Result<Session, StoreError> {
        self.connections.writer.begin(self.wait).await
    }

    /// Begins a transaction that sees one snapshot.
    async fn reading(&self) -> Result<Session, StoreError> {
        self.connections.readers.begin(self.wait).await
    }
}

/// Commits where the caller has nothing to settle by itself.
async fn finish(session: Session) -> Result<(), StoreError> {
    session.commit().await.map_err(|error| match error {
        CommitError::Refused(error) => error,
        CommitError::Unknown(why) => StoreError::UnknownOutcome(why),
    })
}

#[async_trait]
impl Store for SqliteStore {
    fn engine(&self) -> &'static str {
        "sqlite"
    }

    async fn ping(&self) -> Result<(), StoreError> {
        maintain::ping(&mut self.reading().await?).await
    }

    fn pool(&self) -> PoolStatus {
        let (writer, readers) = (
            self.connections.writer.status(),
            self.connections.readers.status(),
        );
        PoolStatus {
            in_use: writer.in_use + readers.in_use,
            idle: writer.idle + readers.idle,
            max: writer.max + readers.max,
            waiting: writer.waiting + readers.waiting,
            last_error: writer.last_error.or(readers.last_error),
        }
    }

    async fn describe(&self, tables: &[TableName]) -> Result<Catalog, StoreError> {
        describe::describe(&mut self.reading().await?, tables).await
    }

    async fn relations(&self) -> Result<Vec<Relation>, StoreError> {
        relations::relations(&mut self.reading().await?).await
    }

    async fn install(&self, request: &InstallRequest) -> Result<(), StoreError> {
        let mut session = self.writing().await?;
        install::install(&mut session, request).await?;
        finish(session).await
    }

    fn own_table(&self, name: &str) -> TableName {
        TableName::bare(format!("{PREFIX}{name}"))
    }

    fn install_sql(&self, request: &InstallRequest) -> String {
        install::script(request)
    }

    async fn fence(&self, service: &str) -> Result<FenceRow, StoreError> {
        fences::read(&mut self.reading().await?, service).await
    }

    async fn change_fence(
        &self,
        service: &str,
        cas: &Cas,
        drained: Option<&[Arc<Table>]>,
    ) -> Result<CasOutcome, StoreError> {
        let mut session = self.writing().await?;
        let outcome = fences::change(&mut session, service, cas, drained).await?;
        if outcome == CasOutcome::Changed {
            finish(session).await?;
        }
        Ok(outcome)
    }

    async fn write(&self, tx: &WriteTx) -> Result<Vec<Image>, StoreError> {
        let mut session = self.writing().await?;
        let images = write::write(&mut session, tx).await?;
        finish(session).await?;
        Ok(images)
    }

    async fn begin_write(&self, tx: &WriteTx) -> Result<Box<dyn OpenWrite>, StoreError> {
        let mut session = self.writing().await?;
        let images = write::write(&mut session, tx).await?;
        Ok(Box::new(write::Open { session, images }))
    }

    async fn begin_apply(&self, request: &LockRequest) -> Result<Box<dyn OpenApply>, StoreError> {
        apply::begin(&self.connections.writer, request).await
    }

    async fn pull(&self, service: &str, keys: &[RowKey]) -> Result<Vec<Pulled>, StoreError> {
        fetch::pull(&mut self.reading().await?, service, keys).await
    }

    async fn clear_markers(&self, service: &str, markers: &[Marker]) -> Result<u64, StoreError> {
        if markers.is_empty() {
            return Ok(0);
        }
        let mut session = self.writing().await?;
        let cleared = markers::clear(&mut session, service, markers).await?;
        finish(session).await?;
        Ok(cleared)
    }

    async fn markers(
        &self,
        service: &str,
        table: &Arc<Table>,
        after: Option<&Key>,
        limit: u32,
    ) -> Result<Vec<Marker>, StoreError> {
        markers::list(&mut self.reading().await?, service, table, after, limit).await
    }

    async fn mark(
        &self,
        service: &str,
        epoch: u64,
        token: Token,
        keys: &[RowKey],
    ) -> Result<(), StoreError> {
        let mut session = self.writing().await?;
        fences::hold_primary(&mut session, service, epoch).await?;
        let keys = keys.iter().map(|row| (&row.table, &row.key));
        markers::leave(&mut session, service, epoch, token, keys).await?;
        finish(session).await
    }

    async fn backlog(
        &self,
        service: &str,
        tables: &[Arc<Table>],
    ) -> Result<Vec<Backlog>, StoreError> {
        maintain::backlog(&mut self.reading().await?, service, tables).await
    }

    async fn read(&self, service: &str, keys: &[RowKey]) -> Result<ReadRows, StoreError> {
        let mut session = self.reading().await?;
        let fence = fences::read(&mut session, service).await?;
        let rows = fetch::rows(&mut session, keys).await?;
        Ok(ReadRows { fence, rows })
    }

    async fn list(&self, service: &str, listing: &Listing) -> Result<ListPage, StoreError> {
        let mut session = self.reading().await?;
        let fence = fences::read(&mut session, service).await?;
        let rows = read::list(&mut session, listing).await?;
        Ok(ListPage { fence, rows })
    }

    async fn keys(
        &self,
        table: &Arc<Table>,
        after: Option<&Key>,
        until: Option<&Key>,
        limit: u32,
    ) -> Result<KeyPage, StoreError> {
        range::keys(&mut self.reading().await?, table, after, until, limit).await
    }

    async fn split(&self, table: &Arc<Table>, parts: u32) -> Result<(Vec<Key>, u64), StoreError> {
        range::split(&mut self.reading().await?, table, parts).await
    }

    async fn receipt(
        &self,
        service: &str,
        request_id: &str,
        tables: &[Arc<Table>],
    ) -> Result<ReceiptLookup, StoreError> {
        let mut session = self.reading().await?;
        let fence = fences::read(&mut session, service).await?;
        let receipt = receipts::read(&mut session, service, request_id, tables).await?;
        Ok(ReceiptLookup { fence, receipt })
    }

    async fn settle(
        &self,
        service: &str,
        epoch: u64,
        request_id: &str,
    ) -> Result<Settled, StoreError> {
        let mut session = self.writing().await?;
        fences::hold_primary(&mut session, service, epoch).await?;
        let settled = receipts::settle(&mut session, service, request_id).await?;
        finish(session).await?;
        Ok(settled)
    }

    async fn expire_receipts(&self, service: &str, lifetime: Duration) -> Result<u64, StoreError> {
        let mut session = self.writing().await?;
        let expired = receipts::expire(&mut session, service, lifetime).await?;
        finish(session).await?;
        Ok(expired)
    }

    async fn advance_sequences(&self, tables: &[Arc<Table>]) -> Result<(), StoreError> {
        let mut session = self.writing().await?;
        sequences::advance(&mut session, tables).await?;
        finish(session).await
    }

    async fn quarantine(&self, service: &str, key: &RowKey, error: &str) -> Result<(), StoreError> {
        let mut session = self.writing().await?;
        maintain::quarantine(&mut session, service, key, error).await?;
        finish(session).await
    }

    async fn release(&self, service: &str, keys: &[RowKey]) -> Result<u64, StoreError> {
        let mut session = self.writing().await?;
        let released = maintain::release(&mut session, service, keys).await?;
        finish(session).await?;
        Ok(released)
    }

    async fn quarantined(
        &self,
        service: &str,
        tables: &[Arc<Table>],
        limit: u32,
    ) -> Result<Vec<Quarantined>, StoreError> {
        maintain::quarantined(&mut self.reading().await?, service, tables, limit).await
    }

    async fn diagnose(&self, service: &str) -> Result<Vec<Finding>, StoreError> {
        // The writer is the one whose settings a commit hangs on.
        diagnose::diagnose(&mut self.writing().await?, service).await
    }

    async fn write_plain(&self, mutations: &[Mutation]) -> Result<Vec<Image>, StoreError> {
        let mut session = self.writing().await?;
        let images = write::mutations(&mut session, mutations).await?;
        finish(session).await?;
        Ok(images)
    }

    async fn read_plain(&self, keys: &[RowKey]) -> Result<Vec<Option<Vec<Value>>>, StoreError> {
        fetch::rows(&mut self.reading().await?, keys).await
    }

    async fn list_plain(&self, listing: &Listing) -> Result<Vec<Vec<Value>>, StoreError> {
        read::list(&mut self.reading().await?, listing).await
    }

    async fn remove(&self, service: &str) -> Result<Removed, StoreError> {
        let mut session = self.writing().await?;
        let removed = remove::remove(&mut session, service).await?;
        finish(session).await?;
        Ok(removed)
    }
}

#[cfg(test)]
mod tests;
