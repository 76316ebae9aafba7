//! The `Store` port: all that the engine asks of one database.
//!
//! One `Store` is one side. Everything it is handed and everything it answers
//! is in that side's own columns and kinds ([`Table`] and its values); mapping
//! between the sides is the engine's business. The statements and the reasons
//! for them are those of the protocol; each method says which promise it
//! keeps.
//!
//! **Cancel safety.** A future of this port may be dropped at any await point
//! (a deadline passed). An implementation must then never hand the same
//! connection out again before it is known to be clean: an open transaction is
//! rolled back or its connection closed. What the dropped call did stays
//! unknown to the caller.

mod add;
mod apply;
mod attempts;
mod condition;
mod error;
mod fences;
mod install;
mod maintain;
mod read;
mod remove;
mod write;

use async_trait::async_trait;
use dualwrite_core::catalog::{Catalog, Relation};
use dualwrite_core::diagnosis::Finding;
use dualwrite_core::fence::Fence;
use dualwrite_core::key::Key;
use dualwrite_core::mapping::Table;
use dualwrite_core::plan::Cas;
use dualwrite_core::spec::TableName;
use dualwrite_core::value::Value;
use std::sync::Arc;

pub use add::added;
pub use apply::{Copy, Granted, LockMode, LockRequest, Marker, OpenApply, Pulled, RowKey, Sought};
pub use attempts::Attempts;
pub use condition::Condition;
pub use error::{CommitError, ConstraintKind, StoreError};
pub use fences::{CasOutcome, FenceRow};
pub use install::{InstallRequest, InstalledTables, ProbeTable};
pub use maintain::{Backlog, PoolStatus, Quarantined};
pub use read::{KeyPage, ListPage, Listing, ReadRows};
pub use remove::{Belongings, Removed, SHARED_TABLES};
pub use write::{
    Change, Image, Mutation, OpenWrite, Receipt, ReceiptDraft, ReceiptLookup, Settled, Token,
    WriteTx,
};

