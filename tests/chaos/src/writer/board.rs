//! What writers believe that rows hold: hints for sensible choices, nothing that is relied on.

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::history::{Key, Outcome, Steps, Value};

/// Operations after which a busy row is left alone and another one takes its place: the search
/// for an order grows with what one row has seen.
const USES: u64 = 250;

/// Rows that are busy at the same time.
pub(super) const HOT: u64 = 4;

/// New values lie this far apart, so that additions to one never make another.
const APART: i64 = 1_000_000;

/// What a row is believed to hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) enum Belief {
    /// Nobody knows.
    #[default]
    Unknown,
    /// It is not there.
    Absent,
    /// This.
    Holds(Value),
}

/// What all writers share.
#[derive(Debug, Default)]
pub(super) struct Board {
    rows: Mutex<HashMap<Key, Belief>>,
    uses: [AtomicU64; 16],
    values: AtomicI64,
    items: AtomicU64,
}

impl Board {
    /// What a row is believed to hold.
    pub(super) fn believed(&self, key: Key) -> Belief {
        let rows = self.rows.lock().unwrap_or_else(PoisonError::into_inner);
        rows.get(&key).cloned().unwrap_or_default()
    }

    /// The number of the busy row in this place, which changes as it is used.
    pub(super) fn hot(&self, place: u64) -> u64 {
        let index = usize::try_from(place).unwrap_or(0);
        let uses = self
            .uses
            .get(index)
            .map_or(0, |uses| uses.fetch_add(1, Ordering::Relaxed));
        place + 16 * (uses / USES)
    }

    /// A value that no other write has.
    pub(super) fn fresh_value(&self) -> Value {
        Value::Number(APART * (1 + self.values.fetch_add(1, Ordering::Relaxed)))
    }

    /// An item that no other append has.
    pub(super) fn fresh_item(&self) -> String {
        format!("i{},", self.items.fetch_add(1, Ordering::Relaxed))
    }

    /// Takes in what was answered.
    pub(super) fn note(&self, steps: &Steps, outcome: &Outcome) {
        let Outcome::Acknowledged(seen) = outcome else {
            return self.forget(steps);
        };
        let mut rows = self.rows.lock().unwrap_or_else(PoisonError::into_inner);
        for ((key, step), seen) in steps.iter().zip(seen) {
            let exchange = matches!(step, crate::history::Step::Exchange(..));
            if exchange && !seen.matched {
                // It holds something else, and only a read tells what.
                rows.remove(key);
            } else {
                rows.insert(*key, seen.row.clone().map_or(Belief::Absent, Belief::Holds));
            }
        }
    }

    /// Nobody knows what these rows hold.
    pub(super) fn forget(&self, steps: &Steps) {
        let mut rows = self.rows.lock().unwrap_or_else(PoisonError::into_inner);
        for (key, _) in steps {
            rows.remove(key);
        }
    }
}
