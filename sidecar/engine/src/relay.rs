//! The relay: turns markers into copies.
//!
//! Two lanes copy the keys of this sidecar's own fresh writes; a sweep copies
//! whatever else stands in the outbox (left by a sidecar that died, by an
//! outage, by a repair). Overlap is safe: the key lock on the secondary and the
//! token of the marker see to that. A key is only ever copied by
//! [`copy::pull`].

mod adaptive;
mod cleaner;
mod copy;
mod poison;
mod queue;
mod sweep;

use std::sync::Arc;
use std::time::Duration;

use dualwrite_core::key::Key;

use crate::ports::jittered;
use crate::shared::Shared;
use crate::store::{LockMode, StoreError};
use crate::view::Active;

pub(crate) use adaptive::Adaptive;
pub(crate) use cleaner::run as run_cleaner;
pub(crate) use cleaner::{Cleaner, Settled};
pub(crate) use copy::{Copied, Scope, fit, isolating, order};
pub(crate) use poison::row_key;
pub(crate) use queue::RelayQueue;
pub(crate) use sweep::{Ages, drain, run as run_sweep, tables};

/// Lanes that copy fresh keys: while one waits for the secondary's commit the
/// other gathers and pulls.
pub(crate) const LANES: usize = 2;

/// How long a copy waits for key locks before it lets the sweep have the keys.
pub(crate) const LOCK_WAIT: Duration = Duration::from_secs(2);

/// First and longest pause after the secondary (or the primary) did not answer.
const BACKOFF: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(5));

/// A key whose copy may be outstanding, in canonical form.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Dirty {
    pub(crate) entity: Arc<str>,
    pub(crate) key: Key,
}

/// One lane of fresh keys, for as long as it is polled.
pub(crate) async fn run_lane(shared: Arc<Shared>) {
    let mut changes = shared.watcher.changes();
    let mut batch = Adaptive::new(shared.settings.load().flags.batch_size);
    let mut pause = Backoff::default();
    loop {
        shared.relay.arrived().await;
        let Some(active) = relaying(&shared) else {
            // Nothing to copy to: the markers stand, and the view will change.
            let _ = changes.changed().await;
            continue;
        };
        batch.follow(shared.settings.load().flags.batch_size);
        let taken = shared.relay.take(batch.size());
        if taken.is_empty() {
            continue;
        }
        let keys: Vec<Dirty> = taken.iter().map(|(dirty, _)| dirty.clone()).collect();
        let began = tokio::time::Instant::now();
        match isolating(
            &shared,
            &active,
            &keys,
            LockMode::Wait(LOCK_WAIT),
            Scope::Marked,
        )
        .await
        {
            Ok(copied) => {
                batch.took(began.elapsed());
                pause.reset();
                shared.relay.settle(&shared, &active, &taken, &copied).await;
            }
            Err(error) => {
                shared.relay.requeue(&taken);
                shared.watcher.poke();
                batch.failed();
                tracing::debug!(%error, keys = keys.len(), "copies are put off");
                pause.wait(&shared, &error).await;
            }
        }
    }
}

/// The authority, if its secondary may be written now.
pub(crate) fn relaying(shared: &Shared) -> Option<Arc<Active>> {
    let active = shared.watcher.view().active.clone()?;
    (active.authority.relays() && active.complete).then_some(active)
}

/// Pauses that grow from one failure to the next.
#[derive(Debug, Default)]
pub(crate) struct Backoff {
    failures: u32,
}

impl Backoff {
    pub(crate) const fn reset(&mut self) {
        self.failures = 0;
    }

    /// Waits as long as this failure calls for: not at all for one that a
    /// repetition cures.
    pub(crate) async fn wait(&mut self, shared: &Shared, error: &StoreError) {
        self.failures = self.failures.saturating_add(1);
        let doublings = if error.is_transient() {
            0
        } else {
            self.failures.min(7) - 1
        };
        let base = (BACKOFF.0 * 2_u32.pow(doublings)).min(BACKOFF.1);
        tokio::time::sleep(jittered(&*shared.entropy, base)).await;
    }
}
