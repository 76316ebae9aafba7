//! How a job ends by itself.

use crate::change::Change;
use crate::model::{Author, EventKind, Job, JobState};
use crate::ports::StoreError;
use crate::reconcile::ReconcileError;

/// All shards are done. It counts: a job whose copies were not followed
/// throughout has been given up before (see [`super::enter()`]).
pub(super) async fn finish(change: &mut Change, mut job: Job) -> Result<(), ReconcileError> {
    job.state = JobState::Done;
    job.ended = Some(change.now);
    job.error.clear();
    change.work.save_job(&job).await?;
    change
        .migration
        .backfilled
        .extend(job.entities.iter().cloned());
    change.save::<ReconcileError>().await?;
    let after = format!("{} rows in {} shards", job.rows_done, job.shards_done);
    tracing::info!(job = job.id, after, "a job is done");
    let before = format!("{} {}", job.kind.as_str(), job.id);
    change
        .note(
            EventKind::JobDone,
            &Author::new(&job.actor, &job.reason),
            before,
            after,
        )
        .await?;
    Ok(())
}

/// It cannot go on.
pub(super) async fn fail(change: &mut Change, mut job: Job, why: &str) -> Result<(), StoreError> {
    let before = format!("{} {} {}", job.kind.as_str(), job.id, job.state.as_str());
    job.state = JobState::Failed;
    job.ended = Some(change.now);
    why.clone_into(&mut job.error);
    change.work.save_job(&job).await?;
    tracing::warn!(job = job.id, why, "a job failed");
    change
        .note(
            EventKind::JobChanged,
            &Author::ourselves(why),
            before,
            "failed",
        )
        .await
}
