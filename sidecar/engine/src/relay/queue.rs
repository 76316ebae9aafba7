//! The keys of this sidecar's own fresh writes: which are to be copied, which
//! are not yet known to have arrived, and who waits for that.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::{Notify, oneshot};

use super::Dirty;
use super::copy::Copied;
use super::poison::Poison;
use crate::shared::Shared;
use crate::view::Active;

/// Fresh keys remembered at most. What does not fit is left to the sweep, and
/// until the queue is empty again every `session` read goes to the primary.
const FRESH_MAX: usize = 100_000;

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct RelayQueue {
    state: Mutex<State>,
    arrived: Notify,
    overflowed: AtomicBool,
    pub(super) poison: Poison,
}

#[derive(Debug, Default)]
struct State {
    order: VecDeque<Dirty>,
    entries: HashMap<Dirty, Entry>,
    sequence: u64,
}

#[derive(Debug, Default)]
struct Entry {
    /// Of the latest write of the key.
    sequence: u64,
    queued: bool,
    waiters: Vec<(u64, oneshot::Sender<()>)>,
}

impl RelayQueue {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes keys that were just written.
    pub(crate) fn push(&self, keys: impl IntoIterator<Item = Dirty>) {
        let mut state = self.state();
        for dirty in keys {
            if !state.push(dirty) {
                self.overflowed.store(true, Ordering::Relaxed);
            }
        }
        drop(state);
        self.arrived.notify_one();
    }

    /// The same, and answers when the copy of each key is known to have
    /// arrived. A receiver that fails means: nobody will say.
    pub(crate) fn push_and_watch(&self, keys: Vec<Dirty>) -> Vec<oneshot::Receiver<()>> {
        let mut state = self.state();
        let mut receivers = Vec::with_capacity(keys.len());
        for dirty in keys {
            let (sender, receiver) = oneshot::channel();
            if state.push(dirty.clone()) {
                let sequence = state.sequence;
                if let Some(entry) = state.entries.get_mut(&dirty) {
                    entry.waiters.push((sequence, sender));
                }
            } else {
                self.overflowed.store(true, Ordering::Relaxed);
            }
            receivers.push(receiver);
        }
        drop(state);
        self.arrived.notify_one();
        receivers
    }

    /// Waits until there is something to take.
    pub(super) async fn arrived(&self) {
        loop {
            let notified = self.arrived.notified();
            if !self.state().order.is_empty() {
                return;
            }
            notified.await;
        }
    }

    /// Takes keys to copy, oldest first, each with the number of its latest
    /// write. Wakes the other lane if something is left.
    pub(super) fn take(&self, limit: u32) -> Vec<(Dirty, u64)> {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let mut state = self.state();
        let mut taken = Vec::new();
        while taken.len() < limit {
            let Some(dirty) = state.order.pop_front() else {
                break;
            };
            if let Some(entry) = state.entries.get_mut(&dirty) {
                entry.queued = false;
                taken.push((dirty, entry.sequence));
            }
        }
        let more = !state.order.is_empty();
        drop(state);
        if more {
            self.arrived.notify_one();
        }
        taken
    }

    /// Puts taken keys back, after a failure of the whole batch.
    pub(super) fn requeue(&self, taken: &[(Dirty, u64)]) {
        let mut state = self.state();
        for (dirty, _) in taken {
            state.queue(dirty);
        }
        drop(state);
        self.arrived.notify_one();
    }

    /// Notes what a batch came to.
    pub(super) async fn settle(
        &self,
        shared: &Shared,
        active: &Active,
        taken: &[(Dirty, u64)],
        copied: &Copied,
    ) {
        {
            let mut state = self.state();
            for (place, (dirty, sequence)) in taken.iter().enumerate() {
                if copied.done[place] {
                    state.arrived(dirty, *sequence);
                } else {
                    // The sweep will have it; whoever waits is told `pending`.
                    state.forget(dirty, *sequence);
                }
            }
            if state.entries.is_empty() {
                self.overflowed.store(false, Ordering::Relaxed);
            }
        }
        self.poison
            .note(shared, active, taken.iter().map(|(dirty, _)| dirty), copied)
            .await;
    }

