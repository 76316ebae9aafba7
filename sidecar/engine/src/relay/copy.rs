//! `pull`: the only way to copy rows. Lock on the secondary first, then read
//! the primary, write, commit, and only then remove the markers.
//!
//! Some keys belong together: those that one transaction wrote
//! ([`siblings`](siblings::missing)), and those that stand in each other's way
//! on the secondary ([`closure`]). Who joins is never locked on top of what is
//! locked: the transaction is taken back and starts again with the larger,
//! sorted set.

mod closure;
mod count;
mod isolate;
mod known;
mod order;
mod siblings;

use std::collections::HashSet;
use std::sync::Arc;

use dualwrite_core::value::Value;
use tokio::time::Instant;

use super::Dirty;
use crate::shared::Shared;
use crate::store::{
    CommitError, ConstraintKind, Copy, LockMode, LockRequest, Marker, OpenApply, Pulled, RowKey,
    Store, StoreError, Token,
};
use crate::view::Active;
use closure::{CLOSURE_MAX, Ground, Member, ROUNDS_MAX, Target};
use count::{outage, record};
use known::{Known, buckets, find, granted, resolve};

pub(crate) use closure::fit;
pub(crate) use isolate::isolating;
pub(crate) use order::order;

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

    pub(super) fn awaiting(error: impl ToString) -> Self {
        Self {
            error: error.to_string(),
            awaits_others: true,
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

/// How a batch is copied.
#[derive(Debug, Clone)]
pub(super) struct How {
    pub(super) mode: LockMode,
    pub(super) scope: Scope,
    /// Whether the keys of one transaction are kept together.
    pub(super) together: bool,
    /// The constraint that refused these keys as they were: now whatever is in
    /// the way is looked for before anything is written.
    pub(super) met: Option<StoreError>,
}

/// Why a batch was not copied.
#[derive(Debug)]
pub(super) enum Stopped {
    /// What a database said.
    Store(StoreError),
    /// A key that would have to be copied too is locked by somebody.
    Locked,
}

impl From<StoreError> for Stopped {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// The primitive.
pub(super) async fn pull(
    shared: &Shared,
    active: &Active,
    keys: &[Dirty],
    how: &How,
) -> Result<Copied, Stopped> {
    let mut copied = Copied::none(keys.len());
    let mut known = resolve(shared, active, keys, &mut copied);
    let mut attempt = Attempt {
        shared,
        active,
        how,
        asked: HashSet::new(),
    };
    for _ in 0..ROUNDS_MAX {
        if known.is_empty() {
            return Ok(copied);
        }
        match attempt.round(&known, &mut copied).await? {
            Round::Done => return Ok(copied),
            Round::Wider(more) => {
                if known.len() + more.len() > CLOSURE_MAX {
                    break;
                }
                for dirty in more {
                    // One that cannot be converted stays out: it is found
                    // wanting again, and by its own sweep.
                    known.extend(find(shared, active, &dirty, None).ok().flatten());
                }
            }
        }
    }
    Err(Stopped::Store(how.met.clone().unwrap_or_else(|| {
        StoreError::Conflict("the keys of a transaction changed again and again".to_owned())
    })))
}

/// One batch and what is known of it from round to round.
struct Attempt<'a> {
    shared: &'a Shared,
    active: &'a Active,
    how: &'a How,
    /// Transactions whose keys were looked for.
    asked: HashSet<Token>,
}

/// What a round came to.
enum Round {
    /// Copied.
    Done,
    /// Taken back: these keys belong to it.
    Wider(Vec<Dirty>),
}

/// What was written and not yet committed.
#[derive(Default)]
struct Batch {
    markers: Vec<Marker>,
    poisoned: Vec<(usize, Refusal)>,
}

impl Attempt<'_> {
    /// Locks, reads, writes, commits, clears: or takes all back.
    async fn round(&mut self, known: &[Known], copied: &mut Copied) -> Result<Round, Stopped> {
        let authority = &self.active.authority;
        let primary = self.shared.store(authority.primary)?;
        let began = Instant::now();
        let mut apply = self.lock(known).await?;
        let held = granted(known, apply.granted());
        let is_wider = known.iter().any(|row| row.place.is_none());
        if held.len() < known.len() && (is_wider || self.how.met.is_some()) {
            apply.rollback().await;
            return Err(Stopped::Locked);
        }
        let batch = match self.write(primary, &mut *apply, &held).await {
            Ok(Ok(batch)) => batch,
            Ok(Err(more)) => {
                apply.rollback().await;
                return Ok(Round::Wider(more));
            }
            Err(error) => {
                apply.rollback().await;
                return Err(error.into());
            }
        };
        self.commit(apply, known, began).await?;
        // Only after the commit was acknowledged. A failure here costs one more
        // copy of the same rows.
        if !batch.markers.is_empty() {
            let cleared = primary.clear_markers(&self.shared.service, &batch.markers);
            cleared.await?;
        }
        copied.poisoned.extend(batch.poisoned);
        for place in held.iter().filter_map(|row| row.place) {
            copied.done[place] = !copied.poisoned.iter().any(|(other, _)| *other == place);
        }
        Ok(Round::Done)
    }

    async fn lock(&self, known: &[Known]) -> Result<Box<dyn OpenApply>, StoreError> {
        let request = LockRequest {
            service: Arc::clone(&self.shared.service),
            epoch: self.active.authority.epoch,
            buckets: buckets(known),
            mode: self.how.mode,
        };
        let secondary = self.shared.store(self.active.authority.secondary())?;
        let locked = secondary.begin_apply(&request).await;
        locked.map_err(|error| self.counted(known, error))
    }

    async fn commit(
        &self,
        apply: Box<dyn OpenApply>,
        known: &[Known],
        began: Instant,
    ) -> Result<(), StoreError> {
        let committed = apply.commit().await.map_err(|error| match error {
            CommitError::Refused(error) => error,
            // The rows may be there or not: the markers stay, and the next copy
            // writes the same rows again.
            CommitError::Unknown(why) => StoreError::UnknownOutcome(why),
        });
        committed.map_err(|error| self.counted(known, error))?;
        let keys: Vec<Dirty> = known.iter().map(Known::dirty).collect();
        record(self.shared, self.active, &keys, &Ok(()), began.elapsed());
        Ok(())
    }

    fn counted(&self, known: &[Known], error: StoreError) -> StoreError {
        let keys: Vec<Dirty> = known.iter().map(Known::dirty).collect();
        outage(self.shared, self.active, &keys, error)
    }

    /// Reads the primary and writes the secondary; or says who must join.
    async fn write(
        &mut self,
        primary: &Arc<dyn Store>,
        apply: &mut dyn OpenApply,
        held: &[&Known],
    ) -> Result<Result<Batch, Vec<Dirty>>, StoreError> {
        let mut batch = Batch::default();
        if held.is_empty() {
            return Ok(Ok(batch));
        }
        let keys: Vec<RowKey> = held.iter().map(|row| row.on_primary.clone()).collect();
        // The locks are held: what this reads cannot be overtaken by another copy.
        let pulled = primary.pull(&self.shared.service, &keys).await?;
        let more = self.siblings(primary, held, &pulled).await?;
        if !more.is_empty() {
            return Ok(Err(more));
        }
        let mut members = self.members(held, pulled, &mut batch);
        let copies = if self.how.met.is_some() {
            match self.fitted(apply, held, &mut members, &mut batch).await? {
                Ok(copies) => copies,
                Err(more) => return Ok(Err(more)),
            }
        } else {
            let moving = members.iter().filter_map(|member| {
                let Target(row) = member.target.clone()?;
                Some(member.copy(row))
            });
            let mut copies: Vec<Copy> = moving.collect();
            order(&mut copies);
            copies
        };
        if !copies.is_empty() {
            let applied = apply.apply(&copies).await;
            applied.map_err(|error| {
                let keys: Vec<Dirty> = held.iter().map(|row| row.dirty()).collect();
                outage(self.shared, self.active, &keys, error)
            })?;
        }
        Ok(Ok(batch))
    }

    async fn siblings(
        &mut self,
        primary: &Arc<dyn Store>,
        held: &[&Known],
        pulled: &[Pulled],
    ) -> Result<Vec<Dirty>, StoreError> {
        if !self.how.together || self.how.scope == Scope::All {
            return Ok(Vec::new());
        }
        siblings::missing(
            (self.shared, self.active),
            primary,
            (held, pulled),
            &mut self.asked,
        )
        .await
    }

    /// What each key becomes; leaves the markers that go with it in the batch.
    fn members(&self, held: &[&Known], pulled: Vec<Pulled>, batch: &mut Batch) -> Vec<Member> {
        let mut members = Vec::with_capacity(held.len());
        for (row, pulled) in held.iter().zip(pulled) {
            let mut target = None;
            if self.how.scope == Scope::All || pulled.token.is_some() {
                match self.across(row, pulled.row) {
                    Ok(row) => target = Some(Target(row)),
                    Err(error) => batch.poisoned.extend(row.place.map(|place| (place, error))),
                }
            }
            if let (Some(token), Some(_)) = (pulled.token, &target) {
                let row = row.on_primary.clone();
                batch.markers.push(Marker { row, token });
            }
            members.push(Member {
                entity: Arc::clone(&row.entity),
                on_secondary: row.on_secondary.clone(),
                target,
                current: None,
            });
        }
        members
    }

    /// The copies in an order that nothing stands in the way of. Whoever cannot
    /// be copied is left out, with its marker.
    async fn fitted(
        &self,
        apply: &mut dyn OpenApply,
        held: &[&Known],
        members: &mut [Member],
        batch: &mut Batch,
    ) -> Result<Result<Vec<Copy>, Vec<Dirty>>, StoreError> {
        let ground = Ground {
            mapping: &self.active.mapping,
            side: self.active.authority.secondary(),
        };
        let findings = closure::survey(apply, ground, members).await?;
        let judged = closure::judge(ground, members, &findings);
        if !judged.join.is_empty() {
            return Ok(Err(judged.join));
        }
        for (place, refusal) in &judged.refused {
            let row = held[*place];
            batch.markers.retain(|marker| marker.row != row.on_primary);
            if let Some(place) = row.place {
                batch.poisoned.push((place, refusal.clone()));
            }
        }
        Ok(Ok(closure::arrange(
            members,
            &judged,
            &*self.shared.entropy,
        )))
    }

    /// The primary's row as the secondary holds it.
    fn across(
        &self,
        row: &Known,
        image: Option<Vec<Value>>,
    ) -> Result<Option<Vec<Value>>, Refusal> {
        let authority = &self.active.authority;
        let Some(image) = image else { return Ok(None) };
        let fields = row
            .entity
            .from_side(authority.primary, image)
            .map_err(Refusal::lasting)?;
        let stored = row.entity.to_side(authority.secondary(), &fields);
        stored.map(Some).map_err(Refusal::lasting)
    }
}
