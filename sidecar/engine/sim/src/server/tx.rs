//! One transaction, as its session on the server has it.

use std::sync::Arc;
use std::time::Duration;

use dualwrite_engine::store::StoreError;
use tokio::time::timeout;

use super::locks::{Asked, Lock, Mode};
use super::{Data, Live, Purpose, RecordId, Server, TxId, Version};

/// How long a statement of a server waits for a lock, unless it says otherwise.
pub(crate) const LOCK_TIMEOUT: Duration = Duration::from_secs(2);

/// An open transaction. Dropping it rolls it back.
#[derive(Debug)]
pub(crate) struct Tx {
    pub(super) server: Arc<Server>,
    pub(super) id: TxId,
}

impl Server {
    /// Begins a transaction.
    pub(crate) fn begin(self: &Arc<Self>, purpose: Purpose) -> Tx {
        let mut state = self.state();
        state.next_tx += 1;
        let id = state.next_tx;
        let live = Live {
            purpose,
            ..Live::default()
        };
        if !state.down {
            state.live.insert(id, live);
        }
        drop(state);
        Tx {
            server: Arc::clone(self),
            id,
        }
    }
}

impl Tx {
    pub(crate) fn server(&self) -> &Arc<Server> {
        &self.server
    }

    pub(crate) const fn id(&self) -> TxId {
        self.id
    }

    /// Takes a lock, waiting at most so long.
    pub(crate) async fn lock(
        &self,
        lock: &Lock,
        mode: Mode,
        longest: Duration,
    ) -> Result<(), StoreError> {
        let asked = {
            let mut state = self.server.state();
            self.alive(&state)?;
            state.locks.ask(self.id, lock, mode)
        };
        match asked {
            Asked::Granted => Ok(()),
            Asked::Deadlock => Err(self.fail(StoreError::Conflict("a deadlock".to_owned()))),
            Asked::Wait(granted) => match timeout(longest, granted).await {
                Ok(Ok(())) => Ok(()),
                Ok(Err(_)) => Err(terminated()),
                Err(_) => {
                    self.server.state().locks.give_up(self.id);
                    let busy = "somebody holds the lock for longer than this waits";
                    Err(self.fail(StoreError::Busy(busy.to_owned())))
                }
            },
        }
    }

    /// Takes a lock on a record.
    pub(crate) async fn lock_record(&self, id: &RecordId, mode: Mode) -> Result<(), StoreError> {
        self.lock(&Lock::Record(id.clone()), mode, LOCK_TIMEOUT)
            .await
    }

    /// Takes a lock if it is free; answers whether it is held now.
    pub(crate) fn try_lock(&self, lock: &Lock, mode: Mode) -> Result<bool, StoreError> {
        let mut state = self.server.state();
        self.alive(&state)?;
        Ok(state.locks.try_ask(self.id, lock, mode))
    }

    /// What this transaction sees.
    pub(crate) fn seen(&self, id: &RecordId) -> Option<Arc<Version>> {
        self.server.state().seen(Some(self.id), id)
    }

    /// Writes a version, or removes the record. The lock is the caller's.
    pub(crate) fn write(&self, id: RecordId, data: Option<Data>) -> Result<(), StoreError> {
        let mut state = self.server.state();
        self.alive(&state)?;
        let before = state.seen(Some(self.id), &id);
        let version = match (data, before) {
            (None, _) => None,
            (Some(data), None) => Some(state.born(data)),
            (Some(data), Some(before)) => Some(Arc::new(Version {
                birth: before.birth,
                data,
            })),
        };
        let record = state.records.entry(id.clone()).or_default();
        let first = record.pending.is_none();
        record.pending = Some((self.id, version));
        if first && let Some(live) = state.live.get_mut(&self.id) {
            live.written.push(id);
        }
        Ok(())
    }

    /// Notes that only a rollback is possible any more.
    pub(crate) fn fail(&self, error: StoreError) -> StoreError {
        if let Some(live) = self.server.state().live.get_mut(&self.id) {
            live.failed = true;
        }
        error
    }

    /// Whether an error was met.
    pub(crate) fn has_failed(&self) -> bool {
        let state = self.server.state();
        state.live.get(&self.id).is_none_or(|live| live.failed)
    }

    fn alive(&self, state: &super::State) -> Result<(), StoreError> {
        match state.live.get(&self.id) {
            Some(_) => Ok(()),
            None => Err(terminated()),
        }
    }
}

/// The server went down under a transaction.
pub(crate) fn terminated() -> StoreError {
    StoreError::Unavailable("the server terminated the connection".to_owned())
}
