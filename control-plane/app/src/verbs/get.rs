//! Get: one migration with what is shown beside it.

use crate::app::ControlPlane;
use crate::error::MigrationNotFound;
use crate::model::MigrationView;
use crate::ports::StoreError;

/// A migration was not read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GetError {
    /// There is none of this name.
    #[error(transparent)]
    NotFound(#[from] MigrationNotFound),
    /// See [`StoreError`].
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl ControlPlane {
    /// One migration with what is shown beside it.
    ///
    /// # Errors
    /// [`GetError`].
    pub async fn get(&self, name: &str) -> Result<MigrationView, GetError> {
        let mut view = self.store().view().await?;
        let migration = view
            .migration(name)
            .await?
            .filter(|found| found.deleted.is_none());
        let migration = migration.ok_or_else(|| MigrationNotFound {
            name: name.to_owned(),
        })?;
        let transition = view.running_transition(name).await?;
        Ok(self.shown(migration, transition))
    }
}
