//! Locks: who holds them, who waits for them in which order, and who waits for
//! whom in a circle.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use tokio::sync::oneshot;

use super::{RecordId, TxId};

/// What can be locked.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lock {
    /// The gate of a service, whose lock is its fence's.
    Gate(Arc<str>),
    /// A key lock, by service and bucket.
    Bucket(Arc<str>, u16),
    /// A row, whether it is there or about to come.
    Record(RecordId),
    /// A value under a unique constraint: table, constraint and value.
    Unique(Arc<str>, usize, String),
}

/// How strongly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mode {
    /// The row may change, but not go: what a row needs that refers to it.
    KeyShare,
    /// Many may hold it, and nobody changes it.
    Share,
    /// One changes the row and keeps its key.
    Update,
    /// One alone.
    Exclusive,
}

impl Mode {
    const fn meets(self, other: Self) -> bool {
        match (self, other) {
            (Self::KeyShare, Self::KeyShare | Self::Share | Self::Update)
            | (Self::Share | Self::Update, Self::KeyShare)
            | (Self::Share, Self::Share) => true,
            (Self::KeyShare, Self::Exclusive)
            | (Self::Share, Self::Update | Self::Exclusive)
            | (Self::Update, Self::Share | Self::Update | Self::Exclusive)
            | (Self::Exclusive, _) => false,
        }
    }
}

/// What asking for a lock came to.
#[derive(Debug)]
pub(super) enum Asked {
    /// It is held.
    Granted,
    /// It will be, once this says so.
    Wait(oneshot::Receiver<()>),
    /// Waiting would never end.
    Deadlock,
}

#[derive(Debug)]
struct Waiter {
    tx: TxId,
    mode: Mode,
    granted: oneshot::Sender<()>,
}

#[derive(Debug, Default)]
struct Held {
    holders: BTreeMap<TxId, Mode>,
    queue: VecDeque<Waiter>,
}

impl Held {
    /// Those that a request behind `place` others waits for.
    fn blockers(&self, tx: TxId, mode: Mode, place: usize) -> impl Iterator<Item = TxId> {
        let holders = self.holders.iter();
        let holders = holders.filter(move |(id, held)| **id != tx && !mode.meets(**held));
        let before = self.queue.iter().take(place);
        // Whoever holds it already does not queue for more of it.
        let holds = self.holders.contains_key(&tx);
        let before =
            before.filter(move |other| !holds && other.tx != tx && !mode.meets(other.mode));
        holders
            .map(|(id, _)| *id)
            .chain(before.map(|other| other.tx))
    }

    fn hold(&mut self, tx: TxId, mode: Mode) {
        let held = self.holders.entry(tx).or_insert(mode);
        *held = (*held).max(mode);
    }

    /// Gives it to those in the queue that may have it now.
    fn grant(&mut self) -> Vec<TxId> {
        let mut granted = Vec::new();
        let mut place = 0;
        while let Some(waiter) = self.queue.get(place) {
            if self
                .blockers(waiter.tx, waiter.mode, place)
                .next()
                .is_some()
            {
                place += 1;
                continue;
            }
            if let Some(waiter) = self.queue.remove(place) {
                self.hold(waiter.tx, waiter.mode);
                granted.push(waiter.tx);
                // Nobody listens any more: its end takes the lock back.
                let _ = waiter.granted.send(());
            }
        }
        granted
    }
}

/// All locks of a server.
#[derive(Debug, Default)]
pub(super) struct Locks {
    held: BTreeMap<Lock, Held>,
    by_tx: BTreeMap<TxId, BTreeSet<Lock>>,
    /// A transaction waits for one lock at most.
    waiting: BTreeMap<TxId, Lock>,
}

impl Locks {
    /// Asks for a lock.
    pub(super) fn ask(&mut self, tx: TxId, lock: &Lock, mode: Mode) -> Asked {
        let held = self.held.entry(lock.clone()).or_default();
        if held.holders.get(&tx).is_some_and(|own| *own >= mode) {
            return Asked::Granted;
        }
        if held.blockers(tx, mode, held.queue.len()).next().is_none() {
            held.hold(tx, mode);
            self.by_tx.entry(tx).or_default().insert(lock.clone());
            return Asked::Granted;
        }
        if self.is_circle(tx, lock, mode) {
            return Asked::Deadlock;
        }
        let (granted, wait) = oneshot::channel();
        let waiter = Waiter { tx, mode, granted };
        self.held
            .entry(lock.clone())
            .or_default()
            .queue
            .push_back(waiter);
        self.waiting.insert(tx, lock.clone());
        Asked::Wait(wait)
    }

    /// Asks for a lock that is not waited for; answers whether it is held now.
    pub(super) fn try_ask(&mut self, tx: TxId, lock: &Lock, mode: Mode) -> bool {
        let free = self.held.get(lock).is_none_or(|held| {
            let place = held.queue.len();
            held.blockers(tx, mode, place).next().is_none()
        });
        free && matches!(self.ask(tx, lock, mode), Asked::Granted)
    }