/// One side's database.
#[async_trait]
pub trait Store: Send + Sync + std::fmt::Debug + 'static {
    // --- what is there -----------------------------------------------------

    /// The engine's name: `postgresql`, `mysql` (MariaDB is of the same), `sqlite`,
    /// `memory`.
    fn engine(&self) -> &'static str;

    /// Answers when the database answers.
    async fn ping(&self) -> Result<(), StoreError>;

    /// How busy its connections are.
    fn pool(&self) -> PoolStatus;

    /// What the catalog says of these tables. A table that does not exist is
    /// left out of the answer.
    async fn describe(&self, tables: &[TableName]) -> Result<Catalog, StoreError>;

    /// What applications keep or see rows in, in the order of their names:
    /// tables, views and the like. Left out are those of the system, of its
    /// extensions and of ours, and single partitions of a table.
    async fn relations(&self) -> Result<Vec<Relation>, StoreError>;

    // --- our own tables ----------------------------------------------------

    /// Creates our tables and the outbox of each entity if absent, and the
    /// fence row if absent. Safe to run twice and by several at once. Refuses
    /// ([`StoreError::Schema`]) when our tables stand there without a fence
    /// row and the request does not insert one.
    async fn install(&self, request: &InstallRequest) -> Result<(), StoreError>;

    /// The full name of a table of ours: `name` in our schema, or with our
    /// prefix.
    fn own_table(&self, name: &str) -> TableName;

    /// The statements that [`Store::install`] would run, for a person.
    fn install_sql(&self, request: &InstallRequest) -> String;

    /// The fence row; `None` when there is none, also when our tables are not
    /// there.
    async fn fence(&self, service: &str) -> Result<FenceRow, StoreError>;

    /// Changes the fence under the gate lock, if it still is what `cas.from`
    /// says; with `drained`, only if in the same transaction the outboxes of
    /// all these tables are empty. Waits for the gate lock in short tries, and
    /// gives up with [`StoreError::Busy`] that names who holds it.
    ///
    /// A lost reply is [`StoreError::UnknownOutcome`]: read the fence again.
    async fn change_fence(
        &self,
        service: &str,
        cas: &Cas,
        drained: Option<&[Arc<Table>]>,
    ) -> Result<CasOutcome, StoreError>;

    // --- foreground writes on the primary ------------------------------------

    /// Checks the fence (`primary` at `tx.epoch`), leaves the markers, applies
    /// the mutations, stores the receipt and commits, in as few round trips as
    /// the engine allows. Answers one image a mutation.
    ///
    /// Nothing of it happened on any error but [`StoreError::UnknownOutcome`].
    async fn write(&self, tx: &WriteTx) -> Result<Vec<Image>, StoreError>;

    /// The same without the commit: for a synchronous secondary.
    async fn begin_write(&self, tx: &WriteTx) -> Result<Box<dyn OpenWrite>, StoreError>;

    // --- copies on the secondary --------------------------------------------

    /// Opens a transaction that holds the fence as `secondary` at the epoch
    /// and the key locks asked for, taken in ascending order in a statement of
    /// their own.
    async fn begin_apply(&self, request: &LockRequest) -> Result<Box<dyn OpenApply>, StoreError>;

    /// Token and current row of each key, all in one snapshot begun after this
    /// call; the answers stand in the order of the keys.
    async fn pull(&self, service: &str, keys: &[RowKey]) -> Result<Vec<Pulled>, StoreError>;

    /// Removes each marker whose entity, key and token all match; skips those
    /// that somebody holds locked. Answers how many went.
    async fn clear_markers(&self, service: &str, markers: &[Marker]) -> Result<u64, StoreError>;

    /// Up to `limit` markers of one entity with keys after `after`, in key
    /// order.
    async fn markers(
        &self,
        service: &str,
        table: &Arc<Table>,
        after: Option<&Key>,
        limit: u32,
    ) -> Result<Vec<Marker>, StoreError>;

    /// The markers in these tables' outboxes that were left by any of these
    /// transactions, at most `limit`.
    ///
    /// Outboxes are not indexed by token, which every write would pay for: the
    /// cost is that of reading them, so the engine asks only while they are
    /// short. An adapter that can do it in the database should; this one
    /// pages through.
    async fn siblings(
        &self,
        service: &str,
        tables: &[Arc<Table>],
        tokens: &[Token],
        limit: u32,
    ) -> Result<Vec<Marker>, StoreError> {
        let most = usize::try_from(limit).unwrap_or(usize::MAX);
        let mut found = Vec::new();
        for table in tables {
            let mut after: Option<Key> = None;
            loop {
                let page = self.markers(service, table, after.as_ref(), 512).await?;
                after = page.last().map(|marker| marker.row.key.clone());
                let own = page.into_iter();
                found.extend(own.filter(|marker| tokens.contains(&marker.token)));
                if after.is_none() || found.len() >= most {
                    break;
                }
            }
        }
        found.truncate(most);
        Ok(found)
    }

    /// Leaves a marker (with this token) for each key, under the fence as
    /// `primary` at `epoch`. This is how a repair starts.
    async fn mark(
        &self,
        service: &str,
        epoch: u64,
        token: Token,
        keys: &[RowKey],
    ) -> Result<(), StoreError>;

    /// How many markers stand in each outbox, and how many keys are set aside.
    async fn backlog(
        &self,
        service: &str,
        tables: &[Arc<Table>],
    ) -> Result<Vec<Backlog>, StoreError>;

    // --- reads --------------------------------------------------------------

    /// Rows by key, with the fence row of the same snapshot. The caller judges
    /// the fence.
    async fn read(&self, service: &str, keys: &[RowKey]) -> Result<ReadRows, StoreError>;

    /// Rows of one table in key order, with the fence row of the same
    /// snapshot.
    async fn list(&self, service: &str, listing: &Listing) -> Result<ListPage, StoreError>;

    /// Keys of one table in canonical key order, after `after` and up to and
    /// including `until`, at most `limit`.
    async fn keys(
        &self,
        table: &Arc<Table>,
        after: Option<&Key>,
        until: Option<&Key>,
        limit: u32,
    ) -> Result<KeyPage, StoreError>;

    /// About `parts - 1` keys that split the table in ranges of like size, in
    /// canonical key order, and an estimate of its rows.
    async fn split(&self, table: &Arc<Table>, parts: u32) -> Result<(Vec<Key>, u64), StoreError>;

    // --- receipts -----------------------------------------------------------

    /// The receipt of a request with the fence row of the same snapshot.
    /// `tables` are those of the request's mutations, to decode the images;
    /// empty when only the outcome matters.
    async fn receipt(
        &self,
        service: &str,
        request_id: &str,
        tables: &[Arc<Table>],
    ) -> Result<ReceiptLookup, StoreError>;

    /// Makes sure that the request can never commit any more: inserts
    /// `aborted` under the fence as `primary` at `epoch`. Waits for a
    /// transaction that is still open. Answers what stands there then.
    async fn settle(
        &self,
        service: &str,
        epoch: u64,
        request_id: &str,
    ) -> Result<Settled, StoreError>;

    /// Whether any receipt stands here. A side without one has nothing to say
    /// of a request's past, so nobody needs to ask it. The conservative answer
    /// is yes.
    async fn has_receipts(&self, _service: &str) -> Result<bool, StoreError> {
        Ok(true)
    }

    /// Drops receipts older than their lifetime. Answers how many.
    async fn expire_receipts(
        &self,
        service: &str,
        lifetime: std::time::Duration,
    ) -> Result<u64, StoreError>;

    // --- odds and ends ------------------------------------------------------

    /// Moves the sequences behind the tables' columns past the largest value
    /// that is there. Never backwards.
    async fn advance_sequences(&self, tables: &[Arc<Table>]) -> Result<(), StoreError>;

    /// Sets a key aside with the error that its copy met, or counts one more
    /// try. Kept on the primary, beside the marker.
    async fn quarantine(&self, service: &str, key: &RowKey, error: &str) -> Result<(), StoreError>;

    /// Takes keys out of quarantine.
    async fn release(&self, service: &str, keys: &[RowKey]) -> Result<u64, StoreError>;

    /// The keys set aside, at most `limit`.
    async fn quarantined(
        &self,
        service: &str,
        tables: &[Arc<Table>],
        limit: u32,
    ) -> Result<Vec<Quarantined>, StoreError>;

    // --- diagnosis, and the end ----------------------------------------------

    /// What of the server, its sessions and privileges keeps the promises of
    /// the protocol, and what does not: one finding a check, in a fixed order,
    /// without a side. A [`Severity::Problem`](dualwrite_core::diagnosis::Severity)
    /// means that a promise does not hold.
    async fn diagnose(&self, service: &str) -> Result<Vec<Finding>, StoreError>;

    /// Applies the mutations in one transaction and commits: no fence, no
    /// marker, no receipt. Only for a service whose migration has ended.
    async fn write_plain(&self, mutations: &[Mutation]) -> Result<Vec<Image>, StoreError>;

    /// Rows by key, without a fence. Only for a service whose migration has
    /// ended.
    async fn read_plain(&self, keys: &[RowKey]) -> Result<Vec<Option<Vec<Value>>>, StoreError>;

    /// Rows of one table in key order, without a fence. Only for a service
    /// whose migration has ended.
    async fn list_plain(&self, listing: &Listing) -> Result<Vec<Vec<Value>>, StoreError>;

    /// Removes everything of ours that belongs to this service, and what all
    /// services share once no service is left. Waits for transactions that hold
    /// the gate, in short tries ([`StoreError::Busy`]). Safe to run twice and
    /// by several at once, and to resume after a crash.
    ///
    /// Refused ([`StoreError::Stale`]) while a fence stands there that is not
    /// one of the last phase at rest: a migration that goes on is never
    /// removed, whoever asks.
    async fn remove(&self, service: &str) -> Result<Removed, StoreError>;
}

/// Whether [`Store::remove`] may take a fence away.
#[must_use]
pub fn may_be_removed(fence: &Fence) -> bool {
    use dualwrite_core::phase::Phase;
    use dualwrite_core::side::Role;
    fence.phase == Phase::NewOnly && matches!(fence.role, Role::Primary | Role::Off)
}

/// What a fence row must be for a foreground write: used in documentation and
/// by adapters alike.
#[must_use]
pub fn accepts_write(fence: &Fence, epoch: u64) -> bool {
    fence.role == dualwrite_core::side::Role::Primary && fence.epoch == epoch
}
