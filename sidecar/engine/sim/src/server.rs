//! A database server in memory that has the lock and visibility rules of a
//! real one: transactions side by side, READ COMMITTED, uncommitted rows that
//! only their transaction sees, locks that are waited for, deadlocks.
//!
//! It knows nothing of ports and networks: [`crate::store`] is the protocol's
//! statements on top of it, [`crate::wire`] what lies between a client and it.
//! Everything between two waits happens at one instant, as a statement's work
//! on one row does in a real server.

mod constraints;
mod end;
mod locks;
mod mutate;
mod record;
mod schema;
mod snapshot;
mod tx;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use dualwrite_core::fence::Fence;
use dualwrite_core::key::Key;
use dualwrite_core::value::Value;
use dualwrite_engine::store::{StoreError, Token};
use tokio::time::Instant;

pub use end::{Commit, Observer, Purpose, Written};
pub use locks::{Lock, Mode};
pub(crate) use mutate::row_id;
pub use record::{Data, RecordId, Space, StoredReceipt, Version};
pub(crate) use schema::{mapped, places};
pub(crate) use snapshot::Snapshot;
pub(crate) use tx::{LOCK_TIMEOUT, Tx};

use locks::Locks;
use record::Record;
use schema::Schema;

/// Whose rules a server keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flavour {
    /// A statement sees what was committed when it began, and an UPDATE or
    /// DELETE does not wait for an uncommitted INSERT of its key.
    Postgres,
    /// A statement that writes sees the newest, and waits for whoever is
    /// writing its key.
    InnoDb,
}

/// Names one transaction of one server.
pub type TxId = u64;

/// One database server.
#[derive(Debug)]
pub struct Server {
    /// Its name in traces.
    pub name: &'static str,
    /// Whose rules it keeps.
    pub flavour: Flavour,
    state: Mutex<State>,
    observer: Mutex<Option<Arc<dyn Observer>>>,
}

/// Everything that a server keeps.
#[derive(Debug, Default)]
pub(crate) struct State {
    pub(crate) schema: Schema,
    records: BTreeMap<RecordId, Record>,
    locks: Locks,
    live: BTreeMap<TxId, Live>,
    next_tx: TxId,
    next_birth: u64,
    /// It does not run: nothing reaches it.
    down: bool,
    /// Removed markers whose removal is committed and not yet on disk.
    unflushed: Vec<(RecordId, Arc<Version>)>,
}

/// What the server knows of a transaction that has not ended.
#[derive(Debug, Default)]
struct Live {
    /// The records that it has written.
    written: Vec<RecordId>,
    purpose: Purpose,
    /// An error was met: only a rollback is possible any more.
    failed: bool,
}

impl Server {
    /// An empty server.
    #[must_use]
    pub fn new(name: &'static str, flavour: Flavour) -> Arc<Self> {
        Arc::new(Self {
            name,
            flavour,
            state: Mutex::default(),
            observer: Mutex::default(),
        })
    }

    /// Starts again after [`Server::crash`].
    pub fn start(&self) {
        self.state().down = false;
    }

    /// Refuses while it does not run.
    pub(crate) fn expect_up(&self) -> Result<(), StoreError> {
        if self.state().down {
            return Err(tx::terminated());
        }
        Ok(())
    }

    /// From now on this one is told of every end of a transaction.
    pub fn observe(&self, observer: Arc<dyn Observer>) {
        *self.observer.lock().unwrap_or_else(PoisonError::into_inner) = Some(observer);
    }

    /// One instant of it.
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

// === looking into it, past every rule ===

impl Server {
    /// The committed fence row of a service.
    #[must_use]
    pub fn fence_row(&self, service: &str) -> Option<Fence> {
        self.state()
            .committed(&RecordId::fence(service))
            .and_then(|v| v.fence().cloned())
    }

    /// Takes a fence row away, as somebody who restores an old backup would.
    pub fn remove_fence(&self, service: &str) {
        self.state().records.remove(&RecordId::fence(service));
    }

