//! Counts what was done on each side of each entity, until a report takes it.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

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

/// The counts since the last report.
#[derive(Debug, Default)]
pub(crate) struct Meter {
    deltas: Mutex<BTreeMap<(Arc<str>, Side), Delta>>,
    off: AtomicBool,
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
        if self.off.load(Ordering::Relaxed) {
            return;
        }
        let outcome = match result {
            Ok(_) => Ok(()),
            Err(error) => Err(FailureKind::parse(error.kind())),
        };
        if let Ok(mut deltas) = self.deltas.lock() {
            deltas
                .entry((Arc::clone(entity), side))
                .or_default()
                .record(outcome, latency);
        }
    }

    /// What was counted since the last call.
    pub(crate) fn drain(&self) -> Vec<EntityDelta> {
        let Ok(mut deltas) = self.deltas.lock() else {
            return Vec::new();
        };
        std::mem::take(&mut *deltas)
            .into_iter()
            .map(|((entity, side), delta)| EntityDelta {
                entity,
                side,
                delta,
            })
            .collect()
    }
}
