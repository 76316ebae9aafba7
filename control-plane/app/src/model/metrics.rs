//! What sidecars reported over time.

use std::time::Duration;

use dualwrite_core::side::Side;
use dualwrite_core::tally::{Comparisons, Tally};

use super::Millis;

/// What was done on one side of one entity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operations {
    /// The entity.
    pub entity: String,
    /// The side.
    pub side: Side,
    /// Attempts, failures and latencies.
    pub tally: Tally,
}

/// How far one entity's copies are behind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backlog {
    /// The entity.
    pub entity: String,
    /// Markers outstanding.
    pub markers: u64,
    /// Age of the oldest; zero without markers.
    pub oldest_age: Duration,
    /// Keys set aside.
    pub quarantined: u64,
}

/// How one entity's reads that were done on both sides compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compared {
    /// The entity.
    pub entity: String,
    /// The counts, since the sidecar began.
    pub counts: Comparisons,
}

/// What the sidecars of a service reported over a while.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Metrics {
    /// Oldest first; intervals without a report are left out.
    pub points: Vec<MetricsPoint>,
    /// The fold of all points.
    pub totals: Vec<Operations>,
    /// The time that the totals stand for, for rates.
    pub span: Duration,
}

/// The fold of one interval.
#[derive(Debug, Clone, PartialEq)]
pub struct MetricsPoint {
    /// When it began.
    pub start: Millis,
    /// How long it is.
    pub width: Duration,
    /// Per entity and side.
    pub operations: Vec<Operations>,
    /// Per entity, as last reported in the interval.
    pub backlogs: Vec<Backlog>,
}