    /// Whether a write of this key through this sidecar is not yet known to
    /// have arrived.
    pub(crate) fn is_pending(&self, dirty: &Dirty) -> bool {
        self.overflowed.load(Ordering::Relaxed) || self.state().entries.contains_key(dirty)
    }

    /// Whether the lanes will copy this key anyway.
    pub(super) fn holds(&self, dirty: &Dirty) -> bool {
        self.state().entries.contains_key(dirty)
    }
}

impl State {
    fn push(&mut self, dirty: Dirty) -> bool {
        if self.entries.len() >= FRESH_MAX && !self.entries.contains_key(&dirty) {
            return false;
        }
        self.sequence += 1;
        let sequence = self.sequence;
        self.entries.entry(dirty.clone()).or_default().sequence = sequence;
        self.queue(&dirty);
        true
    }

    fn queue(&mut self, dirty: &Dirty) {
        if let Some(entry) = self.entries.get_mut(dirty)
            && !entry.queued
        {
            entry.queued = true;
            self.order.push_back(dirty.clone());
        }
    }

    fn arrived(&mut self, dirty: &Dirty, sequence: u64) {
        let Some(entry) = self.entries.get_mut(dirty) else {
            return;
        };
        let (told, waiting) = std::mem::take(&mut entry.waiters)
            .into_iter()
            .partition(|(own, _)| *own <= sequence);
        entry.waiters = waiting;
        for (_, sender) in Vec::<(u64, oneshot::Sender<()>)>::from_iter(told) {
            let _ = sender.send(());
        }
        self.forget(dirty, sequence);
    }

    fn forget(&mut self, dirty: &Dirty, sequence: u64) {
        if self
            .entries
            .get(dirty)
            .is_some_and(|entry| entry.sequence == sequence && !entry.queued)
        {
            self.entries.remove(dirty);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use dualwrite_core::key::Key;
    use dualwrite_core::value::Value;

    use super::*;

    fn dirty(id: i64) -> Dirty {
        Dirty {
            entity: Arc::from("cart"),
            key: Key::new(vec![Value::Int(id)]).unwrap(),
        }
    }

    #[test]
    fn a_key_is_taken_once_however_often_it_was_written() {
        let queue = RelayQueue::default();
        queue.push([dirty(1), dirty(1), dirty(2)]);
        let taken = queue.take(10);
        assert_eq!(
            taken.iter().map(|(key, _)| key.clone()).collect::<Vec<_>>(),
            [dirty(1), dirty(2)]
        );
        assert!(queue.take(10).is_empty());
    }

    #[test]
    fn a_write_during_the_copy_keeps_the_key_pending() {
        let queue = RelayQueue::default();
        queue.push([dirty(1)]);
        let taken = queue.take(10);
        queue.push([dirty(1)]);
        queue.state().arrived(&dirty(1), taken[0].1);
        assert!(queue.is_pending(&dirty(1)));
        let again = queue.take(10);
        queue.state().arrived(&dirty(1), again[0].1);
        assert!(!queue.is_pending(&dirty(1)));
    }

    #[tokio::test]
    async fn whoever_waits_is_told_by_the_copy_that_covers_the_write() {
        let queue = RelayQueue::default();
        let mut first = queue.push_and_watch(vec![dirty(1)]);
        let taken = queue.take(10);
        let mut second = queue.push_and_watch(vec![dirty(1)]);
        queue.state().arrived(&dirty(1), taken[0].1);
        assert!(first.remove(0).await.is_ok());
        assert!(
            second[0].try_recv().is_err(),
            "its write came after the copy"
        );
    }
}
