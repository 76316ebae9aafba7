//! Copies of batches in which some rows may be refused.

use std::time::Duration;

use tokio::time::timeout;

use super::count::failed;
use super::{Copied, How, Refusal, Scope, Stopped, pull};
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
        let halves = |ranges: &mut Vec<(usize, usize)>| {
            let middle = start + part.len() / 2;
            ranges.push((middle, end));
            ranges.push((start, middle));
        };
        match bounded(shared, active, part, (mode, scope)).await {
            Ok(copied) => {
                for (place, done) in copied.done.into_iter().enumerate() {
                    whole.done[start + place] = done;
                }
                let poisoned = copied.poisoned.into_iter();
                whole
                    .poisoned
                    .extend(poisoned.map(|(place, error)| (start + place, error)));
            }
            Err(Stopped::Store(StoreError::Constraint { .. } | StoreError::Value(_)))
                if part.len() > 1 =>
            {
                halves(&mut ranges);
            }
            Err(Stopped::Store(error @ (StoreError::Constraint { .. } | StoreError::Value(_)))) => {
                let refusal = Refusal::of(&error);
                if !refusal.awaits_others {
                    failed(shared, active, part, &error);
                }
                whole.poisoned.push((start, refusal));
            }
            Err(Stopped::Locked) if part.len() > 1 => halves(&mut ranges),
            // Its turn comes when the other key is free.
            Err(Stopped::Locked) => {}
            Err(Stopped::Store(error)) => return Err(error),
        }
    }
    Ok(whole)
}

/// Copies a batch as it is; if that is refused for what other rows hold, with
/// those rows; if a single key is still refused, without the others that its
/// transaction wrote.
async fn bounded(
    shared: &Shared,
    active: &Active,
    keys: &[Dirty],
    (mode, scope): (LockMode, Scope),
) -> Result<Copied, Stopped> {
    let how = |together, met| How {
        mode,
        scope,
        together,
        met,
    };
    let work = async {
        let mut result = pull(shared, active, keys, &how(true, None)).await;
        if let Err(Stopped::Store(met)) = &result
            && met.hangs_on_others()
        {
            let met = Some(met.clone());
            result = pull(shared, active, keys, &how(true, met)).await;
        }
        if let Err(Stopped::Store(met @ (StoreError::Constraint { .. } | StoreError::Value(_)))) =
            &result
            && keys.len() == 1
        {
            let met = Some(met.clone()).filter(StoreError::hangs_on_others);
            result = pull(shared, active, keys, &how(false, met)).await;
        }
        result
    };
    match timeout(COPY_TIMEOUT, work).await {
        Ok(result) => result,
        Err(_) => Err(Stopped::Store(StoreError::Unavailable(
            "a copy was not done in time".to_owned(),
        ))),
    }
}
