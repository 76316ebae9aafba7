//! Probe rows that a process left behind when it died.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use dualwrite_core::flags::Mode;
use dualwrite_core::key::Key;
use dualwrite_core::mapping::EntityMap;
use tokio::time::Instant;

use super::run::delete;
use crate::shared::Shared;
use crate::store::StoreError;
use crate::view::Active;

/// A probe lives for a few seconds, and a run at most for a minute. A row that
/// this process has seen standing for longer belongs to nobody.
const LIFETIME: Duration = Duration::from_secs(90);

/// Rows looked at in one run: a crash leaves one.
const LOOKED_AT: u32 = 100;

/// Rows of probes as this process first saw them.
#[derive(Debug, Default)]
pub(crate) struct Leftovers {
    seen: Mutex<HashMap<(Arc<str>, Key), Instant>>,
}

/// Removes what has stood for too long. What cannot be removed now is removed
/// by a later run.
pub(super) async fn tidy(shared: &Shared, active: &Active, until: Instant) {
    for probe in &active.mapping.probes {
        match old(shared, active, probe).await {
            Ok(keys) => {
                for key in keys {
                    let removed = delete(shared, probe, &key, Mode::Async, until).await;
                    if let Err(error) = removed {
                        tracing::debug!(probe = %probe.name, %error, "an old probe row stays");
                    }
                }
            }
            Err(error) => {
                tracing::debug!(probe = %probe.name, %error, "old probe rows are not looked for");
            }
        }
    }
}

/// The canonical keys of rows that have stood for too long.
async fn old(
    shared: &Shared,
    active: &Active,
    probe: &Arc<EntityMap>,
) -> Result<Vec<Key>, StoreError> {
    let side = active.authority.primary;
    let page = shared
        .store(side)?
        .keys(probe.table(side), None, None, LOOKED_AT)
        .await?;
    let canonical = |key: Key| {
        let parts = probe.key_from_side(side, key.into_parts()).ok()?;
        Key::new(parts).ok()
    };
    let there: Vec<Key> = page.keys.into_iter().filter_map(canonical).collect();
    Ok(shared.leftovers.old_of(&probe.name, there))
}

impl Leftovers {
    /// Those of the keys that have been seen for too long; all are remembered,
    /// and those that are gone are forgotten.
    fn old_of(&self, probe: &Arc<str>, there: Vec<Key>) -> Vec<Key> {
        let now = Instant::now();
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.retain(|(of, key), _| of != probe || there.contains(key));
        let each = there.into_iter().filter(|key| {
            let first = seen.entry((Arc::clone(probe), key.clone())).or_insert(now);
            now.duration_since(*first) >= LIFETIME
        });
        each.collect()
    }
}
