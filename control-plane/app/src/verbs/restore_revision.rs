//! RestoreRevision: the flags and guards of an older revision, as a new one.
//! Never its phase and never its entities: those are the fences' business.

use crate::app::ControlPlane;
use crate::change::Change;
use crate::error::{MigrationNotFound, RevisionNotFound, StaleRevision};
use crate::model::{Author, EventKind, MigrationView};
use crate::ports::StoreError;

/// A request to restore a revision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RestoreRevision {
    /// The migration.
    pub name: String,
    /// The revision whose flags and guards are wanted.
    pub revision: u64,
    /// The revision that the caller saw, if it minds.
    pub seen: Option<u64>,
    /// Who and why.
    pub author: Author,
}

/// A revision was not restored.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RestoreError {
    /// There is no migration of this name.
    #[error(transparent)]
    NotFound(#[from] MigrationNotFound),
    /// There is no such revision (any more).
    #[error(transparent)]
    RevisionNotFound(#[from] RevisionNotFound),
    /// It moved on since the caller saw it.
    #[error(transparent)]
    Stale(#[from] StaleRevision),
    /// See [`StoreError`].
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl ControlPlane {
    /// Makes the flags and guards of an older revision current.
    ///
    /// # Errors
    /// [`RestoreError`].
    pub async fn restore_revision(
        &self,
        request: RestoreRevision,
    ) -> Result<MigrationView, RestoreError> {
        let RestoreRevision {
            name,
            revision,
            seen,
            author,
        } = request;
        let mut change = Change::open::<RestoreError>(self, &name, seen).await?;
        let current = change.migration.revision;
        let old = change.work.revision(&name, revision).await?;
        let old = old.ok_or(RevisionNotFound {
            name,
            revision,
            current,
        })?;
        change.migration.spec.flags = old.spec.flags;
        change.migration.spec.guards = old.spec.guards;
        change.revise::<RestoreError>(&author).await?;
        let (before, after) = (
            format!("revision {current}"),
            format!("as in revision {revision}"),
        );
        change
            .note(EventKind::Restored, &author, before, after)
            .await?;
        let (migration, running) = change.commit(self).await?;
        Ok(self.shown(migration, running))
    }
}
