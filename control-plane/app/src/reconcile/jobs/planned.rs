//! A job is split in shards by one sidecar, which can see the keys.

use super::SHARDS_PER_ENTITY;
use super::desk::PLANNING;
use super::done::fail;
use crate::app::ControlPlane;
use crate::change::Change;
use crate::fleet::{Command, JobPlanned, PlanJob, PlannedShard, Service};
use crate::model::{Job, JobState, Millis, Shard, ShardState};
use crate::reconcile::ReconcileError;

/// Attempts to split a job, before it fails.
const ATTEMPTS: u32 = 3;

/// Shards that a job may have: what one unit of work stores in well under a
/// second.
const MAX_SHARDS: usize = 10_000;

/// Asks a live sidecar to split a job, unless one is at it.
pub(super) fn ask(plane: &ControlPlane, job: &Job) {
    let Some(service) = plane.service(&job.migration) else {
        return;
    };
    let steady = plane.at().steady;
    let before = plane.desk().jobs.asked.get(&job.id).cloned();
    if let Some((session, at)) = &before
        && service.is_live(session, steady)
        && steady.since(*at) < PLANNING
    {
        return;
    }
    // Another one than the one that did not answer, where there is another.
    let live = service.live(steady);
    let last = before.map(|(session, _)| session);
    let chosen = live
        .iter()
        .find(|one| last.as_deref() != Some(&*one.session))
        .or_else(|| live.first());
    let Some(chosen) = chosen else { return };
    let command = Command::PlanJob(PlanJob {
        job_id: job.id.clone(),
        entities: job.entities.clone(),
        shards_per_entity: SHARDS_PER_ENTITY,
    });
    if service.send(&chosen.session, command) {
        tracing::info!(
            job = job.id,
            instance = chosen.instance,
            "asked for the split of a job"
        );
        plane
            .desk()
            .jobs
            .asked
            .insert(job.id.clone(), (chosen.session.clone(), steady));
    }
}

/// Takes in the split of a job. A second one, from a sidecar that was asked
/// before, changes nothing.
pub(crate) async fn planned(
    plane: &ControlPlane,
    service: &Service,
    said: JobPlanned,
) -> Result<(), ReconcileError> {
    let mut change = Change::open::<ReconcileError>(plane, service.name(), None).await?;
    let job = change.work.job(&said.job_id).await?;
    let ours = |job: &Job| job.migration == service.name() && job.state == JobState::Planning;
    let Some(mut job) = job.filter(ours) else {
        return Ok(());
    };
    let error = fault(&job, &said);
    if let Some(error) = error {
        return again_or_fail(plane, change, job, &error).await;
    }
    let shards: Vec<Shard> = said
        .shards
        .into_iter()
        .map(|one| shard(&job.id, one))
        .collect();
    job.shards_total = u32::try_from(shards.len()).unwrap_or(u32::MAX);
    job.rows_total = shards.iter().map(|one| one.rows_estimated).sum();
    job.state = JobState::Running;
    job.error.clear();
    change.work.insert_shards(&shards).await?;
    change.work.save_job(&job).await?;
    if shards.is_empty() {
        super::done::finish(&mut change, job).await?;
    }
    change.commit(plane).await?;
    Ok(())
}

/// What is wrong with a split, if anything.
fn fault(job: &Job, said: &JobPlanned) -> Option<String> {
    if !said.error.is_empty() {
        return Some(said.error.clone());
    }
    if said.shards.len() > MAX_SHARDS {
        return Some(format!(
            "{} shards are more than {MAX_SHARDS}",
            said.shards.len()
        ));
    }
    let numbers: std::collections::BTreeSet<u32> =
        said.shards.iter().map(|one| one.number).collect();
    if numbers.len() != said.shards.len() {
        return Some("two shards have the same number".to_owned());
    }
    let stranger = said
        .shards
        .iter()
        .find(|one| !job.entities.contains(&one.entity));
    stranger.map(|one| format!("entity `{}` is not part of this job", one.entity))
}

async fn again_or_fail(
    plane: &ControlPlane,
    mut change: Change,
    mut job: Job,
    error: &str,
) -> Result<(), ReconcileError> {
    let failures = {
        let mut desk = plane.desk();
        desk.jobs.asked.remove(&job.id);
        let failures = desk.jobs.failures.entry(job.id.clone()).or_default();
        *failures += 1;
        *failures
    };
    tracing::warn!(job = job.id, error, failures, "a job could not be split");
    if failures >= ATTEMPTS {
        fail(
            &mut change,
            job,
            &format!("it could not be split in shards: {error}"),
        )
        .await?;
        change.commit(plane).await?;
    } else {
        error.clone_into(&mut job.error);
        change.work.save_job(&job).await?;
        change.commit(plane).await?;
    }
    Ok(())
}

fn shard(job_id: &str, planned: PlannedShard) -> Shard {
    let PlannedShard {
        number,
        entity,
        after,
        until,
        rows_estimated,
    } = planned;
    Shard {
        job_id: job_id.to_owned(),
        number,
        entity,
        after,
        until,
        cursor: Vec::new(),
        state: ShardState::Waiting,
        rows_done: 0,
        rows_estimated,
        quarantined: 0,
        failures: 0,
        retry_at: Millis(0),
    }
}
