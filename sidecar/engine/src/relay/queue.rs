//! The keys of this sidecar's own fresh writes: which are to be copied, which
//! are not yet known to have arrived, and who waits for that.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Notify, oneshot};

use super::Dirty;
use super::copy::Copied;
use super::poison::Poison;
use crate::shared::Shared;
use crate::store::Token;
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
    /// Markers that stood in the outboxes at the last complete look.
    standing: AtomicUsize,
    pub(super) poison: Poison,
}

#[derive(Debug, Default)]
struct State {
    order: VecDeque<Dirty>,
    entries: HashMap<Dirty, Entry>,
    /// The keys of each transaction of which an entry is the latest write.
    together: HashMap<Token, Together>,
    sequence: u64,
}

/// The keys that one transaction wrote.
#[derive(Debug)]
struct Together {
    keys: Arc<[Dirty]>,
    /// How many of them have an entry of this transaction.
    entries: usize,
}

#[derive(Debug, Default)]
struct Entry {
    /// Of the latest write of the key.
    sequence: u64,
    queued: bool,
    /// Its copy failed: the sweep will have it. Until its marker is seen to be
    /// gone, the key counts as not arrived.
    left: bool,
    /// Of its latest write.
    token: Option<Token>,
    waiters: Vec<(u64, oneshot::Sender<()>)>,
}

impl RelayQueue {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes keys that one transaction just wrote; no token where they are not
    /// known to be all of its keys.
    pub(crate) fn push(&self, keys: impl IntoIterator<Item = Dirty>, token: Option<Token>) {
        let keys: Arc<[Dirty]> = keys.into_iter().collect();
        let mut state = self.state();
        for dirty in &*keys {
            if !state.push(dirty, &keys, token) {
                self.overflowed.store(true, Ordering::Relaxed);
            }
        }
        drop(state);
        self.arrived.notify_one();
    }

