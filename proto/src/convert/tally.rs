//! What was counted, and its fold.

use std::collections::BTreeMap;
use std::time::Duration;

use dualwrite_core::side::Side;
use dualwrite_core::tally::{BUCKETS, Delta, FailureKind, Tally};

use super::{WireError, duration, side};
use crate::v1;

/// A delta with what it counts: one entity on one side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counted {
    /// The entity's name.
    pub entity: String,
    /// The side.
    pub side: Side,
    /// What was done there.
    pub delta: Delta,
}

impl TryFrom<v1::OperationDelta> for Counted {
    type Error = WireError;

    /// A kind of failure that this version does not know counts as other.
    fn try_from(wire: v1::OperationDelta) -> Result<Self, WireError> {
        let mut delta = Delta {
            attempts: wire.attempts,
            successes: wire.successes,
            latency_sum: duration::from_wire(wire.latency_sum, "latency_sum", Duration::ZERO)?,
            ..Delta::default()
        };
        if wire.latency_buckets.len() > BUCKETS {
            let message = format!(
                "holds {} buckets; expected at most {BUCKETS}",
                wire.latency_buckets.len()
            );
            return Err(WireError::at("latency_buckets", message));
        }
        for (own, count) in delta.latency.iter_mut().zip(wire.latency_buckets) {
            *own = count;
        }
        for (word, count) in wire.failures {
            let kind = FailureKind::parse(&word);
            delta.set_failures(kind, delta.failures_of(kind).saturating_add(count));
        }
        Ok(Self {
            entity: wire.entity,
            side: side(wire.side, "side")?,
            delta,
        })
    }
}

impl From<Counted> for v1::OperationDelta {
    fn from(counted: Counted) -> Self {
        let Counted {
            entity,
            side,
            delta,
        } = counted;
        Self {
            entity,
            side: v1::Side::from(side).into(),
            attempts: delta.attempts,
            successes: delta.successes,
            failures: failures(&delta),
            latency_buckets: delta.latency.to_vec(),
            latency_sum: Some(duration::to_wire(delta.latency_sum)),
        }
    }
}

/// What a tally over a time says of one entity on one side. Without operations
/// the success rate is 1 and the latencies are absent.
#[must_use]
pub fn operation_summary(
    entity: &str,
    side: Side,
    tally: &Tally,
    over: Duration,
) -> v1::OperationSummary {
    v1::OperationSummary {
        entity: entity.to_owned(),
        side: v1::Side::from(side).into(),
        attempts: tally.total.attempts,
        successes: tally.total.successes,
        failures: failures(&tally.total),
        success_rate: tally.success_rate().unwrap_or(1.0),
        latency_mean: tally.mean().map(duration::to_wire),
        latency_p50: tally.percentile(50).map(duration::to_wire),
        latency_p99: tally.percentile(99).map(duration::to_wire),
        per_second: tally.per_second(over),
    }
}

fn failures(delta: &Delta) -> BTreeMap<String, u64> {
    FailureKind::ALL
        .into_iter()
        .map(|kind| (kind.as_str().to_owned(), delta.failures_of(kind)))
        .filter(|(_, count)| *count > 0)
        .collect()
}
