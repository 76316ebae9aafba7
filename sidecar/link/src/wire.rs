//! What the engine tells, on the wire. Infallible: what we say is well-formed.

use std::time::Duration;

use dualwrite_core::fence::Seen;
use dualwrite_core::side::Side;
use dualwrite_engine::error::DataError;
use dualwrite_engine::request::{
    KeyCheck, KeyVerdict, PlanEvent, PlanOutcome, ShardEvent, ShardRange, ShardState, ShardTask,
};
use dualwrite_engine::store::PoolStatus;
use dualwrite_engine::{EntityBacklog, EntityComparisons, EntityDelta};
use dualwrite_proto::convert::{Counted, comparisons_to_wire};
use dualwrite_proto::status::parse_reason;
use dualwrite_proto::v1;

/// A fence as last read; absent when there is none, or nobody knows.
pub(crate) fn fence(seen: &Seen) -> Option<v1::Fence> {
    seen.fence().map(v1::Fence::from)
}

/// The stable reason of an error.
pub(crate) fn reason(error: &DataError) -> v1::ErrorReason {
    parse_reason(error.reason()).unwrap_or(v1::ErrorReason::Internal)
}

/// The database at fault, if there is an error and it is of one.
pub(crate) fn side_at_fault(error: Option<&DataError>) -> v1::Side {
    let side = error.and_then(DataError::side);
    side.map_or(v1::Side::Unspecified, v1::Side::from)
}

/// A duration; one longer than the wire can say is left out.
pub(crate) fn duration(duration: Duration) -> Option<prost_types::Duration> {
    prost_types::Duration::try_from(duration).ok()
}

pub(crate) fn delta(delta: EntityDelta) -> v1::OperationDelta {
    let EntityDelta {
        entity,
        side,
        delta,
    } = delta;
    let entity = entity.as_ref().to_owned();
    Counted {
        entity,
        side,
        delta,
    }
    .into()
}

pub(crate) fn backlog(backlog: &EntityBacklog) -> v1::Backlog {
    v1::Backlog {
        entity: backlog.entity.as_ref().to_owned(),
        markers: backlog.markers,
        oldest_age: duration(backlog.oldest_age),
        quarantined: backlog.quarantined,
    }
}

pub(crate) fn comparisons(compared: &EntityComparisons) -> v1::ReadComparisons {
    comparisons_to_wire(&compared.entity, &compared.counts)
}

pub(crate) fn pool((side, status, connected): (Side, PoolStatus, bool)) -> v1::PoolUse {
    v1::PoolUse {
        side: v1::Side::from(side).into(),
        in_use: status.in_use,
        idle: status.idle,
        max: status.max,
        connected,
    }
}

/// One step of a plan, with the fences as they stand after it.
pub(crate) fn plan_progress(event: PlanEvent, fences: &(Seen, Seen)) -> v1::PlanProgress {
    use v1::plan_progress::Outcome;
    let PlanEvent {
        plan_id,
        step,
        detail,
        outcome,
        pause,
    } = event;
    let paused = pause.map(|pause| format!("writes paused {} ms", pause.as_millis()));
    let detail = match (paused, detail.is_empty()) {
        (None, _) => detail,
        (Some(paused), true) => paused,
        (Some(paused), false) => format!("{detail} ({paused})"),
    };
    let outcome = match outcome {
        PlanOutcome::Running => Outcome::Running,
        PlanOutcome::Done => Outcome::Done,
        PlanOutcome::Aborted => Outcome::Aborted,
        PlanOutcome::Failed => Outcome::Failed,
    };
    v1::PlanProgress {
        plan_id,
        step: step.to_owned(),
        detail,
        legacy_fence: fence(&fences.0),
        new_fence: fence(&fences.1),
        outcome: outcome.into(),
    }
}

/// The split of a job, numbered from 0.
pub(crate) fn shard(job_id: &str, number: usize, range: ShardRange) -> v1::Shard {
    v1::Shard {
        job_id: job_id.to_owned(),
        shard: u32::try_from(number).unwrap_or(u32::MAX),
        entity: range.entity,
        after: range.after,
        until: range.until,
        rows_estimated: range.rows,
        ..v1::Shard::default()
    }
}

/// A leased shard.
pub(crate) fn task(shard: v1::Shard) -> ShardTask {
    ShardTask {
        job_id: shard.job_id,
        shard: shard.shard,
        range: ShardRange {
            entity: shard.entity,
            after: shard.after,
            until: shard.until,
            rows: shard.rows_estimated,
        },
        cursor: shard.cursor,
        epoch: shard.epoch,
        max_rows_per_second: shard.max_rows_per_second,
    }
}

pub(crate) fn shard_progress(event: ShardEvent) -> v1::ShardProgress {
    let (done, error) = match event.state {
        ShardState::Running => (false, String::new()),
        ShardState::Done => (true, String::new()),
        ShardState::Failed(why) => (false, why),
    };
    v1::ShardProgress {
        job_id: event.job_id,
        shard: event.shard,
        cursor: event.cursor,
        rows: event.rows,
        done,
        error,
        epoch: event.epoch,
        quarantined: event.quarantined,
    }
}

pub(crate) fn key_check(check: KeyCheck) -> v1::KeyCheck {
    use v1::key_check::Verdict;
    let (verdict, columns) = match check.verdict {
        KeyVerdict::Equal => (Verdict::Equal, Vec::new()),
        KeyVerdict::Pending => (Verdict::Pending, Vec::new()),
        KeyVerdict::MissingOnSecondary => (Verdict::MissingOnSecondary, Vec::new()),
        KeyVerdict::ExtraOnSecondary => (Verdict::ExtraOnSecondary, Vec::new()),
        KeyVerdict::Different { fields } => (Verdict::Different, fields),
        KeyVerdict::AbsentOnBoth => (Verdict::AbsentOnBoth, Vec::new()),
        KeyVerdict::NoSecondary => (Verdict::NoSecondary, Vec::new()),
    };
    v1::KeyCheck {
        entity: check.entity.as_ref().to_owned(),
        verdict: verdict.into(),
        columns: columns
            .into_iter()
            .map(|name| name.as_ref().to_owned())
            .collect(),
    }
}

#[cfg(test)]
mod tests;
