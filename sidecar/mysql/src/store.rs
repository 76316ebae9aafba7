//! The port, file by file as the engine states it.

mod apply;
mod blockers;
mod describe;
mod diagnose;
mod fences;
mod fetch;
mod install;
mod list;
mod maintain;
mod markers;
mod range;
mod receipts;
mod relations;
mod remove;
mod write;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use dualwrite_core::catalog::{Catalog, Relation};
use dualwrite_core::diagnosis::Finding;
use dualwrite_core::key::Key;
use dualwrite_core::mapping::Table;
use dualwrite_core::plan::Cas;
use dualwrite_core::side::Role;
use dualwrite_core::spec::TableName;
use dualwrite_core::value::Value;
use dualwrite_engine::store::{
    Backlog, CasOutcome, FenceRow, Image, InstallRequest, KeyPage, ListPage, Listing, LockRequest,
    Marker, Mutation, OpenApply, OpenWrite, PoolStatus, Pulled, Quarantined, ReadRows,
    ReceiptLookup, Removed, RowKey, Settled, Store, StoreError, Token, WriteTx,
};

use crate::config::{ConfigError, MysqlConfig};
use crate::errors::store_error;
use crate::names;
use crate::pool::{Begin, Conn, Lane, Pools};

/// One MariaDB or MySQL database behind the engine's port.
#[derive(Debug)]
pub struct MysqlStore {
    pools: Pools,
}

impl MysqlStore {
    /// Reads the settings. Nothing is connected yet: a connection is opened when
    /// it is needed.
    ///
    /// # Errors
    /// [`ConfigError`], which says what would be right.
    pub fn connect(config: &MysqlConfig) -> Result<Self, ConfigError> {
        let pools = Pools::new(config)?;
        Ok(Self { pools })
    }

    /// What somebody between this machine and the server could do, where that
    /// was allowed.
    #[must_use]
    pub fn weakness(&self) -> Option<&'static str> {
        let security = self.pools.security();
        security.is_weak().then(|| security.verify.weakness())
    }
}

/// A transaction that sees one snapshot.
async fn snapshot(lane: &Lane) -> Result<Conn, StoreError> {
    let (conn, first) = lane.begin(Begin::Snapshot, "").await?;
    first.map_err(|error| store_error(&error, None))?;
    Ok(conn)
}

/// A transaction that may write our tables without holding the fence.
async fn writing(lane: &Lane) -> Result<Conn, StoreError> {
    let (conn, first) = lane.begin(Begin::Write, "").await?;
    first.map_err(|error| store_error(&error, None))?;
    Ok(conn)
}