    /// Whether whoever this request waits for waits, in the end, for it.
    fn is_circle(&self, tx: TxId, lock: &Lock, mode: Mode) -> bool {
        let mut seen = BTreeSet::new();
        let mut next: Vec<TxId> = self.held.get(lock).map_or_else(Vec::new, |held| {
            held.blockers(tx, mode, held.queue.len()).collect()
        });
        while let Some(other) = next.pop() {
            if other == tx {
                return true;
            }
            if !seen.insert(other) {
                continue;
            }
            let Some(held) = self
                .waiting
                .get(&other)
                .and_then(|lock| self.held.get(lock))
            else {
                continue;
            };
            let place = held.queue.iter().position(|waiter| waiter.tx == other);
            if let Some((place, waiter)) = place.and_then(|at| Some((at, held.queue.get(at)?))) {
                next.extend(held.blockers(other, waiter.mode, place));
            }
        }
        false
    }

    /// A transaction stops waiting: its time is over.
    pub(super) fn give_up(&mut self, tx: TxId) {
        if let Some(lock) = self.waiting.remove(&tx) {
            if let Some(held) = self.held.get_mut(&lock) {
                held.queue.retain(|waiter| waiter.tx != tx);
            }
            self.pass_on(&lock);
        }
    }

    /// A transaction ends: all its locks go to those that wait. Answers the key
    /// locks that it held.
    pub(super) fn release(&mut self, tx: TxId) -> Vec<(Arc<str>, u16)> {
        self.give_up(tx);
        let mut buckets = Vec::new();
        for lock in self.by_tx.remove(&tx).unwrap_or_default() {
            if let Lock::Bucket(service, bucket) = &lock {
                buckets.push((Arc::clone(service), *bucket));
            }
            if let Some(held) = self.held.get_mut(&lock) {
                held.holders.remove(&tx);
            }
            self.pass_on(&lock);
        }
        buckets
    }

    fn pass_on(&mut self, lock: &Lock) {
        let Some(held) = self.held.get_mut(lock) else {
            return;
        };
        for tx in held.grant() {
            self.waiting.remove(&tx);
            self.by_tx.entry(tx).or_default().insert(lock.clone());
        }
        if held.holders.is_empty() && held.queue.is_empty() {
            self.held.remove(lock);
        }
    }

    /// Whether anybody holds it.
    pub(super) fn is_held(&self, lock: &Lock) -> bool {
        self.held
            .get(lock)
            .is_some_and(|held| !held.holders.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lock(bucket: u16) -> Lock {
        Lock::Bucket(Arc::from("shop"), bucket)
    }

    fn granted(asked: &Asked) -> bool {
        matches!(asked, Asked::Granted)
    }

    #[test]
    fn whoever_came_first_is_served_first() {
        let mut locks = Locks::default();
        assert!(granted(&locks.ask(1, &lock(1), Mode::Share)));
        let Asked::Wait(mut writer) = locks.ask(2, &lock(1), Mode::Exclusive) else {
            panic!("the writer waits")
        };
        let Asked::Wait(mut reader) = locks.ask(3, &lock(1), Mode::Share) else {
            panic!("the reader does not overtake the writer")
        };
        locks.release(1);
        assert!(writer.try_recv().is_ok() && reader.try_recv().is_err());
        locks.release(2);
        assert!(reader.try_recv().is_ok());
        locks.release(3);
        assert!(locks.held.is_empty() && locks.by_tx.is_empty() && locks.waiting.is_empty());
    }

    #[test]
    fn a_circle_is_seen_by_whoever_closes_it() {
        let mut locks = Locks::default();
        for tx in [1, 2, 3] {
            let own = lock(u16::try_from(tx).unwrap());
            assert!(granted(&locks.ask(tx, &own, Mode::Exclusive)));
        }
        let one = locks.ask(1, &lock(2), Mode::Exclusive);
        let two = locks.ask(2, &lock(3), Mode::Exclusive);
        assert!(matches!((one, two), (Asked::Wait(_), Asked::Wait(_))));
        assert!(matches!(
            locks.ask(3, &lock(1), Mode::Exclusive),
            Asked::Deadlock
        ));
    }

    #[test]
    fn giving_up_lets_those_behind_pass() {
        let mut locks = Locks::default();
        assert!(granted(&locks.ask(1, &lock(1), Mode::Share)));
        let _writer = locks.ask(2, &lock(1), Mode::Exclusive);
        let Asked::Wait(mut reader) = locks.ask(3, &lock(1), Mode::Share) else {
            panic!("it waits behind the writer")
        };
        locks.give_up(2);
        assert!(reader.try_recv().is_ok());
    }
}
