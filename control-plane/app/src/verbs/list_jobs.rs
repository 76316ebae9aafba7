//! ListJobs: the jobs of a migration, newest first.

use crate::app::ControlPlane;
use crate::error::MigrationNotFound;
use crate::model::JobStatus;
use crate::ports::StoreError;

/// Jobs were not listed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ListJobsError {
    /// There never was a migration of this name.
    #[error(transparent)]
    NotFound(#[from] MigrationNotFound),
    /// See [`StoreError`].
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl ControlPlane {
    /// The jobs of a migration, newest first, 100 at most.
    ///
    /// # Errors
    /// [`ListJobsError`].
    pub async fn list_jobs(&self, name: &str) -> Result<Vec<JobStatus>, ListJobsError> {
        let mut view = self.store().view().await?;
        if view.migration(name).await?.is_none() {
            return Err(MigrationNotFound {
                name: name.to_owned(),
            }
            .into());
        }
        let jobs = view.jobs(name).await?;
        Ok(jobs.into_iter().map(|job| self.rated(job)).collect())
    }
}
