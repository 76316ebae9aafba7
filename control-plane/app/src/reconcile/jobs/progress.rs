//! What a sidecar says of a shard that it works on.

use std::time::Duration;

use super::done::{fail, finish};
use super::lease::held_by;
use super::release;
use crate::app::ControlPlane;
use crate::change::Change;
use crate::fleet::{Command, Service, ShardProgress};
use crate::model::{Job, JobState, Millis, Shard, ShardState};
use crate::reconcile::ReconcileError;

/// Leases of one shard that may end in an error one after the other, before
/// the job fails: about a quarter of an hour, so that a database that is
/// restarted does not end a backfill of a night.
const FAILURES: u32 = 20;

/// After its first error a shard rests for so long; twice as long after each
/// further one.
const REST: Duration = Duration::from_secs(1);

/// A shard rests so long at most.
const REST_MAX: Duration = Duration::from_mins(1);

/// Takes in how far a shard has come. It counts only from the session that
/// holds the lease, and only for an epoch in which the copy is known to have
/// been followed: from the job's to the one that is stored.
pub(crate) async fn progressed(
    plane: &ControlPlane,
    service: &Service,
    session: &str,
    said: ShardProgress,
) -> Result<(), ReconcileError> {
    let mut change = Change::open::<ReconcileError>(plane, service.name(), None).await?;
    let job = change.work.job(&said.job_id).await?;
    let Some(job) = job.filter(|job| job.migration == service.name()) else {
        return Ok(());
    };
    if job.state != JobState::Running {
        service.send(session, Command::RevokeJob { job_id: job.id });
        return Ok(());
    }
    let shard = change.work.shard(&job.id, said.number).await?;
    let Some(shard) = shard.filter(|shard| held_by(shard, session)) else {
        return Ok(());
    };
    if said.epoch < job.epoch || said.epoch > change.migration.epoch {
        put_back(&mut change, shard).await?;
        service.send(session, Command::RevokeJob { job_id: job.id });
    } else {
        service.count_rows(&job.id, said.rows, plane.at().steady);
        if count(&mut change, job.clone(), shard, said).await? {
            release::revoke(plane, &job);
        }
    }
    change.commit(plane).await?;
    Ok(())
}

/// It is not known whether what was done in that epoch was followed: somebody
/// does it again from the last cursor that counts.
async fn put_back(change: &mut Change, mut shard: Shard) -> Result<(), ReconcileError> {
    shard.state = ShardState::Waiting;
    shard.retry_at = change.now.after(REST);
    change.work.save_shard(&shard).await?;
    Ok(())
}

/// Counts the progress; true when the job has failed by it.
async fn count(
    change: &mut Change,
    mut job: Job,
    mut shard: Shard,
    said: ShardProgress,
) -> Result<bool, ReconcileError> {
    shard.rows_done = shard.rows_done.saturating_add(said.rows);
    shard.quarantined = shard.quarantined.saturating_add(said.quarantined);
    job.rows_done = job.rows_done.saturating_add(said.rows);
    job.quarantined = job.quarantined.saturating_add(said.quarantined);
    if !said.cursor.is_empty() {
        shard.cursor = said.cursor;
    }
    let broken = !said.error.is_empty();
    if broken {
        shard.failures += 1;
        shard.state = ShardState::Waiting;
        shard.retry_at = retry_at(change.now, shard.failures);
        job.error = format!("shard {} of {}: {}", shard.number, shard.entity, said.error);
    } else if said.rows > 0 {
        shard.failures = 0;
        job.error.clear();
    }
    if !broken && said.done {
        shard.state = ShardState::Done;
        job.shards_done += 1;
    }
    change.work.save_shard(&shard).await?;
    if broken && shard.failures >= FAILURES {
        let error = job.error.clone();
        fail(change, job, &error).await?;
        return Ok(true);
    }
    if job.shards_done == job.shards_total {
        finish(change, job).await?;
    } else {
        change.work.save_job(&job).await?;
    }
    Ok(false)
}

fn retry_at(now: Millis, failures: u32) -> Millis {
    let doubled = 2_u32.saturating_pow(failures.saturating_sub(1));
    now.after(REST.saturating_mul(doubled).min(REST_MAX))
}
