//! Copies of batches in which some rows may be refused.

use std::time::Duration;

use tokio::time::timeout;

use super::count::failed;
use super::{Copied, Order, Refusal, Scope, pull};
use crate::relay::Dirty;
use crate::shared::Shared;
use crate::store::{LockMode, StoreError};
use crate::view::Active;

/// One batch at most: a database that needs longer is taken for away.
const COPY_TIMEOUT: Duration = Duration::from_secs(15);

/// Copies keys; where a constraint refuses the batch, finds out which keys it
/// is and copies the others.
pub(crate) async fn isolating(
    shared: &Shared,
    active: &Active,
    keys: &[Dirty],
    mode: LockMode,
    scope: Scope,
) -> Result<Copied, StoreError> {
    let mut whole = Copied::none(keys.len());
    let mut ranges = Vec::from([(0, keys.len())]);
    while let Some((start, end)) = ranges.pop() {
        let part = &keys[start..end];
        match bounded(shared, active, part, mode, scope).await {
            Ok(copied) => {
                for (place, done) in copied.done.into_iter().enumerate() {
                    whole.done[start + place] = done;
                }
                let poisoned = copied.poisoned.into_iter();
                whole
                    .poisoned
                    .extend(poisoned.map(|(place, error)| (start + place, error)));
            }
            Err(StoreError::Constraint { .. } | StoreError::Value(_)) if part.len() > 1 => {
                let middle = start + part.len() / 2;
                ranges.push((middle, end));
                ranges.push((start, middle));
            }
            Err(error @ (StoreError::Constraint { .. } | StoreError::Value(_))) => {
                let refusal = Refusal::of(&error);
                if !refusal.awaits_others {
                    failed(shared, active, part, &error);
                }
                whole.poisoned.push((start, refusal));
            }
            Err(error) => return Err(error),
        }
    }
    Ok(whole)
}

async fn bounded(
    shared: &Shared,
    active: &Active,
    keys: &[Dirty],
    mode: LockMode,
    scope: Scope,
) -> Result<Copied, StoreError> {
    let work = async {
        match pull(shared, active, keys, mode, scope, Order::DeletesFirst).await {
            Err(StoreError::Constraint { .. }) => {
                pull(shared, active, keys, mode, scope, Order::UpsertsFirst).await
            }
            other => other,
        }
    };
    match timeout(COPY_TIMEOUT, work).await {
        Ok(result) => result,
        Err(_) => Err(StoreError::Unavailable(
            "a copy was not done in time".to_owned(),
        )),
    }
}
