//! The sweep: copies what stands in the outbox and is in nobody's fresh queue.
//!
//! It leaves a marker alone until it has stood for one whole interval, because
//! until then the sidecar that left it will most likely copy it. While a flip
//! drains, and where the outbox is long, it takes everything.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use dualwrite_core::authority::Standing;
use dualwrite_core::key::Key;
use dualwrite_core::mapping::EntityMap;
use tokio::time::Instant;

use super::copy::{Scope, isolating};
use super::{Backoff, Dirty, LOCK_WAIT, poison, relaying};
use crate::shared::Shared;
use crate::store::{LockMode, Marker, StoreError, Token};
use crate::view::Active;

/// Between sweeps.
const INTERVAL: Duration = Duration::from_secs(1);

/// Between sweeps while a flip waits for the outbox to be empty.
const DRAIN_INTERVAL: Duration = Duration::from_millis(10);

/// Markers of one page; also the rows of one copy.
const PAGE: u32 = 512;

/// Markers whose age is followed at most.
const AGES_MAX: usize = 10_000;

/// Since when each marker has been seen standing.
#[derive(Debug, Default)]
pub(crate) struct Ages {
    seen: Mutex<HashMap<Dirty, (Token, Instant)>>,
}

impl Ages {
    /// Notes one complete look at the outbox.
    fn replace(&self, now: Instant, markers: Vec<(Dirty, Token)>) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let before = std::mem::take(&mut *seen);
        for (dirty, token) in markers {
            let since = before.get(&dirty).map_or(now, |(_, since)| *since);
            seen.insert(dirty, (token, since));
        }
    }

    fn stood(&self, dirty: &Dirty, token: Token) -> bool {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.get(dirty).is_some_and(|(own, _)| *own == token)
    }

    /// The age of the oldest marker of an entity, as far as it was followed.
    pub(crate) fn oldest(&self, entity: &str) -> Duration {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let of_entity = seen.iter().filter(|(dirty, _)| &*dirty.entity == entity);
        of_entity
            .map(|(_, (_, since))| since.elapsed())
            .max()
            .unwrap_or_default()
    }
}

/// Sweeps for as long as it is polled.
pub(crate) async fn run(shared: Arc<Shared>, ages: Arc<Ages>) {
    let mut changes = shared.watcher.changes();
    let mut pause = Backoff::default();
    loop {
        let mut frozen = false;
        if let Some(active) = relaying(&shared) {
            frozen = active.authority.standing == Standing::Frozen;
            match sweep(&shared, &active, &ages).await {
                Ok(()) => pause.reset(),
                Err(error) => {
                    shared.watcher.poke();
                    tracing::debug!(%error, "the sweep is put off");
                    pause.wait(&shared, &error).await;
                }
            }
        }
        let interval = if frozen { DRAIN_INTERVAL } else { INTERVAL };
        tokio::select! {
            biased;
            () = tokio::time::sleep(interval) => {}
            _ = changes.changed() => {}
        }
    }
}

/// Copies everything in the outbox, again and again, until it is empty or the
/// time is over. Answers whether it is empty.
pub(crate) async fn drain(
    shared: &Shared,
    active: &Active,
    until: Instant,
) -> Result<bool, StoreError> {
    let primary = shared.store(active.authority.primary)?;
    let ages = Ages::default();
    loop {
        let result = sweep_as(shared, active, &ages, true).await;
        if let Err(error) = &result {
            tracing::debug!(%error, "draining meets an error");
        }
        let tables = tables(active);
        let backlog = primary.backlog(&shared.service, &tables).await?;
        if backlog.iter().all(|entity| entity.markers == 0) {
            return Ok(true);
        }
        if Instant::now() >= until {
            return Ok(false);
        }
        tokio::time::sleep(DRAIN_INTERVAL).await;
    }
}

/// The primary's tables that leave markers.
pub(crate) fn tables(active: &Active) -> Vec<Arc<dualwrite_core::mapping::Table>> {
    let side = active.authority.primary;
    active
        .mapping
        .all()
        .map(|entity| Arc::clone(entity.table(side)))
        .collect()
}

async fn sweep(shared: &Shared, active: &Active, ages: &Ages) -> Result<(), StoreError> {
    let urgent = active.authority.standing == Standing::Frozen;
    sweep_as(shared, active, ages, urgent).await
}

async fn sweep_as(
    shared: &Shared,
    active: &Active,
    ages: &Ages,
    urgent: bool,
) -> Result<(), StoreError> {
    let now = Instant::now();
    let latest = shared.relay.latest();
    let mut standing = Vec::new();
    for entity in parents_first(active) {
        sweep_entity(shared, active, ages, entity, urgent, &mut standing).await?;
    }
    if standing.len() < AGES_MAX {
        let known: HashSet<&Dirty> = standing.iter().map(|(dirty, _)| dirty).collect();
        poison::release(shared, active, &known).await?;
        let stands = |dirty: &Dirty| known.contains(dirty);
        shared.relay.seen(latest, standing.len(), stands);
    } else {
        // Too many to tell who is gone.
        shared.relay.seen(latest, usize::MAX, |_| true);
    }
    ages.replace(now, standing);
    Ok(())
}

/// Entities in the secondary's foreign-key order, so that parents are there
/// before the children that need them.
fn parents_first(active: &Active) -> Vec<&Arc<EntityMap>> {
    let mut entities: Vec<&Arc<EntityMap>> = active.mapping.all().collect();
    entities.sort_by_key(|entity| entity.table(active.authority.secondary()).fk_rank);
    entities
}

async fn sweep_entity(
    shared: &Shared,
    active: &Active,
    ages: &Ages,
    entity: &Arc<EntityMap>,
    urgent: bool,
    standing: &mut Vec<(Dirty, Token)>,
) -> Result<(), StoreError> {
    let primary = shared.store(active.authority.primary)?;
    let table = entity.table(active.authority.primary);
    let mode = if urgent {
        LockMode::Wait(LOCK_WAIT)
    } else {
        LockMode::Try
    };
    let mut after: Option<Key> = None;
    loop {
        let page = primary
            .markers(&shared.service, table, after.as_ref(), PAGE)
            .await?;
        after = page.last().map(|marker| marker.row.key.clone());
        let long = page.len() >= usize::try_from(PAGE).unwrap_or(usize::MAX);
        let mut due = Vec::new();
        for marker in page {
            let Some(dirty) = canonical(active, entity, &marker) else {
                continue;
            };
            if standing.len() < AGES_MAX {
                standing.push((dirty.clone(), marker.token));
            }
            let ripe = urgent
                || (!shared.relay.holds(&dirty) && (long || ages.stood(&dirty, marker.token)));
            if ripe && shared.relay.poison.is_due(&dirty, urgent) {
                due.push(dirty);
            }
        }
        if !due.is_empty() {
            let copied = isolating(shared, active, &due, mode, Scope::Marked).await?;
            shared
                .relay
                .poison
                .note(shared, active, due.iter(), &copied)
                .await;
        }
        if !long {
            return Ok(());
        }
    }
}

fn canonical(active: &Active, entity: &Arc<EntityMap>, marker: &Marker) -> Option<Dirty> {
    let parts = marker.row.key.parts().to_vec();
    let canonical = entity.key_from_side(active.authority.primary, parts).ok()?;
    Some(Dirty {
        entity: Arc::clone(&entity.name),
        key: Key::new(canonical).ok()?,
    })
}
