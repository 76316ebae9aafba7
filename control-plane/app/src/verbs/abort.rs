//! Abort: a transition under way is taken back, as long as it has not handed
//! over. Whether it has is told by the old primary's fence alone, so the
//! answer is a transition that is aborting, and its end says which it was.

use crate::app::ControlPlane;
use crate::change::Change;
use crate::error::{MigrationNotFound, NoTransition, StaleRevision};
use crate::model::{Author, Transition, TransitionState};
use crate::ports::StoreError;
use crate::reconcile::take_back;

/// A request to take a transition back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Abort {
    /// The migration.
    pub name: String,
    /// Who and why.
    pub author: Author,
}

/// A transition is not taken back.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AbortError {
    /// There is no migration of this name.
    #[error(transparent)]
    NotFound(#[from] MigrationNotFound),
    /// It moved on at the same time.
    #[error(transparent)]
    Stale(#[from] StaleRevision),
    /// None is under way.
    #[error(transparent)]
    NoTransition(#[from] NoTransition),
    /// See [`StoreError`].
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl ControlPlane {
    /// Begins to take a transition back. One that is being taken back already
    /// stays so.
    ///
    /// # Errors
    /// [`AbortError`].
    pub async fn abort(&self, request: Abort) -> Result<Transition, AbortError> {
        let Abort { name, author } = request;
        let mut change = Change::open::<AbortError>(self, &name, None).await?;
        let Some(running) = change.running.clone() else {
            return Err(NoTransition { name }.into());
        };
        if running.state == TransitionState::Aborting {
            return Ok(running);
        }
        let why = format!("aborted by {}: {}", author.actor, author.reason);
        take_back::<AbortError>(&mut change, &author, &why).await?;
        let (_, aborting) = change.commit(self).await?;
        Ok(aborting.unwrap_or(running))
    }
}
