//! A backfill.

use dualwrite_proto::v1;
use serde::Serialize;

use super::words::{UNKNOWN, instant, some};

/// A job.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct JobView {
    pub(crate) id: String,
    pub(crate) migration: String,
    pub(crate) kind: &'static str,
    pub(crate) state: &'static str,
    pub(crate) entities: Vec<String>,
    pub(crate) rows_done: u64,
    pub(crate) rows_total: u64,
    pub(crate) shards_done: u32,
    pub(crate) shards_total: u32,
    pub(crate) rows_per_second: f64,
    pub(crate) max_rows_per_second: Option<u32>,
    pub(crate) quarantined: u64,
    pub(crate) epoch: u64,
    pub(crate) actor: String,
    pub(crate) error: Option<String>,
    pub(crate) create_time: Option<String>,
    pub(crate) end_time: Option<String>,
}

impl From<v1::Job> for JobView {
    fn from(job: v1::Job) -> Self {
        Self {
            kind: kind(job.kind),
            state: state(job.state),
            id: job.id,
            migration: job.migration,
            entities: job.entities,
            rows_done: job.rows_done,
            rows_total: job.rows_total,
            shards_done: job.shards_done,
            shards_total: job.shards_total,
            rows_per_second: job.rate,
            max_rows_per_second: (job.max_rows_per_second > 0).then_some(job.max_rows_per_second),
            quarantined: job.quarantined,
            epoch: job.epoch,
            actor: job.actor,
            error: some(job.error),
            create_time: instant(job.create_time),
            end_time: instant(job.end_time),
        }
    }
}

/// Whether nothing more will happen to a job.
pub(crate) const fn is_ended(state: v1::JobState) -> bool {
    match state {
        v1::JobState::Unspecified
        | v1::JobState::Planning
        | v1::JobState::Running
        | v1::JobState::Paused => false,
        v1::JobState::Done | v1::JobState::Cancelled | v1::JobState::Failed => true,
    }
}

fn kind(number: i32) -> &'static str {
    match v1::JobKind::try_from(number) {
        Ok(v1::JobKind::Backfill) => "backfill",
        Ok(v1::JobKind::Unspecified) | Err(_) => UNKNOWN,
    }
}

fn state(number: i32) -> &'static str {
    match v1::JobState::try_from(number) {
        Ok(v1::JobState::Planning) => "planning",
        Ok(v1::JobState::Running) => "running",
        Ok(v1::JobState::Paused) => "paused",
        Ok(v1::JobState::Done) => "done",
        Ok(v1::JobState::Cancelled) => "cancelled",
        Ok(v1::JobState::Failed) => "failed",
        Ok(v1::JobState::Unspecified) | Err(_) => UNKNOWN,
    }
}
