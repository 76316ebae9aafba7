//! How transactions end, and who is told of it.

use std::sync::Arc;

use dualwrite_engine::store::{StoreError, Token};

use super::tx::terminated;
use super::{RecordId, Server, Space, State, Tx, TxId, Version};

/// What a transaction is for, as far as the rules of the protocol go.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum Purpose {
    /// A foreground write.
    Foreground {
        /// The epoch that its sidecar works under.
        epoch: u64,
        /// The token of its markers, if it leaves any.
        token: Option<Token>,
        /// Its idempotency key, if it has one.
        request: Option<String>,
    },
    /// A copy on the secondary.
    Copy {
        /// The epoch that its sidecar works under.
        epoch: u64,
    },
    /// A change of the fence.
    Fence,
    /// The removal of markers.
    Clearing,
    /// Anything else.
    #[default]
    Other,
}

/// One record that a transaction wrote.
#[derive(Debug)]
pub struct Written {
    /// Which.
    pub id: RecordId,
    /// What stood there.
    pub before: Option<Arc<Version>>,
    /// What stands there now.
    pub after: Option<Arc<Version>>,
}

/// The end of a transaction.
#[derive(Debug)]
pub struct Commit {
    /// What it was for.
    pub purpose: Purpose,
    /// What it wrote, in the order of writing; nothing where it was rolled
    /// back.
    pub written: Vec<Written>,
    /// The key locks that it gave back.
    pub released: Vec<(Arc<str>, u16)>,
    /// Whether it was committed.
    pub committed: bool,
}

/// Is told of every end of a transaction, at the very instant.
pub trait Observer: Send + Sync + std::fmt::Debug {
    /// A transaction ended on this server.
    fn ended(&self, server: &Server, end: &Commit);
}

impl Server {
    fn tell(&self, end: &Commit) {
        let observer = self
            .observer
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .clone();
        if let Some(observer) = observer {
            observer.ended(self, end);
        }
    }

    /// The server is killed, until [`Server::start`]: every open transaction is
    /// gone, and nothing reaches it.
    /// With `lose_removals` those removals of markers are undone that nobody
    /// waited to have on disk and that no later commit took there.
    pub fn crash(&self, lose_removals: bool) {
        let ends: Vec<Commit> = {
            let mut state = self.state();
            state.down = true;
            let lost = std::mem::take(&mut state.unflushed);
            if lose_removals {
                for (id, version) in lost {
                    state.records.entry(id).or_default().committed = Some(version);
                }
            }
            let open: Vec<TxId> = state.live.keys().copied().collect();
            open.into_iter()
                .filter_map(|tx| state.roll_back(tx))
                .collect()
        };
        for end in ends {
            self.tell(&end);
        }
    }
}

impl Tx {
    /// Commits, and tells the observer before anybody else can act.
    pub(crate) fn commit(self) -> Result<(), StoreError> {
        if self.has_failed() {
            let alive = self.server.state().live.contains_key(&self.id);
            return Err(if alive { after_error() } else { terminated() });
        }
        let end = self.server.state().commit(self.id);
        match end {
            Some(end) => {
                self.server.tell(&end);
                Ok(())
            }
            None => Err(terminated()),
        }
    }
}

impl Drop for Tx {
    fn drop(&mut self) {
        let end = self.server.state().roll_back(self.id);
        if let Some(end) = end {
            self.server.tell(&end);
        }
    }
}

impl State {
    fn commit(&mut self, tx: TxId) -> Option<Commit> {
        let live = self.live.remove(&tx)?;
        let mut written = Vec::with_capacity(live.written.len());
        for id in live.written {
            let Some(record) = self.records.get_mut(&id) else {
                continue;
            };
            let Some((_, after)) = record.pending.take() else {
                continue;
            };
            let before = std::mem::replace(&mut record.committed, after.clone());
            if record.committed.is_none() {
                self.records.remove(&id);
            }
            written.push(Written { id, before, after });
        }
        self.note_durability(&live.purpose, &written);
        Some(Commit {
            purpose: live.purpose,
            written,
            released: self.locks.release(tx),
            committed: true,
        })
    }

    /// The removal of markers does not wait for the disk; any other commit
    /// takes everything before it there.
    fn note_durability(&mut self, purpose: &Purpose, written: &[Written]) {
        if written.is_empty() {
            return;
        }
        if *purpose != Purpose::Clearing {
            self.unflushed.clear();
            return;
        }
        for one in written {
            if let (Space::Marker(..), Some(before)) = (&one.id.space, &one.before) {
                self.unflushed.push((one.id.clone(), Arc::clone(before)));
            }
        }
    }

    fn roll_back(&mut self, tx: TxId) -> Option<Commit> {
        let live = self.live.remove(&tx)?;
        for id in live.written {
            let Some(record) = self.records.get_mut(&id) else {
                continue;
            };
            record.pending = None;
            if record.committed.is_none() {
                self.records.remove(&id);
            }
        }
        Some(Commit {
            purpose: live.purpose,
            written: Vec::new(),
            released: self.locks.release(tx),
            committed: false,
        })
    }
}

fn after_error() -> StoreError {
    StoreError::Other("the transaction met an error before and can only be rolled back".to_owned())
}
