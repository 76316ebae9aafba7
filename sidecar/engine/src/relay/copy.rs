//! `pull`: the only way to copy rows. Lock on the secondary first, then read
//! the primary, write, commit, and only then remove the markers.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use dualwrite_core::key::{Key, bucket};
use dualwrite_core::mapping::EntityMap;
use tokio::time::{Instant, timeout};

use super::Dirty;
use crate::shared::Shared;
use crate::store::{
    CommitError, ConstraintKind, Copy, Granted, LockMode, LockRequest, Marker, OpenApply, RowKey,
    Store, StoreError,
};
use crate::view::Active;

/// One batch at most: a database that needs longer is taken for away.
const COPY_TIMEOUT: Duration = Duration::from_secs(15);

/// Which of the keys are copied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope {
    /// Those that have a marker: the others have converged.
    Marked,
    /// All, whatever the outbox says: backfill.
    All,
}

/// In which order a batch is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    /// Deletes (children first), then upserts (parents first): a unique value
    /// can pass from a deleted row to a new one.
    DeletesFirst,
    /// Upserts, then deletes: a child can leave a parent that goes.
    UpsertsFirst,
}

/// What a batch came to, key by key.
#[derive(Debug)]
pub(crate) struct Copied {
    /// Whether the secondary now holds what the primary held.
    pub(crate) done: Vec<bool>,
    /// Keys that the secondary refuses.
    pub(crate) poisoned: Vec<(usize, Refusal)>,
}

/// Why the secondary refuses a row.
#[derive(Debug, Clone)]
pub(crate) struct Refusal {
    /// For people; no values.
    pub(crate) error: String,
    /// A row that it refers to (or that refers to it) is not there yet (or still
    /// there): most likely on its way, as long as a backfill runs.
    pub(crate) awaits_others: bool,
}

impl Refusal {
    fn lasting(error: impl ToString) -> Self {
        Self {
            error: error.to_string(),
            awaits_others: false,
        }
    }

    fn of(error: &StoreError) -> Self {
        let awaits_others = matches!(
            error,
            StoreError::Constraint {
                kind: ConstraintKind::ForeignKey,
                ..
            }
        );
        Self {
            error: error.to_string(),
            awaits_others,
        }
    }
}

impl Copied {
    fn none(keys: usize) -> Self {
        Self {
            done: vec![false; keys],
            poisoned: Vec::new(),
        }
    }
}

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

/// The primitive.
async fn pull(
    shared: &Shared,
    active: &Active,
    keys: &[Dirty],
    mode: LockMode,
    scope: Scope,
    order_by: Order,
) -> Result<Copied, StoreError> {
    let authority = &active.authority;
    let (primary, secondary) = (
        shared.store(authority.primary)?,
        shared.store(authority.secondary())?,
    );
    let mut copied = Copied::none(keys.len());
    let known = resolve(shared, active, keys, &mut copied);
    if known.is_empty() {
        return Ok(copied);
    }
    let began = Instant::now();
    let request = LockRequest {
        service: Arc::clone(&shared.service),
        epoch: authority.epoch,
        buckets: buckets(&known),
        mode,
    };
    let mut apply = match secondary.begin_apply(&request).await {
        Ok(apply) => apply,
        Err(error) => return Err(outage(shared, active, keys, error)),
    };
    let held = granted(&known, apply.granted());
    let written = write_rows(shared, active, primary, &mut apply, &held, scope, order_by).await;
    let batch = match written {
        Ok(batch) => batch,
        Err(error) => {
            apply.rollback().await;
            return Err(error);
        }
    };
    match apply.commit().await {
        Ok(()) => {}
        Err(CommitError::Refused(error)) => return Err(outage(shared, active, keys, error)),
        // The rows may be there or not: the markers stay, and the next copy
        // writes the same rows again.
        Err(CommitError::Unknown(why)) => {
            return Err(outage(
                shared,
                active,
                keys,
                StoreError::UnknownOutcome(why),
            ));
        }
    }
    record(shared, active, keys, &Ok(()), began.elapsed());
    // Only after the commit was acknowledged. A failure here costs one more
    // copy of the same rows.
    if !batch.markers.is_empty() {
        primary
            .clear_markers(&shared.service, &batch.markers)
            .await?;
    }
    copied.poisoned.extend(batch.poisoned);
    for row in &held {
        copied.done[row.place] = !copied.poisoned.iter().any(|(place, _)| *place == row.place);
    }
    Ok(copied)
}

/// A key with what both sides call it.
#[derive(Debug)]
struct Known {
    place: usize,
    key: Key,
    entity: Arc<EntityMap>,
    bucket: u16,
    on_primary: RowKey,
    on_secondary: RowKey,
}

impl Known {
    fn dirty(&self) -> Dirty {
        Dirty {
            entity: Arc::clone(&self.entity.name),
            key: self.key.clone(),
        }
    }
}

