//! The `Store` port over a simulated server: the statements of the protocol, in
//! the form that each flavour's adapter gives them.

mod apply;
mod aside;
mod fence;
mod look;
mod markers;
mod receipts;
mod remove;
mod write;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use dualwrite_core::catalog::{Catalog, Relation};
use dualwrite_core::diagnosis::Finding;
use dualwrite_core::fence::Fence;
use dualwrite_core::key::Key;
use dualwrite_core::mapping::Table;
use dualwrite_core::plan::Cas;
use dualwrite_core::side::Role;
use dualwrite_core::spec::TableName;
use dualwrite_core::value::Value;
use dualwrite_engine::fake::Call;
use dualwrite_engine::store::{
    Backlog, CasOutcome, FenceRow, Image, InstallRequest, KeyPage, ListPage, Listing, LockRequest,
    Marker, Mutation, OpenApply, OpenWrite, PoolStatus, Pulled, Quarantined, ReadRows,
    ReceiptLookup, Removed, RowKey, Settled, Store, StoreError, Token, WriteTx,
};

use crate::mutant::Mutant;
use crate::server::Server;
use crate::wire::{Fair, Weather, Wire};

/// One client's store: a server, and the way to it. Clones are the same.
#[derive(Debug, Clone)]
pub struct SimStore {
    server: Arc<Server>,
    wire: Wire,
    broken: Option<Mutant>,
    /// What was last read of each fence, for mutants that believe it.
    believed: Arc<Mutex<BTreeMap<String, Fence>>>,
}

impl SimStore {
    /// A store whose calls meet this weather.
    #[must_use]
    pub fn new(server: &Arc<Server>, weather: Arc<dyn Weather>) -> Self {
        Self {
            server: Arc::clone(server),
            wire: Wire::new(weather),
            broken: None,
            believed: Arc::default(),
        }
    }

    /// The same with one rule broken.
    #[must_use]
    pub fn broken(self, mutant: Option<Mutant>) -> Self {
        Self {
            broken: mutant,
            ..self
        }
    }

    fn breaks(&self, mutant: Mutant) -> bool {
        self.broken == Some(mutant)
    }

    fn believed(&self) -> MutexGuard<'_, BTreeMap<String, Fence>> {
        self.believed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A store to which nothing happens.
    #[must_use]
    pub fn fair(server: &Arc<Server>) -> Self {
        Self::new(server, Arc::new(Fair))
    }

    /// A call whose work is done at one instant.
    async fn at_once<T: Send + 'static>(
        &self,
        call: Call,
        work: impl FnOnce(&Arc<Server>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let server = Arc::clone(&self.server);
        let work = async move {
            server.expect_up()?;
            work(&server)
        };
        self.wire.carry(call, work).await
    }
}

