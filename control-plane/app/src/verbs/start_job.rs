//! StartJob: a backfill begins. It is planned and handed out by
//! [`crate::reconcile`].

use dualwrite_core::suggest;

use crate::app::ControlPlane;
use crate::change::{Change, place};
use crate::error::{
    JobRefused, MigrationNotFound, StaleRevision, TransitionRunning, UnknownEntity,
};
use crate::model::{Author, EventKind, Job, JobKind, JobState, JobStatus, Migration};
use crate::ports::StoreError;

/// A request to start a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StartJob {
    /// The migration.
    pub name: String,
    /// What is to be done.
    pub kind: JobKind,
    /// The entities to cover; all when empty.
    pub entities: Vec<String>,
    /// Rows per second at most, 0 for no limit.
    pub max_rows_per_second: u32,
    /// Who and why.
    pub author: Author,
}

/// A job was not started.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StartJobError {
    /// There is no migration of this name.
    #[error(transparent)]
    NotFound(#[from] MigrationNotFound),
    /// It moved on at the same time.
    #[error(transparent)]
    Stale(#[from] StaleRevision),
    /// There is no secondary, or such a job runs.
    #[error(transparent)]
    Refused(#[from] JobRefused),
    /// It names an entity that there is not.
    #[error(transparent)]
    UnknownEntity(#[from] UnknownEntity),
    /// What is primary may change under it.
    #[error(transparent)]
    Running(#[from] TransitionRunning),
    /// See [`StoreError`].
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl ControlPlane {
    /// Starts a job, in an epoch in which every accepted writer leaves
    /// markers: only so is nothing lost that is written while it copies.
    ///
    /// # Errors
    /// [`StartJobError`].
    pub async fn start_job(&self, request: StartJob) -> Result<JobStatus, StartJobError> {
        let mut change = Change::open::<StartJobError>(self, &request.name, None).await?;
        if let Some(running) = &change.running {
            return Err(TransitionRunning::of(running).into());
        }
        followed(&change.migration)?;
        let open = change.work.open_jobs().await?;
        alone(&open, &request)?;
        let job = new_job(self.new_id(), &change, &request)?;
        change.work.insert_job(&job).await?;
        let (before, after) = (
            place(&change.migration),
            format!("{} {}", job.kind.as_str(), job.id),
        );
        change
            .note(EventKind::JobStarted, &request.author, before, after)
            .await?;
        change.commit(self).await?;
        Ok(JobStatus { job, rate: 0.0 })
    }
}

/// Whether there is a secondary that every write is followed to.
pub(super) fn followed(migration: &Migration) -> Result<(), JobRefused> {
    let what = || format!("no backfill of `{}` is possible now", migration.name);
    if migration.retirement.is_some() {
        return Err(JobRefused {
            what: what(),
            why: "it is retired, and there is nothing to copy to any more".to_owned(),
            state: None,
        });
    }
    if migration.phase.secondary().is_none() {
        let why = format!(
            "in {} there is no secondary to copy to; go to dual_write or new_primary first",
            migration.phase,
        );
        return Err(JobRefused {
            what: what(),
            why,
            state: None,
        });
    }
    if !migration.marking {
        let why = "writes of this epoch leave no markers".to_owned();
        return Err(JobRefused {
            what: what(),
            why,
            state: None,
        });
    }
    Ok(())
}

fn alone(open: &[Job], request: &StartJob) -> Result<(), JobRefused> {
    let other = open
        .iter()
        .find(|job| job.migration == request.name && job.kind == request.kind);
    match other {
        None => Ok(()),
        Some(job) => Err(JobRefused {
            what: format!(
                "no other {} of `{}` can start",
                job.kind.as_str(),
                request.name
            ),
            why: format!(
                "job {} is {}; wait for it to end, or cancel it",
                job.id,
                job.state.as_str(),
            ),
            state: Some(job.state),
        }),
    }
}

fn new_job(id: String, change: &Change, request: &StartJob) -> Result<Job, UnknownEntity> {
    let migration = &change.migration;
    let known = || migration.spec.entities.iter().map(|entity| &*entity.name);
    for asked in &request.entities {
        if migration.spec.entity(asked).is_none() {
            let (name, entity) = (migration.name.clone(), asked.clone());
            let hint = suggest::hint(asked, known().collect::<Vec<_>>());
            return Err(UnknownEntity { name, entity, hint });
        }
    }
    let covered = known().filter(|name| {
        request.entities.is_empty() || request.entities.iter().any(|asked| asked == name)
    });
    Ok(Job {
        id,
        migration: migration.name.clone(),
        kind: request.kind,
        state: JobState::Planning,
        epoch: migration.epoch,
        entities: covered.map(ToOwned::to_owned).collect(),
        rows_done: 0,
        rows_total: 0,
        shards_done: 0,
        shards_total: 0,
        created: change.now,
        ended: None,
        error: String::new(),
        actor: request.author.actor.clone(),
        reason: request.author.reason.clone(),
        max_rows_per_second: request.max_rows_per_second,
        quarantined: 0,
    })
}