/// Finds the entities. A key of an entity that is gone has nothing to be
/// copied; one that cannot be converted is poison.
fn resolve(shared: &Shared, active: &Active, keys: &[Dirty], copied: &mut Copied) -> Vec<Known> {
    let mut known = Vec::with_capacity(keys.len());
    for (place, dirty) in keys.iter().enumerate() {
        let Some(entity) = active.mapping.entity(&dirty.entity) else {
            copied.done[place] = true;
            continue;
        };
        let row = |side| -> Result<RowKey, Refusal> {
            let parts = entity
                .key_to_side(side, &dirty.key)
                .map_err(Refusal::lasting)?;
            let key = Key::new(parts).map_err(Refusal::lasting)?;
            Ok(RowKey {
                table: Arc::clone(entity.table(side)),
                key,
            })
        };
        let sides = row(active.authority.primary)
            .and_then(|on_primary| Ok((on_primary, row(active.authority.secondary())?)));
        match sides {
            Ok((on_primary, on_secondary)) => known.push(Known {
                place,
                key: dirty.key.clone(),
                entity: Arc::clone(entity),
                bucket: bucket(&shared.service, &entity.name, &dirty.key),
                on_primary,
                on_secondary,
            }),
            Err(error) => copied.poisoned.push((place, error)),
        }
    }
    known
}

fn buckets(known: &[Known]) -> Vec<u16> {
    let mut buckets: Vec<u16> = known.iter().map(|row| row.bucket).collect();
    buckets.sort_unstable();
    buckets.dedup();
    buckets
}

fn granted<'a>(known: &'a [Known], granted: &Granted) -> Vec<&'a Known> {
    match granted {
        Granted::All => known.iter().collect(),
        Granted::Some(held) => known
            .iter()
            .filter(|row| held.binary_search(&row.bucket).is_ok())
            .collect(),
    }
}

/// What was written and not yet committed.
struct Batch {
    markers: Vec<Marker>,
    poisoned: Vec<(usize, Refusal)>,
}

async fn write_rows(
    shared: &Shared,
    active: &Active,
    primary: &Arc<dyn Store>,
    apply: &mut Box<dyn OpenApply>,
    held: &[&Known],
    scope: Scope,
    order_by: Order,
) -> Result<Batch, StoreError> {
    let mut batch = Batch {
        markers: Vec::new(),
        poisoned: Vec::new(),
    };
    if held.is_empty() {
        return Ok(batch);
    }
    let keys: Vec<RowKey> = held.iter().map(|row| row.on_primary.clone()).collect();
    // The locks are held: what this reads cannot be overtaken by another copy.
    let pulled = primary.pull(&shared.service, &keys).await?;
    let mut copies = Vec::with_capacity(held.len());
    for (row, pulled) in held.iter().zip(pulled) {
        if scope == Scope::Marked && pulled.token.is_none() {
            continue;
        }
        match across(active, row, pulled.row) {
            Ok(copy) => copies.push(copy),
            Err(error) => {
                batch.poisoned.push((row.place, error));
                continue;
            }
        }
        if let Some(token) = pulled.token {
            batch.markers.push(Marker {
                row: row.on_primary.clone(),
                token,
            });
        }
    }
    if !copies.is_empty() {
        order(&mut copies, order_by);
        if let Err(error) = apply.apply(&copies).await {
            let keys: Vec<Dirty> = held.iter().map(|row| row.dirty()).collect();
            return Err(outage(shared, active, &keys, error));
        }
    }
    Ok(batch)
}

/// The primary's row as the secondary holds it.
fn across(
    active: &Active,
    row: &Known,
    image: Option<Vec<dualwrite_core::value::Value>>,
) -> Result<Copy, Refusal> {
    let authority = &active.authority;
    let image = match image {
        None => None,
        Some(image) => {
            let fields = row
                .entity
                .from_side(authority.primary, image)
                .map_err(Refusal::lasting)?;
            let stored = row.entity.to_side(authority.secondary(), &fields);
            Some(stored.map_err(Refusal::lasting)?)
        }
    };
    let RowKey { table, key } = row.on_secondary.clone();
    Ok(Copy {
        table,
        key,
        row: image,
    })
}

/// Puts copies in an order that foreign keys allow: parents first where rows
/// come, children first where they go.
pub(crate) fn order(copies: &mut [Copy], order_by: Order) {
    copies.sort_by_cached_key(|copy| {
        let rank = i64::from(copy.table.fk_rank);
        let goes = copy.row.is_none();
        let group = match order_by {
            Order::DeletesFirst => u8::from(!goes),
            Order::UpsertsFirst => u8::from(goes),
        };
        let rank = if goes { -rank } else { rank };
        (
            group,
            rank,
            Arc::clone(&copy.table.entity),
            copy.key.clone(),
        )
    });
}

/// Counts an error of the secondary that is no refusal of a row (those are
/// counted one by one) and none of the ordinary ways in which transactions
/// meet.
fn outage(shared: &Shared, active: &Active, keys: &[Dirty], error: StoreError) -> StoreError {
    match &error {
        StoreError::Unavailable(_)
        | StoreError::UnknownOutcome(_)
        | StoreError::Denied(_)
        | StoreError::Schema(_)
        | StoreError::Other(_) => failed(shared, active, keys, &error),
        StoreError::Stale
        | StoreError::Conflict(_)
        | StoreError::Busy(_)
        | StoreError::Constraint { .. }
        | StoreError::NotMatched { .. }
        | StoreError::ReceiptExists
        | StoreError::Value(_) => {}
    }
    error
}

fn failed(shared: &Shared, active: &Active, keys: &[Dirty], error: &StoreError) {
    record(shared, active, keys, &Err(error.clone()), Duration::ZERO);
}

fn record(
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
