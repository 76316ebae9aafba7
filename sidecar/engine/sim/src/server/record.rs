//! What a server keeps under a key: the committed version, and the one that a
//! transaction has written and not committed.

use std::sync::Arc;

use dualwrite_core::fence::Fence;
use dualwrite_core::key::Key;
use dualwrite_core::value::Value;
use dualwrite_engine::store::{Receipt, Token};
use tokio::time::Instant;

use super::{State, TxId};

/// Names one record: a row of the application or of a table of ours.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RecordId {
    /// The table that it stands in.
    pub space: Space,
    /// Its key, where the table has more than one row.
    pub key: Option<Key>,
}

/// Where a record stands.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Space {
    /// The fence row of a service.
    Fence(Arc<str>),
    /// A table of the application.
    Row(Arc<str>),
    /// The outbox of an entity, by service and entity.
    Marker(Arc<str>, Arc<str>),
    /// A receipt, by service and request.
    Receipt(Arc<str>, Arc<str>),
    /// The keys of an entity that are set aside, by service and entity.
    Aside(Arc<str>, Arc<str>),
}

impl RecordId {
    const fn new(space: Space, key: Option<Key>) -> Self {
        Self { space, key }
    }

    /// See [`Space::Fence`].
    #[must_use]
    pub fn fence(service: &str) -> Self {
        Self::new(Space::Fence(Arc::from(service)), None)
    }

    /// See [`Space::Row`].
    #[must_use]
    pub fn row(table: &str, key: &Key) -> Self {
        Self::new(Space::Row(Arc::from(table)), Some(key.clone()))
    }

    /// See [`Space::Marker`].
    #[must_use]
    pub fn marker(service: &str, entity: &str, key: &Key) -> Self {
        let space = Space::Marker(Arc::from(service), Arc::from(entity));
        Self::new(space, Some(key.clone()))
    }

    /// See [`Space::Receipt`].
    #[must_use]
    pub fn receipt(service: &str, request: &str) -> Self {
        Self::new(Space::Receipt(Arc::from(service), Arc::from(request)), None)
    }

    /// See [`Space::Aside`].
    #[must_use]
    pub fn aside(service: &str, entity: &str, key: &Key) -> Self {
        let space = Space::Aside(Arc::from(service), Arc::from(entity));
        Self::new(space, Some(key.clone()))
    }
}

/// One version of a record.
#[derive(Debug, PartialEq)]
pub struct Version {
    /// Which insert it goes back to: an update keeps it, and a row that was
    /// deleted and inserted again is another one.
    pub birth: u64,
    /// What stands there.
    pub data: Data,
}

/// What stands in a record.
#[derive(Debug, Clone, PartialEq)]
pub enum Data {
    /// A fence row.
    Fence(Fence),
    /// A row of the application, in the columns of its table's definition.
    Row(Vec<Value>),
    /// A marker.
    Marker(Token),
    /// A receipt.
    Receipt(StoredReceipt),
    /// A key set aside: its error and how often it was tried.
    Aside(String, u32),
}

/// A receipt, and since when it stands.
#[derive(Clone, PartialEq)]
pub struct StoredReceipt {
    /// The receipt, with all images.
    pub receipt: Receipt,
    /// When it was written.
    pub at: Instant,
}

impl std::fmt::Debug for StoredReceipt {
    /// Without the time, which is another one in each process.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.receipt.fmt(f)
    }
}

impl Version {
    /// The fence row.
    #[must_use]
    pub const fn fence(&self) -> Option<&Fence> {
        match &self.data {
            Data::Fence(fence) => Some(fence),
            Data::Row(_) | Data::Marker(_) | Data::Receipt(_) | Data::Aside(..) => None,
        }
    }

    /// The row of the application.
    #[must_use]
    pub fn row(&self) -> Option<&[Value]> {
        match &self.data {
            Data::Row(row) => Some(row),
            Data::Fence(_) | Data::Marker(_) | Data::Receipt(_) | Data::Aside(..) => None,
        }
    }

    /// The marker's token.
    #[must_use]
    pub const fn token(&self) -> Option<Token> {
        match &self.data {
            Data::Marker(token) => Some(*token),
            Data::Fence(_) | Data::Row(_) | Data::Receipt(_) | Data::Aside(..) => None,
        }
    }

    /// How often a key that is set aside was tried.
    #[must_use]
    pub const fn tries(&self) -> u32 {
        match &self.data {
            Data::Aside(_, tries) => *tries,
            Data::Fence(_) | Data::Row(_) | Data::Marker(_) | Data::Receipt(_) => 0,
        }
    }

    /// The receipt.
    #[must_use]
    pub const fn receipt(&self) -> Option<&StoredReceipt> {
        match &self.data {
            Data::Receipt(stored) => Some(stored),
            Data::Fence(_) | Data::Row(_) | Data::Marker(_) | Data::Aside(..) => None,
        }
    }
}

/// The versions of one record.
#[derive(Debug, Default)]
pub(super) struct Record {
    /// What everybody sees.
    pub(super) committed: Option<Arc<Version>>,
    /// What one transaction sees instead.
    pub(super) pending: Option<(TxId, Option<Arc<Version>>)>,
}

impl Record {
    fn seen_by(&self, tx: Option<TxId>) -> Option<&Arc<Version>> {
        match &self.pending {
            Some((owner, version)) if Some(*owner) == tx => version.as_ref(),
            Some(_) | None => self.committed.as_ref(),
        }
    }
}

impl State {
    /// What everybody sees.
    pub(crate) fn committed(&self, id: &RecordId) -> Option<Arc<Version>> {
        self.records.get(id)?.committed.clone()
    }

    /// What this transaction sees, or somebody without one.
    pub(crate) fn seen(&self, tx: Option<TxId>, id: &RecordId) -> Option<Arc<Version>> {
        self.records.get(id)?.seen_by(tx).cloned()
    }

    /// Whether another transaction has written a version that nobody else sees.
    pub(super) fn written_by_another(&self, tx: TxId, id: &RecordId) -> Option<bool> {
        let (owner, version) = self.records.get(id)?.pending.as_ref()?;
        (*owner != tx).then_some(version.is_some())
    }

    /// The records of one table that this transaction sees, in key order.
    pub(crate) fn all_in<'a>(
        &'a self,
        space: &'a Space,
        tx: Option<TxId>,
    ) -> impl Iterator<Item = (&'a Key, &'a Arc<Version>)> {
        let from = RecordId::new(space.clone(), None);
        let records = self.records.range(from..);
        let records = records.take_while(move |(id, _)| id.space == *space);
        records.filter_map(move |(id, record)| Some((id.key.as_ref()?, record.seen_by(tx)?)))
    }

    /// A first version.
    pub(super) fn born(&mut self, data: Data) -> Arc<Version> {
        self.next_birth += 1;
        Arc::new(Version {
            birth: self.next_birth,
            data,
        })
    }

    /// Puts a committed version in place, past every rule.
    pub(super) fn install(&mut self, id: RecordId, version: Arc<Version>) {
        self.records.entry(id).or_default().committed = Some(version);
    }
}
