//! Decides from a history alone whether the promises were kept.
//!
//! - every row's operations, and the row that SQL found at the end on *each* side, can be put in
//!   one order that keeps what came before what, and in which every answer is the right one
//!   (`linear`): nothing acknowledged is missing, nothing refused is there, no stale writer's
//!   write came after a newer one, no increment was lost or doubled;
//! - what was only ever added to is the exact sum (`sums`);
//! - what was only ever appended to holds each item once (`items`);
//! - both sides hold the same rows (`sides`).

mod items;
mod linear;
mod model;
mod operation;
mod sides;
mod sums;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use crate::history::{Event, Key, Outcome, Value};
pub use operation::{Fate, Operation};

/// What a history comes to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// What was counted.
    pub counts: Counts,
    /// What is wrong; nothing, if the promises were kept.
    pub violations: Vec<Violation>,
}

/// What was counted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Operations.
    pub operations: u64,
    /// Writes that were acknowledged.
    pub writes: u64,
    /// Reads that were answered.
    pub reads: u64,
    /// Operations that were refused or failed, and had no effect.
    pub refused: u64,
    /// Of these, for each reason.
    pub reasons: BTreeMap<String, u64>,
    /// Operations whose outcome stayed unknown.
    pub unknown: u64,
    /// Operations that were sent more than once.
    pub repeated: u64,
    /// Rows with a history of their own.
    pub keys: u64,
    /// Rows of both sides at the end.
    pub rows: u64,
}

/// A promise that was broken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Violation {
    /// Which promise.
    pub promise: &'static str,
    /// Of which row, if of one.
    pub row: Option<String>,
    /// How.
    pub what: String,
}

impl Verdict {
    /// Whether the promises were kept.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.violations.is_empty()
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.row {
            Some(row) => write!(f, "{}: {row}: {}", self.promise, self.what),
            None => write!(f, "{}: {}", self.promise, self.what),
        }
    }
}

impl Violation {
    fn of(promise: &'static str, row: Option<Key>, what: impl Into<String>) -> Self {
        Self {
            promise,
            row: row.map(|row| row.to_string()),
            what: what.into(),
        }
    }
}

/// What SQL found on one side.
pub(crate) type Rows = BTreeMap<Key, Value>;

/// Judges a history.
#[must_use]
pub fn check(events: &[Event]) -> Verdict {
    let mut verdict = Verdict {
        counts: count(events),
        violations: Vec::new(),
    };
    if !events.contains(&Event::Complete) {
        let what = "it ends before the rows of both sides";
        let violation = Violation::of("the history is complete", None, what);
        verdict.violations.push(violation);
    }
    let [legacy, new] = sides::rows(events);
    verdict.counts.rows = u64::try_from(legacy.len() + new.len()).unwrap_or(u64::MAX);
    verdict.violations.extend(sides::compare(&legacy, &new));
    let by_key = operation::by_key(events, &mut verdict.violations);
    verdict.counts.keys = u64::try_from(by_key.len()).unwrap_or(u64::MAX);
    for (key, operations) in &by_key {
        // Both sides: the same row is asked of each, whatever the comparison said.
        let found = [legacy.get(key), new.get(key)];
        verdict
            .violations
            .extend(linear::check(*key, operations, found));
        verdict
            .violations
            .extend(sums::check(*key, operations, found));
        verdict
            .violations
            .extend(items::check(*key, operations, found));
    }
    verdict
        .violations
        .extend(sides::strangers(&legacy, &by_key));
    verdict
}

fn count(events: &[Event]) -> Counts {
    let mut counts = Counts::default();
    let mut reads = BTreeMap::new();
    for event in events {
        match event {
            Event::Intent(intent) => {
                counts.operations += 1;
                let read = intent.steps.iter().all(|(_, step)| step.reads());
                reads.insert(intent.operation, read);
            }
            Event::End(end) => {
                counts.repeated += u64::from(end.tries > 1);
                match &end.outcome {
                    Outcome::Acknowledged(_) | Outcome::Committed => {
                        let read = reads.get(&end.operation).copied().unwrap_or(false);
                        counts.reads += u64::from(read);
                        counts.writes += u64::from(!read);
                    }
                    Outcome::RowExists => {
                        counts.refused += 1;
                        *counts.reasons.entry("RowExists".into()).or_default() += 1;
                    }
                    Outcome::Refused(why) => {
                        counts.refused += 1;
                        *counts.reasons.entry(why.clone()).or_default() += 1;
                    }
                    Outcome::Unknown(_) => counts.unknown += 1,
                }
            }
            Event::Began(_) | Event::Fault { .. } | Event::Row { .. } | Event::Complete => {}
        }
    }
    counts
}