#[async_trait]
impl Store for MysqlStore {
    fn engine(&self) -> &'static str {
        "mysql"
    }

    async fn ping(&self) -> Result<(), StoreError> {
        maintain::ping(&self.pools.control).await
    }

    fn pool(&self) -> PoolStatus {
        self.pools.status()
    }

    async fn describe(&self, tables: &[TableName]) -> Result<Catalog, StoreError> {
        let mut conn = self.pools.control.get().await?;
        describe::describe(&mut conn, tables).await
    }

    async fn relations(&self) -> Result<Vec<Relation>, StoreError> {
        relations::relations(&mut self.pools.control.get().await?).await
    }

    async fn install(&self, request: &InstallRequest) -> Result<(), StoreError> {
        install::install(&self.pools.control, request).await
    }

    fn own_table(&self, name: &str) -> TableName {
        TableName::bare(names::own(name))
    }

    fn install_sql(&self, request: &InstallRequest) -> String {
        install::script(request)
    }

    async fn fence(&self, service: &str) -> Result<FenceRow, StoreError> {
        fences::fence(&self.pools.control, service).await
    }

    async fn change_fence(
        &self,
        service: &str,
        cas: &Cas,
        drained: Option<&[Arc<Table>]>,
    ) -> Result<CasOutcome, StoreError> {
        fences::change(&self.pools.control, service, cas, drained).await
    }

    async fn write(&self, tx: &WriteTx) -> Result<Vec<Image>, StoreError> {
        let (conn, images) = write::write(&self.pools.main, tx).await?;
        conn.finish().await?;
        Ok(images)
    }

    async fn begin_write(&self, tx: &WriteTx) -> Result<Box<dyn OpenWrite>, StoreError> {
        let (conn, images) = write::write(&self.pools.main, tx).await?;
        Ok(Box::new(write::Open { conn, images }))
    }

    async fn begin_apply(&self, request: &LockRequest) -> Result<Box<dyn OpenApply>, StoreError> {
        apply::begin(&self.pools.copies, request).await
    }

    async fn pull(&self, service: &str, keys: &[RowKey]) -> Result<Vec<Pulled>, StoreError> {
        let mut conn = snapshot(&self.pools.control).await?;
        let pulled = fetch::pull(&mut conn, service, keys).await?;
        conn.finish().await?;
        Ok(pulled)
    }

    async fn clear_markers(&self, service: &str, markers: &[Marker]) -> Result<u64, StoreError> {
        if markers.is_empty() {
            return Ok(0);
        }
        let mut conn = writing(&self.pools.control).await?;
        let cleared = markers::clear(&mut conn, service, markers).await?;
        conn.finish().await?;
        Ok(cleared)
    }

    async fn markers(
        &self,
        service: &str,
        table: &Arc<Table>,
        after: Option<&Key>,
        limit: u32,
    ) -> Result<Vec<Marker>, StoreError> {
        let mut conn = self.pools.control.get().await?;
        markers::list(&mut conn, service, table, after, limit).await
    }

    async fn mark(
        &self,
        service: &str,
        epoch: u64,
        token: Token,
        keys: &[RowKey],
    ) -> Result<(), StoreError> {
        let mut conn = fences::hold(&self.pools.control, service, epoch, Role::Primary).await?;
        let keys = keys.iter().map(|row| (&row.table, &row.key));
        markers::leave(&mut conn, service, epoch, token, keys).await?;
        conn.finish().await
    }

    async fn backlog(
        &self,
        service: &str,
        tables: &[Arc<Table>],
    ) -> Result<Vec<Backlog>, StoreError> {
        maintain::backlog(&mut self.pools.control.get().await?, service, tables).await
    }

    async fn read(&self, service: &str, keys: &[RowKey]) -> Result<ReadRows, StoreError> {
        let (mut conn, fence) = fences::snapshot(&self.pools.main, service).await?;
        let rows = fetch::rows(&mut conn, keys).await?;
        conn.finish().await?;
        Ok(ReadRows { fence, rows })
    }

    async fn list(&self, service: &str, listing: &Listing) -> Result<ListPage, StoreError> {
        let (mut conn, fence) = fences::snapshot(&self.pools.main, service).await?;
        let rows = list::list(&mut conn, listing).await?;
        conn.finish().await?;
        Ok(ListPage { fence, rows })
    }

    async fn keys(
        &self,
        table: &Arc<Table>,
        after: Option<&Key>,
        until: Option<&Key>,
        limit: u32,
    ) -> Result<KeyPage, StoreError> {
        let mut conn = self.pools.control.get().await?;
        range::keys(&mut conn, table, after, until, limit).await
    }

    async fn split(&self, table: &Arc<Table>, parts: u32) -> Result<(Vec<Key>, u64), StoreError> {
        range::split(&mut self.pools.control.get().await?, table, parts).await
    }

    async fn receipt(
        &self,
        service: &str,
        request_id: &str,
        tables: &[Arc<Table>],
    ) -> Result<ReceiptLookup, StoreError> {
        let (mut conn, fence) = fences::snapshot(&self.pools.main, service).await?;
        let receipt = receipts::read(&mut conn, service, request_id, tables).await?;
        conn.finish().await?;
        Ok(ReceiptLookup { fence, receipt })
    }

    async fn settle(
        &self,
        service: &str,
        epoch: u64,
        request_id: &str,
    ) -> Result<Settled, StoreError> {
        let mut conn = fences::hold(&self.pools.main, service, epoch, Role::Primary).await?;
        let settled = receipts::settle(&mut conn, service, request_id).await?;
        conn.finish().await?;
        Ok(settled)
    }

    async fn has_receipts(&self, service: &str) -> Result<bool, StoreError> {
        receipts::any(&mut self.pools.main.get().await?, service).await
    }

    async fn expire_receipts(&self, service: &str, lifetime: Duration) -> Result<u64, StoreError> {
        let mut conn = writing(&self.pools.control).await?;
        let expired = receipts::expire(&mut conn, service, lifetime).await?;
        conn.finish().await?;
        Ok(expired)
    }

    /// Nothing to do: InnoDB moves the counter behind an `AUTO_INCREMENT` past
    /// every value that is inserted, also one that was given, and keeps it
    /// across restarts.
    async fn advance_sequences(&self, _tables: &[Arc<Table>]) -> Result<(), StoreError> {
        Ok(())
    }

    async fn quarantine(&self, service: &str, key: &RowKey, error: &str) -> Result<(), StoreError> {
        let mut conn = writing(&self.pools.control).await?;
        maintain::quarantine(&mut conn, service, key, error).await?;
        conn.finish().await
    }

    async fn release(&self, service: &str, keys: &[RowKey]) -> Result<u64, StoreError> {
        let mut conn = writing(&self.pools.control).await?;
        let released = maintain::release(&mut conn, service, keys).await?;
        conn.finish().await?;
        Ok(released)
    }

    async fn quarantined(
        &self,
        service: &str,
        tables: &[Arc<Table>],
        limit: u32,
    ) -> Result<Vec<Quarantined>, StoreError> {
        let mut conn = self.pools.control.get().await?;
        maintain::quarantined(&mut conn, service, tables, limit).await
    }

    async fn diagnose(&self, _service: &str) -> Result<Vec<Finding>, StoreError> {
        diagnose::diagnose(&self.pools).await
    }

    async fn write_plain(&self, mutations: &[Mutation]) -> Result<Vec<Image>, StoreError> {
        let mut conn = writing(&self.pools.main).await?;
        let images = write::mutations(&mut conn, mutations).await?;
        conn.finish().await?;
        Ok(images)
    }

    async fn read_plain(&self, keys: &[RowKey]) -> Result<Vec<Option<Vec<Value>>>, StoreError> {
        let mut conn = snapshot(&self.pools.main).await?;
        let rows = fetch::rows(&mut conn, keys).await?;
        conn.finish().await?;
        Ok(rows)
    }

    async fn list_plain(&self, listing: &Listing) -> Result<Vec<Vec<Value>>, StoreError> {
        let mut conn = snapshot(&self.pools.main).await?;
        let rows = list::list(&mut conn, listing).await?;
        conn.finish().await?;
        Ok(rows)
    }

    async fn remove(&self, service: &str) -> Result<Removed, StoreError> {
        remove::remove(&self.pools.control, service).await
    }
}
