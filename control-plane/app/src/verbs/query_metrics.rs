//! QueryMetrics: what sidecars reported.

use std::time::Duration;

use crate::app::ControlPlane;
use crate::error::MigrationNotFound;
use crate::model::Metrics;

/// Metrics were not read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum QueryMetricsError {
    /// There is no migration of this name.
    #[error(transparent)]
    NotFound(#[from] MigrationNotFound),
}

impl ControlPlane {
    /// What the sidecars of a service reported within `lookback`, an hour at
    /// most. It is kept in memory and begins anew with the control plane.
    ///
    /// # Errors
    /// [`QueryMetricsError`].
    pub fn query_metrics(
        &self,
        name: &str,
        lookback: Duration,
    ) -> Result<Metrics, QueryMetricsError> {
        let service = self.service(name).ok_or_else(|| MigrationNotFound {
            name: name.to_owned(),
        })?;
        Ok(service.metrics(self.at().now, lookback))
    }
}
