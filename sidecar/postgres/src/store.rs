//! The port, method by method: each goes to the file of its name.

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
    Backlog, CasOutcome, FenceRow, Image, InstallRequest, KeyPage, ListPage, Listing, LockRequest,
    Marker, Mutation, OpenApply, OpenWrite, PoolStatus, Pulled, Quarantined, ReadRows,
    ReceiptLookup, Removed, RowKey, Settled, Store, StoreError, Token, WriteTx,
};

use crate::checks::{self, Encryption};
use crate::config::{ConfigError, PostgresConfig};
use crate::fences::FenceCache;
use crate::indexes::UniqueIndexes;
use crate::order::KeyOrders;
use crate::pool::Pools;
use crate::{
    apply, backlog, change_fence, describe, expire, fences, install, keys, list, markers, plain,
    pull, quarantine, reads, receipts, relations, remove, sequences, split, write,
};

/// One PostgreSQL database as a side of a migration.
#[derive(Debug)]
pub struct PostgresStore {
    pub(crate) pools: Pools,
    pub(crate) fences: FenceCache,
    pub(crate) orders: KeyOrders,
    pub(crate) indexes: UniqueIndexes,
}

impl PostgresStore {
    /// A store that connects when it is first asked for something: a side may
    /// be away when its sidecar starts.
    ///
    /// # Errors
    /// [`ConfigError`], which says what is wrong and what would be right.
    pub fn connect(config: &PostgresConfig) -> Result<Self, ConfigError> {
        Ok(Self {
            pools: Pools::new(config)?,
            fences: FenceCache::default(),
            orders: KeyOrders::default(),
            indexes: UniqueIndexes::default(),
        })
    }

    /// How its connections are protected, as the server says it.
    ///
    /// # Errors
    /// [`StoreError`] when the server cannot be asked.
    pub async fn encryption(&self) -> Result<Encryption, StoreError> {
        checks::encryption(self).await
    }

    /// What somebody between here and the server could do, if anything, as the
    /// URL alone says it.
    #[must_use]
    pub fn weakness(&self) -> Option<&'static str> {
        checks::weakness(self)
    }
}

