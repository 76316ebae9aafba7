//! PauseJob: a job stops until it is resumed. What it did stays.

use crate::app::ControlPlane;
use crate::change::Change;
use crate::error::{JobNotFound, JobRefused};
use crate::model::{Author, EventKind, Job, JobState, JobStatus};
use crate::ports::StoreError;
use crate::reconcile::{release, revoke};

/// A job was not paused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PauseJobError {
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
    /// Pauses a job. One that is paused already stays so.
    ///
    /// # Errors
    /// [`PauseJobError`].
    pub async fn pause_job(&self, id: &str, author: Author) -> Result<JobStatus, PauseJobError> {
        let (mut change, mut job) = self.open_job::<PauseJobError>(id).await?;
        match job.state {
            JobState::Paused => {}
            JobState::Planning | JobState::Running => {
                let before = told(&job);
                job.state = JobState::Paused;
                release(&mut change, id).await?;
                change.work.save_job(&job).await?;
                change
                    .note(EventKind::JobChanged, &author, before, told(&job))
                    .await?;
                change.commit(self).await?;
                revoke(self, &job);
            }
            JobState::Done | JobState::Cancelled | JobState::Failed => {
                return Err(ended(&job, "paused").into());
            }
        }
        Ok(self.rated(job))
    }

    /// A job, and a change of its migration.
    pub(super) async fn open_job<E>(&self, id: &str) -> Result<(Change, Job), E>
    where
        E: From<JobNotFound> + From<StoreError>,
    {
        let not_found = || JobNotFound { id: id.to_owned() };
        let mut work = self.store().begin().await?;
        let job = work.job(id).await?.ok_or_else(not_found)?;
        let change = Change::read(self, work, &job.migration).await?;
        Ok((change.ok_or_else(not_found)?, job))
    }
}

/// A job in the history's words.
pub(super) fn told(job: &Job) -> String {
    format!("{} {} {}", job.kind.as_str(), job.id, job.state.as_str())
}

/// The refusal of what can only be done to a job that has not ended.
pub(super) fn ended(job: &Job, verb: &str) -> JobRefused {
    JobRefused {
        what: format!("job {} cannot be {verb}", job.id),
        why: format!("it is {} already; start another one", job.state.as_str()),
        state: Some(job.state),
    }
}
