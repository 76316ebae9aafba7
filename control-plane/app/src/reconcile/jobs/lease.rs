//! Shards are given to live sessions, and taken from those that ended.

use std::collections::BTreeMap;

use super::LEASES;
use crate::app::ControlPlane;
use crate::change::Change;
use crate::fleet::{Command, LiveSession, Service, ShardOrder};
use crate::model::{Job, JobState, Lease, Millis, Shard, ShardState};
use crate::ports::Work;
use crate::reconcile::ReconcileError;

/// Takes the shards of sessions that ended, and gives those that wait to
/// sessions with a free hand. `held` counts the leases of each session.
pub(super) async fn lease(
    plane: &ControlPlane,
    job: &Job,
    held: &mut BTreeMap<String, usize>,
) -> Result<(), ReconcileError> {
    let Some(service) = plane.service(&job.migration) else {
        return Ok(());
    };
    let at = plane.at();
    let live = service.live(at.steady);
    let shards = plane.store().view().await?.shards(&job.id).await?;
    let (lost, kept) = lost_and_kept(&shards, &live);
    for session in kept {
        *held.entry(session).or_default() += 1;
    }
    let given = give(&shards, &lost, &live, held, at.now);
    if lost.is_empty() && given.is_empty() {
        return Ok(());
    }
    let orders = store(plane, job, &lost, &given, &live).await?;
    for (session, order) in orders {
        send(plane, &service, &session, order).await?;
    }
    Ok(())
}

/// The shards whose session ended, and the sessions of the others, one entry
/// a lease.
fn lost_and_kept(shards: &[Shard], live: &[LiveSession]) -> (Vec<u32>, Vec<String>) {
    let (mut lost, mut kept) = (Vec::new(), Vec::new());
    for shard in shards {
        match &shard.state {
            ShardState::Leased(lease) if live.iter().any(|one| one.session == lease.session) => {
                kept.push(lease.session.clone());
            }
            ShardState::Leased(_) => lost.push(shard.number),
            ShardState::Waiting | ShardState::Done => {}
        }
    }
    (lost, kept)
}

/// Which shard goes to whom. Entities are worked on one after the other, in
/// the order of the split, for rows of a later one may refer to rows of an
/// earlier one.
fn give(
    shards: &[Shard],
    lost: &[u32],
    live: &[LiveSession],
    held: &mut BTreeMap<String, usize>,
    now: Millis,
) -> Vec<(u32, Lease)> {
    let entity = shards.iter().find(|shard| shard.state != ShardState::Done);
    let Some(entity) = entity.map(|shard| &shard.entity) else {
        return Vec::new();
    };
    let waits = |shard: &&Shard| {
        let free = shard.state == ShardState::Waiting || lost.contains(&shard.number);
        free && shard.entity == *entity && shard.retry_at <= now
    };
    let mut given = Vec::new();
    for shard in shards.iter().filter(waits) {
        let load = |one: &&LiveSession| held.get(&one.session).copied().unwrap_or(0);
        let idle = live
            .iter()
            .filter(|one| load(one) < LEASES)
            .min_by_key(load);
        let Some(idle) = idle else { break };
        *held.entry(idle.session.clone()).or_default() += 1;
        let lease = Lease {
            instance: idle.instance.clone(),
            session: idle.session.clone(),
        };
        given.push((shard.number, lease));
    }
    given
}

/// Stores the leases, if the job still runs and the shards are still free.
async fn store(
    plane: &ControlPlane,
    job: &Job,
    lost: &[u32],
    given: &[(u32, Lease)],
    live: &[LiveSession],
) -> Result<Vec<(String, ShardOrder)>, ReconcileError> {
    let mut change = Change::open::<ReconcileError>(plane, &job.migration, None).await?;
    let now = change.work.job(&job.id).await?;
    if now.is_none_or(|now| now.state != JobState::Running) {
        return Ok(Vec::new());
    }
    let epoch = change.migration.epoch;
    let share = share(job.max_rows_per_second, live.len());
    let numbers = lost
        .iter()
        .filter(|number| given.iter().all(|(taken, _)| taken != *number));
    for number in numbers {
        if let Some(mut shard) = free(&mut *change.work, &job.id, *number, live).await? {
            shard.state = ShardState::Waiting;
            change.work.save_shard(&shard).await?;
        }
    }
    let mut orders = Vec::new();
    for (number, lease) in given {
        if let Some(mut shard) = free(&mut *change.work, &job.id, *number, live).await? {
            shard.state = ShardState::Leased(lease.clone());
            change.work.save_shard(&shard).await?;
            let order = ShardOrder {
                shard,
                epoch,
                max_rows_per_second: share,
            };
            orders.push((lease.session.clone(), order));
        }
    }
    change.work.commit().await?;
    Ok(orders)
}

/// A shard, if nobody who is live holds it and it is not done.
async fn free(
    work: &mut dyn Work,
    job_id: &str,
    number: u32,
    live: &[LiveSession],
) -> Result<Option<Shard>, ReconcileError> {
    let shard = work.shard(job_id, number).await?;
    Ok(shard.filter(|shard| match &shard.state {
        ShardState::Waiting => true,
        ShardState::Leased(lease) => live.iter().all(|one| one.session != lease.session),
        ShardState::Done => false,
    }))
}

/// The share of a job's limit that one lease may use.
fn share(limit: u32, live: usize) -> u32 {
    let leases = u32::try_from(live.max(1) * LEASES).unwrap_or(u32::MAX);
    if limit == 0 {
        0
    } else {
        (limit / leases).max(1)
    }
}

/// Sends an order. Where it cannot be sent, the shard is free again.
async fn send(
    plane: &ControlPlane,
    service: &Service,
    session: &str,
    order: ShardOrder,
) -> Result<(), ReconcileError> {
    let (job_id, number) = (order.shard.job_id.clone(), order.shard.number);
    if service.send(session, Command::LeaseShard(order)) {
        return Ok(());
    }
    let mut work = plane.store().begin().await?;
    let shard = work.shard(&job_id, number).await?;
    if let Some(mut shard) = shard.filter(|shard| held_by(shard, session)) {
        shard.state = ShardState::Waiting;
        work.save_shard(&shard).await?;
        work.commit().await?;
    }
    Ok(())
}

/// Whether a session holds a shard.
pub(super) fn held_by(shard: &Shard, session: &str) -> bool {
    matches!(&shard.state, ShardState::Leased(lease) if lease.session == session)
}
