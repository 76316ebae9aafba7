//! `pull`: the only way to copy rows. Lock on the secondary first, then read
//! the primary, write, commit, and only then remove the markers.

mod count;
mod isolate;
mod known;
mod order;

use std::sync::Arc;

use tokio::time::Instant;

use super::Dirty;
use crate::shared::Shared;
use crate::store::{
    CommitError, ConstraintKind, Copy, LockMode, LockRequest, Marker, OpenApply, RowKey, Store,
    StoreError,
};
use crate::view::Active;
use count::{outage, record};
use known::{Known, buckets, granted, resolve};

pub(crate) use isolate::isolating;
pub(crate) use order::{Order, order};

/// Which of the keys are copied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope {
    /// Those that have a marker: the others have converged.
    Marked,
    /// All, whatever the outbox says: backfill.
    All,
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
    pub(super) fn lasting(error: impl ToString) -> Self {
        Self {
            error: error.to_string(),
            awaits_others: false,
        }
    }

    pub(super) fn of(error: &StoreError) -> Self {
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
    pub(super) fn none(keys: usize) -> Self {
        Self {
            done: vec![false; keys],
            poisoned: Vec::new(),
        }
    }
}

/// The primitive.
pub(super) async fn pull(
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