    /// The same, and answers when the copy of each key is known to have
    /// arrived. A receiver that fails means: nobody will say.
    pub(crate) fn push_and_watch(
        &self,
        keys: Vec<Dirty>,
        token: Option<Token>,
    ) -> Vec<oneshot::Receiver<()>> {
        let keys: Arc<[Dirty]> = keys.into();
        let mut state = self.state();
        let mut receivers = Vec::with_capacity(keys.len());
        for dirty in &*keys {
            let (sender, receiver) = oneshot::channel();
            if state.push(dirty, &keys, token) {
                let sequence = state.sequence;
                if let Some(entry) = state.entries.get_mut(dirty) {
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
    /// write, and with it the others that its transaction wrote (so that
    /// somewhat more than `limit` may be taken). Wakes the other lane if
    /// something is left.
    pub(super) fn take(&self, limit: u32) -> Vec<(Dirty, u64)> {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let mut state = self.state();
        let mut taken = Vec::new();
        while taken.len() < limit {
            let Some(dirty) = state.order.pop_front() else {
                break;
            };
            let Some(first) = state.take(&dirty) else {
                continue;
            };
            taken.push((dirty, first));
            for other in state.mates(&taken[taken.len() - 1].0).iter() {
                if let Some(sequence) = state.take(other) {
                    taken.push((other.clone(), sequence));
                }
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
                    // Whoever waits is told `pending`.
                    state.leave(dirty, *sequence);
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
        let state = self.state();
        state.entries.get(dirty).is_some_and(|entry| !entry.left)
    }

    /// All keys of a transaction of this sidecar that is not done with yet.
    pub(super) fn written_together(&self, token: Token) -> Option<Arc<[Dirty]>> {
        let state = self.state();
        let together = state.together.get(&token)?;
        Some(Arc::clone(&together.keys))
    }

    /// The number of the latest write; see [`RelayQueue::seen`].
    pub(super) fn latest(&self) -> u64 {
        self.state().sequence
    }

    /// Notes a complete look at the outboxes that began when `latest` was the
    /// number of the latest write: what was left to the sweep by then and has no
    /// marker any more has arrived.
    pub(super) fn seen(&self, latest: u64, count: usize, stands: impl Fn(&Dirty) -> bool) {
        self.standing.store(count, Ordering::Relaxed);
        let mut state = self.state();
        let gone: Vec<(Dirty, u64)> = state
            .entries
            .iter()
            .filter(|(dirty, entry)| entry.left && entry.sequence <= latest && !stands(dirty))
            .map(|(dirty, entry)| (dirty.clone(), entry.sequence))
            .collect();
        for (dirty, sequence) in gone {
            state.forget(&dirty, sequence);
        }
        if state.entries.is_empty() {
            self.overflowed.store(false, Ordering::Relaxed);
        }
    }

    /// How many markers stood in the outboxes at the last look.
    pub(super) fn standing(&self) -> usize {
        self.standing.load(Ordering::Relaxed)
    }
}

impl State {
    fn push(&mut self, dirty: &Dirty, keys: &Arc<[Dirty]>, token: Option<Token>) -> bool {
        if self.entries.len() >= FRESH_MAX && !self.entries.contains_key(dirty) {
            return false;
        }
        self.sequence += 1;
        let sequence = self.sequence;
        let entry = self.entries.entry(dirty.clone()).or_default();
        entry.sequence = sequence;
        entry.left = false;
        let before = std::mem::replace(&mut entry.token, token);
        if let Some(token) = token {
            let together = self.together.entry(token).or_insert_with(|| Together {
                keys: Arc::clone(keys),
                entries: 0,
            });
            together.entries += 1;
        }
        self.parted(before);
        self.queue(dirty);
        true
    }

    /// One entry less is of this transaction.
    fn parted(&mut self, token: Option<Token>) {
        let Some(token) = token else { return };
        if let Some(together) = self.together.get_mut(&token) {
            together.entries -= 1;
            if together.entries == 0 {
                self.together.remove(&token);
            }
        }
    }

    /// Takes a key out of the queue, if it is in it; answers the number of its
    /// latest write.
    fn take(&mut self, dirty: &Dirty) -> Option<u64> {
        let entry = self.entries.get_mut(dirty).filter(|entry| entry.queued)?;
        entry.queued = false;
        Some(entry.sequence)
    }

    /// The keys that were written together with this one.
    fn mates(&self, dirty: &Dirty) -> Arc<[Dirty]> {
        let token = self.entries.get(dirty).and_then(|entry| entry.token);
        let together = token.and_then(|token| self.together.get(&token));
        together.map_or_else(|| Arc::from([]), |together| Arc::clone(&together.keys))
    }

    /// Leaves a key to the sweep.
    fn leave(&mut self, dirty: &Dirty, sequence: u64) {
        let entry = self.entries.get_mut(dirty);
        if let Some(entry) = entry.filter(|entry| entry.sequence == sequence && !entry.queued) {
            entry.left = true;
            entry.waiters.clear();
        }
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
            let gone = self.entries.remove(dirty);
            self.parted(gone.and_then(|entry| entry.token));
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
        queue.push([dirty(1), dirty(1), dirty(2)], None);
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
        queue.push([dirty(1)], None);
        let taken = queue.take(10);
        queue.push([dirty(1)], None);
        queue.state().arrived(&dirty(1), taken[0].1);
        assert!(queue.is_pending(&dirty(1)));
        let again = queue.take(10);
        queue.state().arrived(&dirty(1), again[0].1);
        assert!(!queue.is_pending(&dirty(1)));
    }

    #[tokio::test]
    async fn whoever_waits_is_told_by_the_copy_that_covers_the_write() {
        let queue = RelayQueue::default();
        let mut first = queue.push_and_watch(vec![dirty(1)], None);
        let taken = queue.take(10);
        let mut second = queue.push_and_watch(vec![dirty(1)], None);
        queue.state().arrived(&dirty(1), taken[0].1);
        assert!(first.remove(0).await.is_ok());
        assert!(
            second[0].try_recv().is_err(),
            "its write came after the copy"
        );
    }

    fn ids(taken: &[(Dirty, u64)]) -> Vec<Dirty> {
        taken.iter().map(|(key, _)| key.clone()).collect()
    }

    #[test]
    fn what_one_transaction_wrote_is_taken_together() {
        let queue = RelayQueue::default();
        queue.push([dirty(1)], Some(Token(7)));
        queue.push([dirty(2), dirty(1), dirty(3)], Some(Token(8)));
        queue.push([dirty(4)], Some(Token(9)));
        let taken = queue.take(1);
        assert_eq!(ids(&taken), [dirty(1), dirty(2), dirty(3)]);
        let keys = queue.written_together(Token(8)).unwrap();
        assert_eq!(*keys, [dirty(2), dirty(1), dirty(3)]);
        assert!(queue.written_together(Token(7)).is_none(), "overwritten");
        assert_eq!(ids(&queue.take(9)), [dirty(4)]);
        for (key, sequence) in &taken {
            queue.state().arrived(key, *sequence);
        }
        assert!(queue.written_together(Token(8)).is_none(), "done with");
    }

    #[test]
    fn a_key_whose_copy_failed_is_pending_until_its_marker_is_seen_to_be_gone() {
        let queue = RelayQueue::default();
        queue.push([dirty(1)], Some(Token(7)));
        let taken = queue.take(1);
        queue.state().leave(&dirty(1), taken[0].1);
        assert!(queue.is_pending(&dirty(1)) && !queue.holds(&dirty(1)));
        queue.seen(queue.latest(), 1, |_| true);
        assert!(queue.is_pending(&dirty(1)), "its marker stands");
        let before = queue.latest();
        queue.push([dirty(1)], Some(Token(8)));
        let taken = queue.take(1);
        queue.state().leave(&dirty(1), taken[0].1);
        queue.seen(before, 0, |_| false);
        assert!(
            queue.is_pending(&dirty(1)),
            "that look began before the write"
        );
        queue.seen(queue.latest(), 0, |_| false);
        assert!(!queue.is_pending(&dirty(1)));
    }
}
