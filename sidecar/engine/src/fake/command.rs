//! What a test tells a database in memory, and how its calls begin.

use std::sync::Arc;
use std::time::Duration;

use dualwrite_core::key::Key;
use tokio::sync::OwnedMutexGuard;

use super::database::Database;
use super::open::Transaction;
use super::{Call, FakeStore, FakeTable, Fault};
use crate::store::StoreError;

impl FakeStore {
    /// An empty database.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Creates a table, or replaces the one of this name.
    pub fn create_table(&self, table: FakeTable) {
        let mut committed = self.shared.lock();
        Arc::make_mut(&mut committed).create(table);
    }

    /// The next call of this kind fails like this. Faults of one kind of call
    /// queue up.
    pub fn fail_next(&self, call: Call, fault: Fault) {
        self.shared.faults.push(call, fault);
    }

    /// From now on no call reaches the database, or every call does again.
    pub fn set_unreachable(&self, unreachable: bool) {
        self.shared.faults.set_unreachable(unreachable);
    }

    /// From now on no row that is read comes back, nor an error, or every one
    /// that is asked for afterwards does again.
    pub fn set_hanging(&self, hanging: bool) {
        self.shared.faults.set_hanging(hanging);
    }

    /// Takes the place of the one writer: until what is answered is dropped,
    /// every transaction that writes waits.
    pub async fn hold_writer(&self) -> OwnedMutexGuard<()> {
        Arc::clone(&self.shared.writer).lock_owned().await
    }

    /// From now on every copy of this key meets a constraint, or none does.
    pub fn refuse(&self, table: &str, key: &Key, refused: bool) {
        self.shared.faults.refuse(table, key, refused);
    }

    /// Removes a fence row, as somebody who restores an old backup would.
    pub fn remove_fence(&self, service: &str) {
        Arc::make_mut(&mut self.shared.lock())
            .fences
            .remove(service);
    }

    /// One snapshot of what is committed, for a call that only reads.
    pub(super) async fn reading(&self, call: Call) -> Result<Arc<Database>, StoreError> {
        // Gives other tasks their turn, as every real database does.
        tokio::task::yield_now().await;
        if self.shared.faults.hangs(call) {
            std::future::pending::<()>().await;
        }
        self.shared.faults.before_read(call)?;
        Ok(Arc::clone(&self.shared.lock()))
    }

    /// A transaction that writes.
    pub(super) async fn writing(
        &self,
        call: Call,
        wait: Duration,
    ) -> Result<Transaction, StoreError> {
        tokio::task::yield_now().await;
        let fault = self.shared.faults.before_write(call)?;
        let guard = self.lock_writer(wait).await?;
        let database = Database::clone(&self.shared.lock());
        Ok(Transaction {
            shared: Arc::clone(&self.shared),
            database,
            fault,
            _guard: guard,
        })
    }

    async fn lock_writer(&self, wait: Duration) -> Result<OwnedMutexGuard<()>, StoreError> {
        let lock = Arc::clone(&self.shared.writer).lock_owned();
        tokio::time::timeout(wait, lock)
            .await
            .map_err(|_| StoreError::Busy("another transaction holds the write lock".to_owned()))
    }
}
