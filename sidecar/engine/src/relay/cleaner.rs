//! Removes the markers of synchronous writes in batches: by then the secondary
//! is known to hold their rows.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use dualwrite_core::side::Side;
use tokio::sync::Notify;

use super::Dirty;
use crate::shared::Shared;
use crate::store::Marker;

/// Markers of one batch.
const BATCH: usize = 512;

/// How long markers gather. Nobody waits for their removal, and removing one
/// costs the primary about as much as removing ten.
const GATHERING: Duration = Duration::from_millis(10);

/// Markers that wait at most; the sweep finds whatever does not fit.
const WAITING_MAX: usize = 50_000;

/// One marker to remove.
#[derive(Debug)]
pub(crate) struct Settled {
    /// The primary that holds it.
    pub(crate) side: Side,
    /// The marker.
    pub(crate) marker: Marker,
    /// Its key in canonical form, in case it cannot be removed now.
    pub(crate) dirty: Dirty,
}

/// The markers that wait to be removed.
#[derive(Debug, Default)]
pub(crate) struct Cleaner {
    waiting: Mutex<Vec<Settled>>,
    arrived: Notify,
}

impl Cleaner {
    /// Hands markers over for removal.
    pub(crate) fn push(&self, settled: impl IntoIterator<Item = Settled>) {
        let mut waiting = self.waiting();
        let room = WAITING_MAX.saturating_sub(waiting.len());
        waiting.extend(settled.into_iter().take(room));
        drop(waiting);
        self.arrived.notify_one();
    }

    /// Waits, a little, until a removal is worth its price.
    async fn gathered(&self) {
        let is_full = self.waiting().len() >= BATCH;
        if !is_full {
            tokio::time::sleep(GATHERING).await;
        }
    }

    fn waiting(&self) -> MutexGuard<'_, Vec<Settled>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self) -> Vec<Settled> {
        let mut waiting = self.waiting();
        let count = waiting.len().min(BATCH);
        waiting.drain(..count).collect()
    }
}

/// Removes markers for as long as it is polled.
pub(crate) async fn run(shared: Arc<Shared>) {
    loop {
        shared.cleaner.arrived.notified().await;
        loop {
            shared.cleaner.gathered().await;
            let batch = shared.cleaner.take();
            if batch.is_empty() {
                break;
            }
            for side in Side::BOTH {
                remove(
                    &shared,
                    side,
                    batch.iter().filter(|settled| settled.side == side),
                )
                .await;
            }
        }
    }
}

async fn remove<'a>(shared: &Shared, side: Side, settled: impl Iterator<Item = &'a Settled>) {
    let settled: Vec<&Settled> = settled.collect();
    if settled.is_empty() {
        return;
    }
    let markers: Vec<Marker> = settled.iter().map(|one| one.marker.clone()).collect();
    let removed = match shared.store(side) {
        Ok(store) => store.clear_markers(&shared.service, &markers).await,
        Err(error) => Err(error),
    };
    if let Err(error) = removed {
        tracing::debug!(%error, "markers of synchronous writes are left to the relay");
        shared
            .relay
            .push(settled.into_iter().map(|one| one.dirty.clone()), None);
    }
}
