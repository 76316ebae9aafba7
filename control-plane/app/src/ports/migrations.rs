//! Migrations and their revisions.

use async_trait::async_trait;

use super::{SaveError, StoreError};
use crate::model::{Migration, Millis, PageSize, Revision};

/// Reads migrations.
#[async_trait]
pub trait ReadMigrations {
    /// The migration of this name, deleted or not.
    async fn migration(&mut self, name: &str) -> Result<Option<Migration>, StoreError>;

    /// Migrations that are not deleted, in order of name, from the first name
    /// after `after`.
    async fn migrations(
        &mut self,
        after: Option<&str>,
        size: PageSize,
    ) -> Result<Vec<Migration>, StoreError>;

    /// One version of its settings.
    async fn revision(&mut self, name: &str, revision: u64)
    -> Result<Option<Revision>, StoreError>;
}

/// Writes migrations.
#[async_trait]
pub trait WriteMigrations {
    /// Stores a migration whose name was never used.
    ///
    /// # Errors
    /// [`SaveError::Stale`] when there is one of this name.
    async fn insert_migration(&mut self, migration: &Migration) -> Result<(), SaveError>;

    /// Replaces a migration, if it still is at revision `seen`.
    ///
    /// # Errors
    /// [`SaveError::Stale`] when it is not.
    async fn save_migration(&mut self, migration: &Migration, seen: u64) -> Result<(), SaveError>;

    /// Stores one version of its settings.
    async fn append_revision(&mut self, revision: &Revision) -> Result<(), StoreError>;

    /// Forgets versions older than `before`, except the newest `keep` of each
    /// migration; answers how many.
    async fn forget_revisions(&mut self, before: Millis, keep: u32) -> Result<u64, StoreError>;
}