#[async_trait]
impl Store for PostgresStore {
    fn engine(&self) -> &'static str {
        "postgresql"
    }

    async fn ping(&self) -> Result<(), StoreError> {
        checks::ping(self).await
    }

    fn pool(&self) -> PoolStatus {
        self.pools.status()
    }

    async fn describe(&self, tables: &[TableName]) -> Result<Catalog, StoreError> {
        describe::describe(self, tables).await
    }

    async fn relations(&self) -> Result<Vec<Relation>, StoreError> {
        relations::relations(self).await
    }

    async fn install(&self, request: &InstallRequest) -> Result<(), StoreError> {
        install::install(self, request).await
    }

    fn own_table(&self, name: &str) -> TableName {
        TableName {
            schema: Some("dualwrite".to_owned()),
            name: name.to_owned(),
        }
    }

    fn install_sql(&self, request: &InstallRequest) -> String {
        install::install_sql(request)
    }

    async fn fence(&self, service: &str) -> Result<FenceRow, StoreError> {
        fences::fence(self, service).await
    }

    async fn change_fence(
        &self,
        service: &str,
        cas: &Cas,
        drained: Option<&[Arc<Table>]>,
    ) -> Result<CasOutcome, StoreError> {
        change_fence::change_fence(self, service, cas, drained).await
    }

    async fn write(&self, tx: &WriteTx) -> Result<Vec<Image>, StoreError> {
        write::write(self, tx).await
    }

    async fn begin_write(&self, tx: &WriteTx) -> Result<Box<dyn OpenWrite>, StoreError> {
        write::begin_write(self, tx).await
    }

    async fn begin_apply(&self, request: &LockRequest) -> Result<Box<dyn OpenApply>, StoreError> {
        apply::begin_apply(self, request).await
    }

    async fn pull(&self, service: &str, keys: &[RowKey]) -> Result<Vec<Pulled>, StoreError> {
        pull::pull(self, service, keys).await
    }

    async fn clear_markers(&self, service: &str, markers: &[Marker]) -> Result<u64, StoreError> {
        markers::clear(self, service, markers).await
    }

    async fn markers(
        &self,
        service: &str,
        table: &Arc<Table>,
        after: Option<&Key>,
        limit: u32,
    ) -> Result<Vec<Marker>, StoreError> {
        markers::page(self, service, table, after, limit).await
    }

    async fn siblings(
        &self,
        service: &str,
        tables: &[Arc<Table>],
        tokens: &[Token],
        limit: u32,
    ) -> Result<Vec<Marker>, StoreError> {
        markers::siblings(self, service, tables, tokens, limit).await
    }

    async fn mark(
        &self,
        service: &str,
        epoch: u64,
        token: Token,
        keys: &[RowKey],
    ) -> Result<(), StoreError> {
        write::mark(self, service, epoch, token, keys).await
    }

    async fn backlog(
        &self,
        service: &str,
        tables: &[Arc<Table>],
    ) -> Result<Vec<Backlog>, StoreError> {
        backlog::backlog(self, service, tables).await
    }

    async fn read(&self, service: &str, keys: &[RowKey]) -> Result<ReadRows, StoreError> {
        reads::read(self, service, keys).await
    }

    async fn list(&self, service: &str, listing: &Listing) -> Result<ListPage, StoreError> {
        list::list(self, service, listing).await
    }

    async fn keys(
        &self,
        table: &Arc<Table>,
        after: Option<&Key>,
        until: Option<&Key>,
        limit: u32,
    ) -> Result<KeyPage, StoreError> {
        keys::keys(self, table, after, until, limit).await
    }

    async fn split(&self, table: &Arc<Table>, parts: u32) -> Result<(Vec<Key>, u64), StoreError> {
        split::split(self, table, parts).await
    }

    async fn receipt(
        &self,
        service: &str,
        request_id: &str,
        tables: &[Arc<Table>],
    ) -> Result<ReceiptLookup, StoreError> {
        receipts::receipt(self, service, request_id, tables).await
    }

    async fn settle(
        &self,
        service: &str,
        epoch: u64,
        request_id: &str,
    ) -> Result<Settled, StoreError> {
        receipts::settle(self, service, epoch, request_id).await
    }

    async fn expire_receipts(&self, service: &str, lifetime: Duration) -> Result<u64, StoreError> {
        expire::expire_receipts(self, service, lifetime).await
    }

    async fn advance_sequences(&self, tables: &[Arc<Table>]) -> Result<(), StoreError> {
        sequences::advance(self, tables).await
    }

    async fn quarantine(&self, service: &str, key: &RowKey, error: &str) -> Result<(), StoreError> {
        quarantine::quarantine(self, service, key, error).await
    }

    async fn release(&self, service: &str, keys: &[RowKey]) -> Result<u64, StoreError> {
        quarantine::release(self, service, keys).await
    }

    async fn quarantined(
        &self,
        service: &str,
        tables: &[Arc<Table>],
        limit: u32,
    ) -> Result<Vec<Quarantined>, StoreError> {
        quarantine::quarantined(self, service, tables, limit).await
    }
    async fn diagnose(&self, service: &str) -> Result<Vec<Finding>, StoreError> {
        checks::diagnose(self, service).await
    }

    async fn write_plain(&self, mutations: &[Mutation]) -> Result<Vec<Image>, StoreError> {
        plain::write(self, mutations).await
    }

    async fn read_plain(&self, keys: &[RowKey]) -> Result<Vec<Option<Vec<Value>>>, StoreError> {
        plain::read(self, keys).await
    }

    async fn list_plain(&self, listing: &Listing) -> Result<Vec<Vec<Value>>, StoreError> {
        plain::list(self, listing).await
    }

    async fn remove(&self, service: &str) -> Result<Removed, StoreError> {
        remove::remove(self, service).await
    }
}
