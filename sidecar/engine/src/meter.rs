//! Counts what was done on each side of each entity, until a report takes it.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use dualwrite_core::probe::is_probe;
use dualwrite_core::side::Side;
use dualwrite_core::tally::{Delta, FailureKind};

use crate::store::StoreError;

/// What was done on one side of one entity since the last report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntityDelta {
    /// The entity's name.
    pub entity: Arc<str>,
    /// The side.
    pub side: Side,
    /// The counts.
    pub delta: Delta,
}

/// How far the copies of one entity are behind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntityBacklog {
    /// The entity's name.
    pub entity: Arc<str>,
    /// Markers in its outbox.
    pub markers: u64,
    /// How long the oldest of them has been seen standing by this sidecar.
    pub oldest_age: Duration,
    /// Keys set aside.
    pub quarantined: u64,
}

/// The counts since the last report, and those since the process began.
#[derive(Debug, Default)]
pub(crate) struct Meter {
    counts: Mutex<Counts>,
    /// Whether nothing is counted (flag `metrics_enabled`).
    off: AtomicBool,
    checks: AtomicU64,
    differences: AtomicU64,
}

type BySide = BTreeMap<(Arc<str>, Side), Delta>;

#[derive(Debug, Default)]
struct Counts {
    deltas: BySide,
    /// What reports have taken.
    reported: BySide,
}

impl Meter {
    /// Counts from now on, or no longer; what was counted and not yet reported
    /// is let go with the switch off, so that nothing comes late.
    pub(crate) fn enable(&self, enabled: bool) {
        let was_off = self.off.swap(!enabled, Ordering::Relaxed);
        if !enabled && !was_off {
            self.drain();
        }
    }

    /// Counts one operation on one side.
    pub(crate) fn record<T>(
        &self,
        entity: &Arc<str>,
        side: Side,
        result: &Result<T, StoreError>,
        latency: Duration,
    ) {
        let outcome = match result {
            Ok(_) => Ok(()),
            Err(error) => Err(FailureKind::parse(error.kind())),
        };
        self.count(entity, side, outcome, latency);
    }

    /// Counts one write of the application on its primary. What a request asks
    /// for in vain is no failure of the database there: the same side may be
    /// the secondary a moment later, and its guard judges what was counted.
    pub(crate) fn decided<T>(
        &self,
        entity: &Arc<str>,
        side: Side,
        result: &Result<T, StoreError>,
        latency: Duration,
    ) {
        let outcome = match result {
            // A repeated request is answered with its first outcome.
            Ok(_) | Err(StoreError::ReceiptExists) => Ok(()),
            Err(
                StoreError::NotMatched { .. }
                | StoreError::Constraint { .. }
                | StoreError::Value(_),
            ) => Err(FailureKind::Refused),
            Err(error) => Err(FailureKind::parse(error.kind())),
        };
        self.count(entity, side, outcome, latency);
    }

    fn count(
        &self,
        entity: &Arc<str>,
        side: Side,
        outcome: Result<(), FailureKind>,
        latency: Duration,
    ) {
        // Probes are no operations of the application.
        if self.off.load(Ordering::Relaxed) || is_probe(entity) {
            return;
        }
        if let Ok(mut counts) = self.counts.lock() {
            counts
                .deltas
                .entry((Arc::clone(entity), side))
                .or_default()
                .record(outcome, latency);
        }
    }

    /// Counts one exact check of a key.
    pub(crate) fn checked(&self, differs: bool) {
        self.checks.fetch_add(1, Ordering::Relaxed);
        self.differences
            .fetch_add(u64::from(differs), Ordering::Relaxed);
    }

    /// Exact checks since the process began, and those that found a
    /// difference.
    pub(crate) fn checks(&self) -> (u64, u64) {
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        (read(&self.checks), read(&self.differences))
    }

    /// What was counted since the last call.
    pub(crate) fn drain(&self) -> Vec<EntityDelta> {
        let Ok(mut counts) = self.counts.lock() else {
            return Vec::new();
        };
        let taken = std::mem::take(&mut counts.deltas);
        for (of, delta) in &taken {
            counts.reported.entry(of.clone()).or_default().add(delta);
        }
        listed(taken)
    }

    /// What was counted since the process began.
    pub(crate) fn totals(&self) -> Vec<EntityDelta> {
        let Ok(counts) = self.counts.lock() else {
            return Vec::new();
        };
        let mut totals = counts.reported.clone();
        for (of, delta) in &counts.deltas {
            totals.entry(of.clone()).or_default().add(delta);
        }
        listed(totals)
    }
}

fn listed(counts: BySide) -> Vec<EntityDelta> {
    let each = counts
        .into_iter()
        .map(|((entity, side), delta)| EntityDelta {
            entity,
            side,
            delta,
        });
    each.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(meter: &Meter, entity: &str) {
        let ok: Result<(), StoreError> = Ok(());
        meter.record(&entity.into(), Side::New, &ok, Duration::from_millis(1));
    }

    #[test]
    fn a_report_takes_the_deltas_and_leaves_the_totals() {
        let meter = Meter::default();
        written(&meter, "cart");
        assert_eq!(meter.drain()[0].delta.attempts, 1);
        written(&meter, "cart");
        assert_eq!(meter.totals()[0].delta.attempts, 2);
        assert_eq!(meter.drain()[0].delta.attempts, 1);
        assert!(meter.drain().is_empty());
        assert_eq!(meter.totals()[0].delta.successes, 2);
    }

    #[test]
    fn nothing_is_counted_while_it_is_off_and_probes_never_are() {
        let meter = Meter::default();
        written(&meter, "probe-cart");
        meter.enable(false);
        written(&meter, "cart");
        assert!(meter.totals().is_empty());
        meter.enable(true);
        written(&meter, "cart");
        assert_eq!(meter.totals()[0].delta.attempts, 1);
    }
}
