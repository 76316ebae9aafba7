//! What copies count for in the metrics.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use crate::relay::Dirty;
use crate::shared::Shared;
use crate::store::StoreError;
use crate::view::Active;

/// Counts an error of the secondary that is no refusal of a row (those are
/// counted one by one) and none of the ordinary ways in which transactions
/// meet.
pub(super) fn outage(
    shared: &Shared,
    active: &Active,
    keys: &[Dirty],
    error: StoreError,
) -> StoreError {
    match &error {
        StoreError::Unavailable(_)
        | StoreError::UnknownOutcome(_)
        | StoreError::Denied(_)
        | StoreError::Schema(_)
        | StoreError::Other(_) => failed(shared, active, keys, &error),
        StoreError::Stale
        | StoreError::Conflict(_)
        | StoreError::Busy(_)
        | StoreError::Exhausted(_)
        | StoreError::Constraint { .. }
        | StoreError::NotMatched { .. }
        | StoreError::ReceiptExists
        | StoreError::Value(_) => {}
    }
    error
}

pub(super) fn failed(shared: &Shared, active: &Active, keys: &[Dirty], error: &StoreError) {
    record(shared, active, keys, &Err(error.clone()), Duration::ZERO);
}

pub(super) fn record(
    shared: &Shared,
    active: &Active,
    keys: &[Dirty],
    result: &Result<(), StoreError>,
    latency: Duration,
) {
    let entities: BTreeSet<&Arc<str>> = keys.iter().map(|dirty| &dirty.entity).collect();
    for entity in entities {
        shared
            .meter
            .record(entity, active.authority.secondary(), result, latency);
    }
}
