//! ListSidecars: who is connected, and who was recently.

use crate::app::ControlPlane;
use crate::error::MigrationNotFound;
use crate::model::{Sidecar, SidecarRecord};
use crate::ports::StoreError;

/// Sidecars were not listed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ListSidecarsError {
    /// There is no migration of this name.
    #[error(transparent)]
    NotFound(#[from] MigrationNotFound),
    /// See [`StoreError`].
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl ControlPlane {
    /// Connected instances, then those that were connected recently, both in
    /// order of instance.
    ///
    /// # Errors
    /// [`ListSidecarsError`].
    pub async fn list_sidecars(&self, name: &str) -> Result<Vec<Sidecar>, ListSidecarsError> {
        let service = self.service(name).ok_or_else(|| MigrationNotFound {
            name: name.to_owned(),
        })?;
        let records = self.store().view().await?.sidecars(name).await?;
        let mut sidecars = service.shown(self.at().steady);
        sidecars.sort_by(|left, right| left.instance.cmp(&right.instance));
        let gone: Vec<Sidecar> = records
            .into_iter()
            .filter(|record| {
                sidecars
                    .iter()
                    .all(|there| there.instance != record.instance)
            })
            .map(gone)
            .collect();
        sidecars.extend(gone);
        Ok(sidecars)
    }
}

fn gone(record: SidecarRecord) -> Sidecar {
    Sidecar {
        instance: record.instance,
        version: record.version,
        live: false,
        acked: record.acked,
        nack: None,
        connected: record.connected,
        last_seen: record.last_seen,
        legacy_fence: None,
        new_fence: None,
        markers: 0,
    }
}
