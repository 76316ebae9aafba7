//! Reads that wait to be compared, and what came of those before.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use dualwrite_core::tally::Comparisons;
use tokio::sync::Notify;

use super::{Answered, EntityComparisons, MismatchedKey};

/// Reads that wait at most. They hold a row each, and one that waits long says
/// less: what differs is likelier to be a later write.
const WAITING_MAX: usize = 128;

/// Keys that are remembered: enough to start looking, few enough to read.
const REMEMBERED_MAX: usize = 32;

/// The queue of the lanes, and their counts.
#[derive(Debug, Default)]
pub(crate) struct Comparing {
    state: Mutex<State>,
    arrived: Notify,
}

#[derive(Debug, Default)]
struct State {
    waiting: VecDeque<Answered>,
    counts: BTreeMap<Arc<str>, Comparisons>,
    mismatched: VecDeque<MismatchedKey>,
}

impl Comparing {
    /// Adds a read, unless there is no room: whether there was.
    pub(super) fn push(&self, answered: Answered) -> bool {
        let mut state = self.state();
        let room = state.waiting.len() < WAITING_MAX;
        if room {
            state.waiting.push_back(answered);
            drop(state);
            self.arrived.notify_one();
        }
        room
    }

    /// The next read.
    pub(super) async fn next(&self) -> Answered {
        loop {
            let arrived = self.arrived.notified();
            let (next, more) = {
                let mut state = self.state();
                (state.waiting.pop_front(), !state.waiting.is_empty())
            };
            if more {
                // Two arrivals may have been one notice.
                self.arrived.notify_one();
            }
            match next {
                Some(answered) => return answered,
                None => arrived.await,
            }
        }
    }

    pub(super) fn count(&self, entity: &Arc<str>, which: fn(&mut Comparisons) -> &mut u64) {
        let mut state = self.state();
        *which(state.counts.entry(Arc::clone(entity)).or_default()) += 1;
    }

    pub(super) fn remember(&self, key: MismatchedKey) {
        let mut state = self.state();
        state
            .mismatched
            .retain(|known| (&known.entity, &known.key) != (&key.entity, &key.key));
        if state.mismatched.len() >= REMEMBERED_MAX {
            state.mismatched.pop_front();
        }
        state.mismatched.push_back(key);
    }

    /// The counts of each entity.
    pub(crate) fn counts(&self) -> Vec<EntityComparisons> {
        let state = self.state();
        let each = state
            .counts
            .iter()
            .map(|(entity, counts)| EntityComparisons {
                entity: Arc::clone(entity),
                counts: *counts,
            });
        each.collect()
    }

    /// The keys that differed last, newest last, each once.
    pub(crate) fn mismatched(&self) -> Vec<MismatchedKey> {
        self.state().mismatched.iter().cloned().collect()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