    /// The committed row of a table, in the columns of its definition.
    #[must_use]
    pub fn row(&self, table: &str, key: &Key) -> Option<Vec<Value>> {
        let version = self.state().committed(&RecordId::row(table, key))?;
        version.row().map(<[Value]>::to_vec)
    }

    /// All committed rows of a table, in key order.
    #[must_use]
    pub fn rows(&self, table: &str) -> Vec<(Key, Vec<Value>)> {
        let state = self.state();
        let space = Space::Row(Arc::from(table));
        let rows = state.all_in(&space, None);
        rows.map(|(key, version)| (key.clone(), version.row().unwrap_or_default().to_vec()))
            .collect()
    }

    /// Puts a row in, as if it had always been there.
    pub fn put(&self, table: &str, key: &Key, row: Vec<Value>) {
        let mut state = self.state();
        let version = state.born(Data::Row(row));
        state.install(RecordId::row(table, key), version);
    }

    /// All committed markers of a service: entity, key and token.
    #[must_use]
    pub fn markers(&self, service: &str) -> Vec<(Arc<str>, Key, Token)> {
        let state = self.state();
        let markers = state.records.iter().filter_map(|(id, record)| {
            let Space::Marker(of, entity) = &id.space else {
                return None;
            };
            let token = record.committed.as_ref()?.token()?;
            let key = id.key.clone().filter(|_| **of == *service)?;
            Some((Arc::clone(entity), key, token))
        });
        markers.collect()
    }

    /// The token of the committed marker of a key.
    #[must_use]
    pub fn marker(&self, service: &str, entity: &str, key: &Key) -> Option<Token> {
        let id = RecordId::marker(service, entity, key);
        self.state().committed(&id)?.token()
    }

    /// Whether anybody holds this key lock.
    #[must_use]
    pub fn bucket_is_held(&self, service: &str, bucket: u16) -> bool {
        let lock = Lock::Bucket(Arc::from(service), bucket);
        self.state().locks.is_held(&lock)
    }

    /// How many transactions are open.
    #[must_use]
    pub fn open_transactions(&self) -> usize {
        self.state().live.len()
    }

    /// The committed markers of one entity, in key order.
    pub(crate) fn markers_of_entity(&self, service: &str, entity: &str) -> Vec<(Key, Token)> {
        let space = Space::Marker(Arc::from(service), Arc::from(entity));
        let state = self.state();
        let markers = state.all_in(&space, None);
        markers
            .filter_map(|(key, version)| Some((key.clone(), version.token()?)))
            .collect()
    }

    /// The keys of one entity that are set aside, in key order.
    pub(crate) fn asides_of(&self, service: &str, entity: &str) -> Vec<(Key, String, u32)> {
        let space = Space::Aside(Arc::from(service), Arc::from(entity));
        let state = self.state();
        let asides = state.all_in(&space, None);
        asides
            .filter_map(|(key, version)| match &version.data {
                Data::Aside(error, tries) => Some((key.clone(), error.clone(), *tries)),
                Data::Fence(_) | Data::Row(_) | Data::Marker(_) | Data::Receipt(_) => None,
            })
            .collect()
    }

    /// The receipts of a service, and since when they stand.
    pub(crate) fn receipts_of(&self, service: &str) -> Vec<(RecordId, Instant)> {
        let state = self.state();
        let receipts = state.records.iter().filter_map(|(id, record)| {
            let stored = record.committed.as_ref()?.receipt()?;
            let ours = matches!(&id.space, Space::Receipt(of, _) if **of == *service);
            ours.then(|| (id.clone(), stored.at))
        });
        receipts.collect()
    }

    /// Drops what is left of a service that has no fence any more.
    pub(crate) fn drop_own_records(&self, service: &str) {
        self.state().records.retain(|id, _| match &id.space {
            Space::Marker(of, _) | Space::Receipt(of, _) | Space::Aside(of, _) => **of != *service,
            Space::Fence(_) | Space::Row(_) => true,
        });
    }
}
