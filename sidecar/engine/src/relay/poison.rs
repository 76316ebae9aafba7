//! Keys that the secondary refuses: tried again ever more slowly, set aside
//! with their error after some tries, never in the way of others.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use dualwrite_core::key::Key;
use tokio::time::Instant;

use super::Dirty;
use super::copy::{Copied, Refusal};
use crate::shared::Shared;
use crate::store::{RowKey, StoreError};
use crate::view::Active;

/// Tries before a key is set aside.
const TRIES_BEFORE_QUARANTINE: u32 = 5;

/// The same for a row that refers to one that is not there: it most likely
/// comes, since the primary has it, and a backfill may still be on its way.
const TRIES_BEFORE_QUARANTINE_AWAITING: u32 = 60;

/// The longest pause between two tries of such a row.
const RETRY_AWAITING: Duration = Duration::from_secs(2);

/// How often a key that is set aside is tried again.
const RETRY_SLOWLY: Duration = Duration::from_mins(1);

/// Keys taken out of quarantine in one go.
const RELEASED_MAX: u32 = 500;

/// Refused keys remembered at most; the rest is simply tried by each sweep.
const REMEMBERED_MAX: usize = 10_000;

/// The keys that were refused lately.
#[derive(Debug, Default)]
pub(crate) struct Poison {
    refused: Mutex<HashMap<Dirty, Refused>>,
}

#[derive(Debug)]
struct Refused {
    tries: u32,
    again: Instant,
    awaits_others: bool,
}

impl Poison {
    /// Whether a refused key is to be tried now. While a flip drains
    /// (`urgent`), a row that waits for another one is: the other one comes in
    /// the same sweep.
    pub(super) fn is_due(&self, dirty: &Dirty, urgent: bool) -> bool {
        let refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        refused
            .get(dirty)
            .is_none_or(|entry| Instant::now() >= entry.again || (urgent && entry.awaits_others))
    }

    /// Notes what a batch came to, and sets keys aside that were refused too
    /// often.
    pub(super) async fn note(
        &self,
        shared: &Shared,
        active: &Active,
        keys: impl Iterator<Item = &Dirty>,
        copied: &Copied,
    ) {
        let keys: Vec<&Dirty> = keys.collect();
        let mut set_aside = Vec::new();
        {
            let mut refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
            for (place, dirty) in keys.iter().enumerate() {
                if copied.done[place] {
                    refused.remove(*dirty);
                }
            }
            for (place, refusal) in &copied.poisoned {
                let dirty = keys[*place];
                if refused.len() >= REMEMBERED_MAX && !refused.contains_key(dirty) {
                    continue;
                }
                let entry = refused.entry(dirty.clone()).or_insert_with(|| Refused {
                    tries: 0,
                    again: Instant::now(),
                    awaits_others: false,
                });
                if entry.refused_again(refusal) {
                    set_aside.push((dirty, &refusal.error));
                }
            }
        }
        self.set_aside(shared, active, &set_aside).await;
    }

    async fn set_aside(&self, shared: &Shared, active: &Active, refused: &[(&Dirty, &String)]) {
        let Ok(primary) = shared.store(active.authority.primary) else {
            return;
        };
        for (dirty, error) in refused {
            let Some(row) = row_key(active, dirty) else {
                continue;
            };
            tracing::warn!(entity = %dirty.entity, %error, "a key is set aside: the secondary refuses it");
            if let Err(failure) = primary.quarantine(&shared.service, &row, error).await {
                tracing::debug!(%failure, "the quarantine cannot be written now");
            }
        }
    }
}

impl Refused {
    /// Counts one more refusal; answers whether the key is to be set aside.
    fn refused_again(&mut self, refusal: &Refusal) -> bool {
        self.tries += 1;
        self.awaits_others = refusal.awaits_others;
        let (tries, longest) = if refusal.awaits_others {
            (TRIES_BEFORE_QUARANTINE_AWAITING, RETRY_AWAITING)
        } else {
            (TRIES_BEFORE_QUARANTINE, RETRY_SLOWLY)
        };
        let growing = Duration::from_millis(100) * 2_u32.pow(self.tries.min(9));
        let aside = self.tries >= tries;
        let pause = if aside {
            RETRY_SLOWLY
        } else {
            growing.min(longest)
        };
        self.again = Instant::now() + pause;
        aside
    }
}

/// Takes out of quarantine what has no marker any more: its copy arrived, by
/// whichever sidecar.
pub(super) async fn release(
    shared: &Shared,
    active: &Active,
    standing: &HashSet<&Dirty>,
) -> Result<(), StoreError> {
    let primary = shared.store(active.authority.primary)?;
    let tables = super::tables(active);
    let aside = primary
        .quarantined(&shared.service, &tables, RELEASED_MAX)
        .await?;
    let mut arrived = Vec::new();
    for one in aside {
        let Some(entity) = active.mapping.entity(&one.entity) else {
            continue;
        };
        let side = active.authority.primary;
        let canonical = entity.key_from_side(side, one.key.parts().to_vec());
        let Some(key) = canonical.ok().and_then(|parts| Key::new(parts).ok()) else {
            continue;
        };
        let dirty = Dirty {
            entity: Arc::clone(&one.entity),
            key,
        };
        if !standing.contains(&dirty) {
            let table = Arc::clone(entity.table(side));
            arrived.push(RowKey {
                table,
                key: one.key,
            });
        }
    }
    if !arrived.is_empty() {
        primary.release(&shared.service, &arrived).await?;
    }
    Ok(())
}

/// The key as the primary knows it.
pub(crate) fn row_key(active: &Active, dirty: &Dirty) -> Option<RowKey> {
    let entity = active.mapping.entity(&dirty.entity)?;
    let side = active.authority.primary;
    let key = Key::new(entity.key_to_side(side, &dirty.key).ok()?).ok()?;
    Some(RowKey {
        table: Arc::clone(entity.table(side)),
        key,
    })
}
