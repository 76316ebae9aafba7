//! Keys that the secondary refuses: tried again ever more slowly, set aside
//! with their error after some tries, never in the way of others.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use dualwrite_core::key::Key;
use tokio::time::Instant;

use super::Dirty;
use super::copy::Copied;
use crate::shared::Shared;
use crate::store::RowKey;
use crate::view::Active;

/// Tries before a key is set aside: enough for a parent row to arrive first.
const TRIES_BEFORE_QUARANTINE: u32 = 5;

/// How often a key that is set aside is tried again.
const RETRY_SLOWLY: Duration = Duration::from_mins(1);

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
}

impl Poison {
    /// Whether a refused key is to be tried now.
    pub(super) fn is_due(&self, dirty: &Dirty) -> bool {
        let refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        refused
            .get(dirty)
            .is_none_or(|entry| Instant::now() >= entry.again)
    }

    /// Notes what a batch came to: sets keys aside that were refused too
    /// often, and releases those that went through.
    pub(super) async fn note(
        &self,
        shared: &Shared,
        active: &Active,
        keys: impl Iterator<Item = &Dirty>,
        copied: &Copied,
    ) {
        let keys: Vec<&Dirty> = keys.collect();
        let mut released = Vec::new();
        let mut set_aside = Vec::new();
        {
            let mut refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
            for (place, dirty) in keys.iter().enumerate() {
                if copied.done[place]
                    && let Some(entry) = refused.remove(*dirty)
                    && entry.tries >= TRIES_BEFORE_QUARANTINE
                {
                    released.push(*dirty);
                }
            }
            for (place, error) in &copied.poisoned {
                let dirty = keys[*place];
                if refused.len() >= REMEMBERED_MAX && !refused.contains_key(dirty) {
                    continue;
                }
                let entry = refused.entry(dirty.clone()).or_insert_with(|| Refused {
                    tries: 0,
                    again: Instant::now(),
                });
                entry.tries += 1;
                let pause = Duration::from_millis(200) * 2_u32.pow(entry.tries.min(8));
                entry.again = Instant::now() + pause.min(RETRY_SLOWLY);
                if entry.tries >= TRIES_BEFORE_QUARANTINE {
                    entry.again = Instant::now() + RETRY_SLOWLY;
                    set_aside.push((dirty, error));
                }
            }
        }
        self.tell_primary(shared, active, &released, &set_aside)
            .await;
    }

    async fn tell_primary(
        &self,
        shared: &Shared,
        active: &Active,
        released: &[&Dirty],
        set_aside: &[(&Dirty, &String)],
    ) {
        let Ok(primary) = shared.store(active.authority.primary) else {
            return;
        };
        for (dirty, error) in set_aside {
            let Some(row) = row_key(active, dirty) else {
                continue;
            };
            tracing::warn!(entity = %dirty.entity, %error, "a key is set aside: the secondary refuses it");
            if let Err(failure) = primary.quarantine(&shared.service, &row, error).await {
                tracing::debug!(%failure, "the quarantine cannot be written now");
            }
        }
        let rows: Vec<RowKey> = released
            .iter()
            .filter_map(|dirty| row_key(active, dirty))
            .collect();
        if !rows.is_empty()
            && let Err(failure) = primary.release(&shared.service, &rows).await
        {
            tracing::debug!(%failure, "the quarantine cannot be emptied now");
        }
    }
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
