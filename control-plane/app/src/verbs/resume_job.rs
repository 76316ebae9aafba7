//! ResumeJob: a paused job goes on where it stopped.

use super::pause_job::{ended, told};
use super::start_job::followed;
use crate::app::ControlPlane;
use crate::change::Change;
use crate::error::{JobNotFound, JobRefused, TransitionRunning};
use crate::model::{Author, EventKind, Job, JobState, JobStatus};
use crate::ports::StoreError;

/// A job was not resumed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ResumeJobError {
    /// There is none of this identifier.
    #[error(transparent)]
    NotFound(#[from] JobNotFound),
    /// It has ended, or there is no secondary any more.
    #[error(transparent)]
    Refused(#[from] JobRefused),
    /// See [`StoreError`].
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl ControlPlane {
    /// Resumes a job. One that is not paused goes on.
    ///
    /// # Errors
    /// [`ResumeJobError`].
    pub async fn resume_job(&self, id: &str, author: Author) -> Result<JobStatus, ResumeJobError> {
        let (mut change, mut job) = self.open_job::<ResumeJobError>(id).await?;
        match job.state {
            JobState::Planning | JobState::Running => {}
            JobState::Paused => {
                followed(&change.migration)?;
                still(&change, &job)?;
                let before = told(&job);
                let split = job.shards_total > 0;
                job.state = if split {
                    JobState::Running
                } else {
                    JobState::Planning
                };
                change.work.save_job(&job).await?;
                change
                    .note(EventKind::JobChanged, &author, before, told(&job))
                    .await?;
                change.commit(self).await?;
            }
            JobState::Done | JobState::Cancelled | JobState::Failed => {
                return Err(ended(&job, "resumed").into());
            }
        }
        Ok(self.rated(job))
    }
}

/// Refuses while what is primary may change.
fn still(change: &Change, job: &Job) -> Result<(), JobRefused> {
    match &change.running {
        None => Ok(()),
        Some(running) => Err(JobRefused {
            what: format!("job {} cannot be resumed now", job.id),
            why: TransitionRunning::of(running).to_string(),
            state: Some(job.state),
        }),
    }
}
