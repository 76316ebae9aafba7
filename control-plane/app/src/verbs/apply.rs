//! Apply: creates a migration, or changes what it is set to.
//!
//! Flags and guards change at once. Entities and kept markers are what the
//! fence holds: changing them is a transition to the next epoch, which begins
//! when every live sidecar has accepted the new mapping.

mod bound;
mod create;

use dualwrite_core::phase::Phase;
use dualwrite_core::spec::{Spec, check_name};

use crate::app::ControlPlane;
use crate::change::{Change, place};
use crate::error::{
    InvalidName, InvalidSpec, MigrationNotFound, SpecChangeRefused, StaleRevision,
    TransitionRunning,
};
use crate::model::{Author, EventKind, Migration, MigrationView, Transition};
use crate::ports::StoreError;

/// A request to create a migration or to change its spec.
#[derive(Debug, Clone, PartialEq)]
pub struct Apply {
    /// The service's name.
    pub name: String,
    /// What it is to be set to.
    pub spec: Spec,
    /// The phase to start in, `legacy_only` when none. Has no meaning for a
    /// migration that exists: its phase moves by transitions.
    pub initial_phase: Option<Phase>,
    /// The revision that the caller saw, if it minds; 0 for "none yet".
    pub seen: Option<u64>,
    /// Who and why.
    pub author: Author,
    /// Do everything but keep it.
    pub validate_only: bool,
}

/// What became of the request.
#[derive(Debug, Clone, PartialEq)]
pub struct Applied {
    /// The migration; after `validate_only`, as it would be.
    pub migration: MigrationView,
    /// Whether it is new.
    pub created: bool,
    /// Whether anything changed.
    pub changed: bool,
    /// The transition that brings new entities into force.
    pub transition: Option<Transition>,
}

/// A spec was not applied.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ApplyError {
    /// No service may have this name.
    #[error(transparent)]
    Name(#[from] InvalidName),
    /// The spec is not valid.
    #[error(transparent)]
    Invalid(#[from] InvalidSpec),
    /// It moved on since the caller saw it.
    #[error(transparent)]
    Stale(#[from] StaleRevision),
    /// This change is not possible now.
    #[error(transparent)]
    Refused(#[from] SpecChangeRefused),
    /// What the fence holds cannot change while a transition is under way.
    #[error(transparent)]
    Running(#[from] TransitionRunning),
    /// See [`StoreError`].
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl ControlPlane {
    /// Creates a migration, or changes what it is set to.
    ///
    /// # Errors
    /// [`ApplyError`].
    pub async fn apply(&self, request: Apply) -> Result<Applied, ApplyError> {
        check(&request)?;
        let mut work = self.store().begin().await?;
        let before = work.migration(&request.name).await?;
        match before {
            Some(before) if before.deleted.is_none() => self.change(work, request).await,
            Some(_) | None => self.create(work, before, request).await,
        }
    }

    async fn change(
        &self,
        work: Box<dyn crate::ports::Work>,
        request: Apply,
    ) -> Result<Applied, ApplyError> {
        let name = request.name.clone();
        let Some(mut change) = Change::read(self, work, &name).await? else {
            return Err(ApplyError::from(MigrationNotFound { name }));
        };
        change.expect(request.seen)?;
        let before = place(&change.migration);
        let changed = change.migration.spec != request.spec;
        if changed && change.migration.retirement.is_some() {
            let why = "it is retired; `flags set` still changes its flags".to_owned();
            return Err(SpecChangeRefused { name, why }.into());
        }
        if changed {
            if bound::changes(&change.migration, &request.spec) {
                bound::change(self, &mut change, &request).await?;
            } else {
                change.migration.spec.clone_from(&request.spec);
                change.revise::<ApplyError>(&request.author).await?;
            }
            let after = told(&change.migration);
            change
                .note(EventKind::Applied, &request.author, before, after)
                .await?;
        }
        let transition = change.running.clone().filter(|_| changed);
        let migration = if changed && !request.validate_only {
            let (migration, running) = change.commit(self).await?;
            self.shown(migration, running)
        } else {
            self.shown(change.migration, change.running)
        };
        Ok(Applied {
            migration,
            created: false,
            changed,
            transition,
        })
    }
}

fn check(request: &Apply) -> Result<(), ApplyError> {
    if !check_name(&request.name) {
        return Err(InvalidName {
            name: request.name.clone(),
        }
        .into());
    }
    let violations = request.spec.validate(&request.name);
    if violations.is_empty() {
        Ok(())
    } else {
        Err(InvalidSpec { violations }.into())
    }
}

fn told(migration: &Migration) -> String {
    let entities: Vec<&str> = migration
        .spec
        .entities
        .iter()
        .map(|entity| &*entity.name)
        .collect();
    format!("revision {}: {}", migration.revision, entities.join(", "))
}

impl From<MigrationNotFound> for ApplyError {
    /// It was there a moment ago: whoever deleted it made the next revision.
    fn from(gone: MigrationNotFound) -> Self {
        Self::Stale(StaleRevision {
            name: gone.name,
            seen: 0,
            current: 0,
        })
    }
}
