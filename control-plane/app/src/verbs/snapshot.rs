//! Snapshot: what sidecars are told now.

use std::sync::Arc;

use crate::app::ControlPlane;
use crate::error::MigrationNotFound;
use crate::publish::Published;

/// There is no snapshot.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SnapshotError {
    /// There is no migration of this name.
    #[error(transparent)]
    NotFound(#[from] MigrationNotFound),
}

impl ControlPlane {
    /// The newest settings of a service, as its sidecars are told them.
    ///
    /// # Errors
    /// [`SnapshotError`].
    pub fn snapshot(&self, name: &str) -> Result<Arc<Published>, SnapshotError> {
        let published = self.service(name).and_then(|service| service.published());
        Ok(published.ok_or_else(|| MigrationNotFound {
            name: name.to_owned(),
        })?)
    }
}
