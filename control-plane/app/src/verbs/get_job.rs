//! GetJob: one job.

use crate::app::ControlPlane;
use crate::error::JobNotFound;
use crate::model::{Job, JobStatus};
use crate::ports::StoreError;

/// A job was not read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GetJobError {
    /// There is none of this identifier.
    #[error(transparent)]
    NotFound(#[from] JobNotFound),
    /// See [`StoreError`].
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl ControlPlane {
    /// One job.
    ///
    /// # Errors
    /// [`GetJobError`].
    pub async fn get_job(&self, id: &str) -> Result<JobStatus, GetJobError> {
        let job = self.store().view().await?.job(id).await?;
        Ok(self.rated(job.ok_or_else(|| JobNotFound { id: id.to_owned() })?))
    }

    pub(super) fn rated(&self, job: Job) -> JobStatus {
        let service = self.service(&job.migration).filter(|_| !job.state.ended());
        let rate = service.map_or(0.0, |service| service.rate(&job.id, self.at().steady));
        JobStatus { job, rate }
    }
}
