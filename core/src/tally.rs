//! What was done and how it went: deltas, and their fold.
//!
//! A sidecar counts into [`Delta`]s and sends them; the control plane folds
//! them into [`Tally`]s. The fold is associative and commutative, so the order
//! in which reports arrive, and how they are grouped, does not matter.

mod comparisons;
mod summary;

#[cfg(test)]
mod tests;

use std::time::Duration;

use serde::{Deserialize, Serialize};

pub use comparisons::Comparisons;
pub(crate) use summary::ratio;

/// Upper bounds of the latency buckets, in seconds; the last bucket has none.
/// Fixed, because counts of different versions are added up.
pub const BOUNDARIES: [f64; 16] = [
    0.0005, 0.001, 0.002, 0.003, 0.005, 0.0075, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0,
    10.0,
];

/// The same bounds in microseconds: a whole number compares exactly.
const BOUNDARY_MICROS: [u128; 16] = [
    500, 1_000, 2_000, 3_000, 5_000, 7_500, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000,
    1_000_000, 2_500_000, 5_000_000, 10_000_000,
];

/// Number of latency buckets, the unbounded one included.
pub const BUCKETS: usize = BOUNDARIES.len() + 1;

/// Why an operation failed on a side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureKind {
    /// The database did not answer.
    Unavailable,
    /// It did not answer in time.
    Timeout,
    /// It refused the row.
    Constraint,
    /// Its fence had moved on.
    Stale,
    /// Transactions met (deadlock, serialisation failure).
    Conflict,
    /// Privileges are missing.
    Denied,
    /// Anything else.
    Other,
    /// The request itself was refused, as one whose condition does not hold or
    /// whose row is there already: the database did what it should.
    Refused,
}

impl FailureKind {
    /// Every kind of failure, in the order of [`Delta::failures`].
    pub const ALL: [Self; 8] = [
        Self::Unavailable,
        Self::Timeout,
        Self::Constraint,
        Self::Stale,
        Self::Conflict,
        Self::Denied,
        Self::Other,
        Self::Refused,
    ];

    /// The word of metrics and reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unavailable => "unavailable",
            Self::Timeout => "timeout",
            Self::Constraint => "constraint",
            Self::Stale => "stale",
            Self::Conflict => "conflict",
            Self::Denied => "denied",
            Self::Other => "other",
            Self::Refused => "refused",
        }
    }

    /// The kind that a word stands for; an unknown one counts as other.
    #[must_use]
    pub fn parse(word: &str) -> Self {
        Self::ALL
            .into_iter()
            .find(|kind| kind.as_str() == word)
            .unwrap_or(Self::Other)
    }

    const fn index(self) -> usize {
        match self {
            Self::Unavailable => 0,
            Self::Timeout => 1,
            Self::Constraint => 2,
            Self::Stale => 3,
            Self::Conflict => 4,
            Self::Denied => 5,
            Self::Other => 6,
            Self::Refused => 7,
        }
    }
}

/// What was done on one side of one entity since the last report.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Delta {
    /// Operations begun and ended.
    pub attempts: u64,
    /// Those that succeeded.
    pub successes: u64,
    /// Those that failed, by kind, in the order of [`FailureKind::ALL`].
    pub failures: [u64; 8],
    /// How long they took: counts per bucket of [`BOUNDARIES`].
    pub latency: [u64; BUCKETS],
    /// The sum of how long they took.
    pub latency_sum: Duration,
}

/// The fold of many deltas.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Tally {
    /// The sum of the deltas.
    pub total: Delta,
}

impl Delta {
    /// Counts one operation.
    pub fn record(&mut self, outcome: Result<(), FailureKind>, latency: Duration) {
        self.attempts += 1;
        match outcome {
            Ok(()) => self.successes += 1,
            Err(kind) => self.failures[kind.index()] += 1,
        }
        self.latency[bucket_of(latency)] += 1;
        self.latency_sum = self.latency_sum.saturating_add(latency);
    }

    /// Whether nothing was counted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// What was counted, leaving nothing.
    #[must_use]
    pub fn take(&mut self) -> Self {
        std::mem::take(self)
    }

    /// Failures of one kind.
    #[must_use]
    pub const fn failures_of(&self, kind: FailureKind) -> u64 {
        self.failures[kind.index()]
    }

    /// Sets the count of one kind of failure.
    pub const fn set_failures(&mut self, kind: FailureKind, count: u64) {
        self.failures[kind.index()] = count;
    }

    /// Failures of all kinds.
    #[must_use]
    pub fn failed(&self) -> u64 {
        self.failures
            .iter()
            .fold(0, |sum, count| sum.saturating_add(*count))
    }

    /// Attempts that ended in success or in a failure that says something about
    /// the database: meeting a fence that moved on or another transaction is an
    /// ordinary event, which is tried again, and what an application asks for
    /// in vain says something about the application.
    #[must_use]
    pub fn telling(&self) -> u64 {
        self.successes.saturating_add(self.faults())
    }

    /// Failures that say something about the database; see [`Delta::telling`].
    #[must_use]
    pub fn faults(&self) -> u64 {
        let ordinary = self
            .failures_of(FailureKind::Stale)
            .saturating_add(self.failures_of(FailureKind::Conflict))
            .saturating_add(self.failures_of(FailureKind::Refused));
        self.failed().saturating_sub(ordinary)
    }

    /// Adds another delta. Counts stop at their maximum instead of wrapping,
    /// whatever a sidecar reports.
    pub fn add(&mut self, other: &Self) {
        self.attempts = self.attempts.saturating_add(other.attempts);
        self.successes = self.successes.saturating_add(other.successes);
        for (own, more) in self.failures.iter_mut().zip(other.failures) {
            *own = own.saturating_add(more);
        }
        for (own, more) in self.latency.iter_mut().zip(other.latency) {
            *own = own.saturating_add(more);
        }
        self.latency_sum = self.latency_sum.saturating_add(other.latency_sum);
    }
}

impl Tally {
    /// Folds one delta in.
    pub fn fold(&mut self, delta: &Delta) {
        self.total.add(delta);
    }

    /// Folds another tally in.
    pub fn merge(&mut self, other: &Self) {
        self.total.add(&other.total);
    }
}

/// The bucket of a latency: the first whose bound it does not exceed.
#[must_use]
pub fn bucket_of(latency: Duration) -> usize {
    let nanos = latency.as_nanos();
    BOUNDARY_MICROS.partition_point(|bound| bound * 1_000 < nanos)
}
