//! Delete: the control plane forgets a migration. Nothing in the databases
//! changes.

use dualwrite_core::side::Side;

use crate::app::ControlPlane;
use crate::change::{Change, place};
use crate::error::{MigrationInUse, MigrationNotFound, StaleRevision, TransitionRunning};
use crate::model::{Author, EventKind};
use crate::ports::StoreError;

/// A request to delete a migration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delete {
    /// The migration.
    pub name: String,
    /// The revision that the caller saw, if it minds.
    pub seen: Option<u64>,
    /// Who and why.
    pub author: Author,
}

/// A migration was not deleted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DeleteError {
    /// There is none of this name.
    #[error(transparent)]
    NotFound(#[from] MigrationNotFound),
    /// It moved on since the caller saw it.
    #[error(transparent)]
    Stale(#[from] StaleRevision),
    /// It still has a secondary, or sidecars follow it.
    #[error(transparent)]
    InUse(#[from] MigrationInUse),
    /// A transition is under way.
    #[error(transparent)]
    Running(#[from] TransitionRunning),
    /// See [`StoreError`].
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl ControlPlane {
    /// Forgets a migration, keeping its history.
    ///
    /// # Errors
    /// [`DeleteError`].
    pub async fn delete(&self, request: Delete) -> Result<(), DeleteError> {
        let Delete { name, seen, author } = request;
        let mut change = Change::open::<DeleteError>(self, &name, seen).await?;
        if let Some(running) = &change.running {
            return Err(TransitionRunning::of(running).into());
        }
        if let Some(why) = self.used(&change) {
            return Err(MigrationInUse { name, why }.into());
        }
        let before = place(&change.migration);
        change.migration.deleted = Some(change.now);
        change.revise::<DeleteError>(&author).await?;
        change.note(EventKind::Deleted, &author, before, "").await?;
        change.work.commit().await?;
        self.registry().remove(&name);
        self.wake();
        Ok(())
    }

    fn used(&self, change: &Change) -> Option<String> {
        let phase = change.migration.phase;
        if let Some(retirement) = &change.migration.retirement {
            // Sidecars run on without us once nothing of ours is left on new.
            let open = !retirement.is_clean(Side::New);
            return open
                .then(|| "its retirement is not through: run `dualwrite retire` again".to_owned());
        }
        if let Some(secondary) = phase.secondary() {
            let ways: Vec<&str> = phase
                .neighbours()
                .iter()
                .map(|near| near.as_str())
                .collect();
            return Some(format!(
                "in {phase} the {secondary} side still follows; go to legacy_only or new_only first \
                 (one step away: {})",
                ways.join(", "),
            ));
        }
        let live = self.service(&change.migration.name)?.live(self.at().steady);
        let names: Vec<&str> = live.iter().map(|session| &*session.instance).collect();
        (!names.is_empty())
            .then(|| format!("sidecars follow it, stop them first: {}", names.join(", ")))
    }
}
