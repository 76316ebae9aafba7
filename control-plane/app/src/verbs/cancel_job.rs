//! CancelJob: a job ends without being done. What it copied stays copied.

use super::pause_job::{ended, told};
use crate::app::ControlPlane;
use crate::error::{JobNotFound, JobRefused};
use crate::model::{Author, EventKind, JobState, JobStatus};
use crate::ports::StoreError;
use crate::reconcile::{release, revoke};

/// A job was not cancelled.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CancelJobError {
    /// There is none of this identifier.
    #[error(transparent)]
    NotFound(#[from] JobNotFound),
    /// It has ended.
    #[error(transparent)]
    Refused(#[from] JobRefused),
    /// See [`StoreError`].
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl ControlPlane {
    /// Cancels a job. One that is cancelled already stays so.
    ///
    /// # Errors
    /// [`CancelJobError`].
    pub async fn cancel_job(&self, id: &str, author: Author) -> Result<JobStatus, CancelJobError> {
        let (mut change, mut job) = self.open_job::<CancelJobError>(id).await?;
        match job.state {
            JobState::Cancelled => {}
            JobState::Planning | JobState::Running | JobState::Paused => {
                let before = told(&job);
                job.state = JobState::Cancelled;
                job.ended = Some(change.now);
                release(&mut change, id).await?;
                change.work.save_job(&job).await?;
                change
                    .note(EventKind::JobChanged, &author, before, told(&job))
                    .await?;
                change.commit(self).await?;
                revoke(self, &job);
            }
            JobState::Done | JobState::Failed => return Err(ended(&job, "cancelled").into()),
        }
        Ok(self.rated(job))
    }
}
