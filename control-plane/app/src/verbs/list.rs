//! List: all migrations, in order of name, in pages.

use crate::app::ControlPlane;
use crate::model::{MigrationView, PageSize};
use crate::ports::StoreError;

/// Migrations were not listed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ListError {
    /// See [`StoreError`].
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// One page of migrations.
#[derive(Debug, Clone, PartialEq)]
pub struct MigrationPage {
    /// In order of name.
    pub migrations: Vec<MigrationView>,
    /// Give this as `after` for the next page; none when this is the last.
    pub next: Option<String>,
}

impl ControlPlane {
    /// Migrations in order of name, from the first name after `after`.
    ///
    /// # Errors
    /// [`ListError`].
    pub async fn list(
        &self,
        after: Option<&str>,
        size: PageSize,
    ) -> Result<MigrationPage, ListError> {
        let mut view = self.store().view().await?;
        let found = view.migrations(after, size).await?;
        let full = found.len() >= usize::try_from(size.get()).unwrap_or(usize::MAX);
        let next = found.last().filter(|_| full).map(|last| last.name.clone());
        let mut migrations = Vec::with_capacity(found.len());
        for migration in found {
            let transition = view.running_transition(&migration.name).await?;
            migrations.push(self.shown(migration, transition));
        }
        Ok(MigrationPage { migrations, next })
    }
}