#[async_trait]
impl Store for SimStore {
    fn engine(&self) -> &'static str {
        "memory"
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.at_once(Call::Ping, |_| Ok(())).await
    }

    fn pool(&self) -> PoolStatus {
        let in_use = u32::try_from(self.server.open_transactions()).unwrap_or(u32::MAX);
        PoolStatus {
            in_use,
            max: in_use.max(1),
            ..PoolStatus::default()
        }
    }

    async fn describe(&self, tables: &[TableName]) -> Result<Catalog, StoreError> {
        let tables = tables.to_vec();
        self.at_once(Call::Describe, move |server| Ok(server.describe(&tables)))
            .await
    }

    async fn relations(&self) -> Result<Vec<Relation>, StoreError> {
        self.at_once(Call::Describe, |server| Ok(server.relations()))
            .await
    }

    async fn install(&self, request: &InstallRequest) -> Result<(), StoreError> {
        let request = request.clone();
        self.at_once(Call::Install, move |server| server.install(&request))
            .await
    }

    fn own_table(&self, name: &str) -> TableName {
        TableName::bare(format!("dualwrite_{name}"))
    }

    fn install_sql(&self, request: &InstallRequest) -> String {
        format!("-- {} needs no tables of ours in memory\n", request.service)
    }

    async fn fence(&self, service: &str) -> Result<FenceRow, StoreError> {
        if self.breaks(Mutant::NeverLooksAgain)
            && let Some(fence) = self.believed().get(service)
        {
            return Ok(Some(fence.clone()));
        }
        let name = service.to_owned();
        let read = move |server: &Arc<Server>| Ok(server.fence_row(&name));
        let mut row = self.at_once(Call::Fence, read).await?;
        if let Some(fence) = &mut row {
            self.believed().insert(service.to_owned(), fence.clone());
            if self.breaks(Mutant::ActivatesUnasked) && fence.role == Role::Frozen {
                fence.role = Role::Handed;
            }
        }
        Ok(row)
    }

    async fn change_fence(
        &self,
        service: &str,
        cas: &Cas,
        drained: Option<&[Arc<Table>]>,
    ) -> Result<CasOutcome, StoreError> {
        let drained = drained.filter(|_| !self.breaks(Mutant::NoDrain));
        let work = fence::change(
            Arc::clone(&self.server),
            service.to_owned(),
            cas.clone(),
            drained.map(<[_]>::to_vec),
            self.breaks(Mutant::BlindChange),
        );
        self.wire.carry(Call::ChangeFence, work).await
    }

    async fn write(&self, tx: &WriteTx) -> Result<Vec<Image>, StoreError> {
        let work = write::committed(Arc::clone(&self.server), tx.clone(), self.broken);
        self.wire.carry(Call::Write, work).await
    }

    async fn begin_write(&self, tx: &WriteTx) -> Result<Box<dyn OpenWrite>, StoreError> {
        let work = write::open(Arc::clone(&self.server), tx.clone(), self.broken);
        let (tx, images) = self.wire.carry(Call::BeginWrite, work).await?;
        Ok(Box::new(write::Open::new(self.wire.clone(), tx, images)))
    }

    async fn begin_apply(&self, request: &LockRequest) -> Result<Box<dyn OpenApply>, StoreError> {
        let work = apply::open(Arc::clone(&self.server), request.clone(), self.broken);
        let (tx, granted) = self.wire.carry(Call::BeginApply, work).await?;
        let open = apply::Open::new(self.wire.clone(), tx, granted);
        Ok(Box::new(open.broken(self.broken, request)))
    }

    async fn pull(&self, service: &str, keys: &[RowKey]) -> Result<Vec<Pulled>, StoreError> {
        let (service, keys) = (service.to_owned(), keys.to_vec());
        if self.breaks(Mutant::RowThenToken) {
            let work = look::pull_twice(Arc::clone(&self.server), service, keys);
            return self.wire.carry(Call::Pull, work).await;
        }
        self.at_once(Call::Pull, move |server| server.pull(&service, &keys))
            .await
    }

    async fn clear_markers(&self, service: &str, markers: &[Marker]) -> Result<u64, StoreError> {
        let work = markers::clear(
            Arc::clone(&self.server),
            service.to_owned(),
            markers.to_vec(),
            self.broken,
        );
        self.wire.carry(Call::ClearMarkers, work).await
    }

    async fn markers(
        &self,
        service: &str,
        table: &Arc<Table>,
        after: Option<&Key>,
        limit: u32,
    ) -> Result<Vec<Marker>, StoreError> {
        let (service, table, after) = (service.to_owned(), Arc::clone(table), after.cloned());
        self.at_once(Call::Markers, move |server| {
            server.markers_after(&service, &table, after.as_ref(), limit)
        })
        .await
    }

    async fn mark(
        &self,
        service: &str,
        epoch: u64,
        token: Token,
        keys: &[RowKey],
    ) -> Result<(), StoreError> {
        let server = Arc::clone(&self.server);
        let work = markers::mark(server, service.to_owned(), epoch, token, keys.to_vec());
        self.wire.carry(Call::Mark, work).await
    }

    async fn backlog(
        &self,
        service: &str,
        tables: &[Arc<Table>],
    ) -> Result<Vec<Backlog>, StoreError> {
        let (service, tables) = (service.to_owned(), tables.to_vec());
        let backlog = move |server: &Arc<Server>| server.backlog(&service, &tables);
        let mut backlog = self.at_once(Call::Backlog, backlog).await?;
        let nobody_counts = self.breaks(Mutant::NoDrain);
        for entity in backlog.iter_mut().filter(|_| nobody_counts) {
            entity.markers = 0;
        }
        Ok(backlog)
    }

    async fn read(&self, service: &str, keys: &[RowKey]) -> Result<ReadRows, StoreError> {
        let (service, keys) = (service.to_owned(), keys.to_vec());
        self.at_once(Call::Read, move |server| server.read(&service, &keys))
            .await
    }

    async fn list(&self, service: &str, listing: &Listing) -> Result<ListPage, StoreError> {
        let (service, listing) = (service.to_owned(), listing.clone());
        self.at_once(Call::List, move |server| {
            server.list_page(&service, &listing)
        })
        .await
    }

    async fn keys(
        &self,
        table: &Arc<Table>,
        after: Option<&Key>,
        until: Option<&Key>,
        limit: u32,
    ) -> Result<KeyPage, StoreError> {
        let (table, after, until) = (Arc::clone(table), after.cloned(), until.cloned());
        self.at_once(Call::Keys, move |server| {
            server.keys_between(&table, after.as_ref(), until.as_ref(), limit)
        })
        .await
    }

    async fn split(&self, table: &Arc<Table>, parts: u32) -> Result<(Vec<Key>, u64), StoreError> {
        let table = Arc::clone(table);
        self.at_once(Call::Split, move |server| server.split(&table, parts))
            .await
    }

    async fn receipt(
        &self,
        service: &str,
        request_id: &str,
        tables: &[Arc<Table>],
    ) -> Result<ReceiptLookup, StoreError> {
        let (service, id) = (service.to_owned(), request_id.to_owned());
        let with_images = !tables.is_empty();
        let only_here = self.breaks(Mutant::LooksOnlyHere);
        self.at_once(Call::Receipt, move |server| {
            let mut found = server.look_up(&service, &id, with_images);
            let here = |fence: &Fence| fence.role == Role::Primary;
            if only_here && !found.fence.as_ref().is_some_and(here) {
                found.receipt = None;
            }
            Ok(found)
        })
        .await
    }

    async fn settle(
        &self,
        service: &str,
        epoch: u64,
        request_id: &str,
    ) -> Result<Settled, StoreError> {
        if self.breaks(Mutant::AbortsByLooking) {
            let (service, id) = (service.to_owned(), request_id.to_owned());
            let look = move |server: &Arc<Server>| Ok(receipts::look(server, &service, &id));
            return self.at_once(Call::Settle, look).await;
        }
        let server = Arc::clone(&self.server);
        let work = receipts::settle(server, service.to_owned(), epoch, request_id.to_owned());
        self.wire.carry(Call::Settle, work).await
    }

    async fn has_receipts(&self, service: &str) -> Result<bool, StoreError> {
        let service = service.to_owned();
        self.at_once(Call::Receipt, move |server| {
            Ok(server.has_receipts(&service))
        })
        .await
    }

    async fn expire_receipts(&self, service: &str, lifetime: Duration) -> Result<u64, StoreError> {
        let service = service.to_owned();
        self.at_once(Call::ExpireReceipts, move |server| {
            server.expire(&service, lifetime)
        })
        .await
    }

    async fn advance_sequences(&self, _tables: &[Arc<Table>]) -> Result<(), StoreError> {
        self.at_once(Call::AdvanceSequences, |_| Ok(())).await
    }

    async fn quarantine(&self, service: &str, key: &RowKey, error: &str) -> Result<(), StoreError> {
        let server = Arc::clone(&self.server);
        let work = aside::set_aside(server, service.to_owned(), key.clone(), error.to_owned());
        self.wire.carry(Call::Quarantine, work).await
    }

    async fn release(&self, service: &str, keys: &[RowKey]) -> Result<u64, StoreError> {
        let work = aside::release(Arc::clone(&self.server), service.to_owned(), keys.to_vec());
        self.wire.carry(Call::Release, work).await
    }

    async fn quarantined(
        &self,
        service: &str,
        tables: &[Arc<Table>],
        limit: u32,
    ) -> Result<Vec<Quarantined>, StoreError> {
        let (service, tables) = (service.to_owned(), tables.to_vec());
        self.at_once(Call::Quarantined, move |server| {
            Ok(server.set_asides(&service, &tables, limit))
        })
        .await
    }

    async fn diagnose(&self, _service: &str) -> Result<Vec<Finding>, StoreError> {
        self.at_once(Call::Diagnose, |server| {
            let said = format!("in memory, by the rules of {:?}", server.flavour);
            Ok(vec![Finding::ok("server_version", None, said)])
        })
        .await
    }

    async fn write_plain(&self, mutations: &[Mutation]) -> Result<Vec<Image>, StoreError> {
        let work = write::plain(Arc::clone(&self.server), mutations.to_vec());
        self.wire.carry(Call::WritePlain, work).await
    }

    async fn read_plain(&self, keys: &[RowKey]) -> Result<Vec<Option<Vec<Value>>>, StoreError> {
        let keys = keys.to_vec();
        self.at_once(Call::ReadPlain, move |server| server.mapped_rows(&keys))
            .await
    }

    async fn list_plain(&self, listing: &Listing) -> Result<Vec<Vec<Value>>, StoreError> {
        let listing = listing.clone();
        self.at_once(Call::ListPlain, move |server| server.listed(&listing))
            .await
    }

    async fn remove(&self, service: &str) -> Result<Removed, StoreError> {
        let work = remove::remove(Arc::clone(&self.server), service.to_owned());
        self.wire.carry(Call::Remove, work).await
    }
}
