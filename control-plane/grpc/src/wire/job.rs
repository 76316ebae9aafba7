//! Jobs as operators see them.

use dualwrite_control_app::model::{Job, JobKind, JobState, JobStatus};
use dualwrite_proto::v1;

use super::time::timestamp;

pub(crate) fn job(status: &JobStatus) -> v1::Job {
    let JobStatus { job, rate } = status;
    let Job {
        id,
        migration,
        kind,
        state,
        epoch,
        entities,
        rows_done,
        rows_total,
        shards_done,
        shards_total,
        created,
        ended,
        error,
        actor,
        reason: _,
        max_rows_per_second,
        quarantined,
    } = job;
    v1::Job {
        id: id.clone(),
        migration: migration.clone(),
        kind: tell_kind(*kind).into(),
        state: tell_state(*state).into(),
        epoch: *epoch,
        entities: entities.clone(),
        rows_done: *rows_done,
        rows_total: *rows_total,
        shards_done: *shards_done,
        shards_total: *shards_total,
        rate: *rate,
        create_time: Some(timestamp(*created)),
        end_time: ended.map(timestamp),
        error: error.clone(),
        actor: actor.clone(),
        max_rows_per_second: *max_rows_per_second,
        quarantined: *quarantined,
    }
}

const fn tell_kind(kind: JobKind) -> v1::JobKind {
    match kind {
        JobKind::Backfill => v1::JobKind::Backfill,
    }
}

const fn tell_state(state: JobState) -> v1::JobState {
    match state {
        JobState::Planning => v1::JobState::Planning,
        JobState::Running => v1::JobState::Running,
        JobState::Paused => v1::JobState::Paused,
        JobState::Done => v1::JobState::Done,
        JobState::Cancelled => v1::JobState::Cancelled,
        JobState::Failed => v1::JobState::Failed,
    }
}
