//! What a sidecar says.

use dualwrite_control_app::fleet::{
    Heard, Heartbeat, Hello, JobPlanned, PlanOutcome, PlanProgress, ShardProgress,
};
use dualwrite_control_app::model::Nack;
use dualwrite_proto::v1::plan_progress::Outcome;
use dualwrite_proto::v1::session_request::Kind;
use dualwrite_proto::{WireError, v1};

use super::fence::read_fence;
use super::metrics::read_report;
use super::{answer, shard};

/// The first thing that a sidecar must say.
pub(crate) fn hello(wire: v1::SessionRequest) -> Result<Hello, WireError> {
    let Some(Kind::Hello(hello)) = wire.kind else {
        return Err(WireError::at(
            "hello",
            "must be the first message of a session",
        ));
    };
    let v1::Hello {
        service,
        instance,
        version,
        revision,
    } = hello;
    for (path, given) in [("hello.service", &service), ("hello.instance", &instance)] {
        if given.is_empty() {
            return Err(WireError::at(path, "is empty; every session needs it"));
        }
    }
    Ok(Hello {
        service,
        instance,
        version,
        revision,
    })
}

/// What a sidecar says after its hello; none for what a later version may say
/// and this one does not know.
pub(crate) fn heard(wire: v1::SessionRequest) -> Result<Option<Heard>, WireError> {
    let Some(kind) = wire.kind else {
        return Ok(None);
    };
    Ok(Some(match kind {
        Kind::Hello(_) => {
            return Err(WireError::at(
                "hello",
                "was said already; it opens a session",
            ));
        }
        Kind::Ack(v1::Ack { revision }) => Heard::Ack { revision },
        Kind::Nack(v1::Nack { revision, reasons }) => Heard::Nack(Nack { revision, reasons }),
        Kind::Heartbeat(beat) => {
            Heard::Heartbeat(heartbeat(beat).map_err(|error| error.under("heartbeat"))?)
        }
        Kind::Report(report) => {
            Heard::Report(read_report(report).map_err(|error| error.under("report"))?)
        }
        Kind::PlanProgress(progress) => Heard::PlanProgress(
            plan_progress(progress).map_err(|error| error.under("plan_progress"))?,
        ),
        Kind::JobPlanned(planned) => Heard::JobPlanned(job_planned(planned)),
        Kind::ShardProgress(progress) => Heard::ShardProgress(shard_progress(progress)),
        Kind::KeyChecked(said) => {
            Heard::Answered(answer::key_checked(said).map_err(|error| error.under("key_checked"))?)
        }
        Kind::TestDone(said) => Heard::Answered(answer::test_done(said)),
        Kind::Diagnosed(said) => Heard::Answered(answer::diagnosed(said)),
        Kind::Removed(said) => {
            Heard::Answered(answer::removed(said).map_err(|error| error.under("removed"))?)
        }
        Kind::Leaving(v1::Leaving {}) => Heard::Leaving,
    }))
}

fn heartbeat(wire: v1::SidecarHeartbeat) -> Result<Heartbeat, WireError> {
    let v1::SidecarHeartbeat {
        revision,
        legacy_fence,
        new_fence,
    } = wire;
    Ok(Heartbeat {
        revision,
        legacy: read_fence(legacy_fence, "legacy_fence")?,
        new: read_fence(new_fence, "new_fence")?,
    })
}

fn plan_progress(wire: v1::PlanProgress) -> Result<PlanProgress, WireError> {
    let v1::PlanProgress {
        plan_id,
        step,
        detail,
        legacy_fence,
        new_fence,
        outcome,
    } = wire;
    let outcome = match Outcome::try_from(outcome) {
        Ok(Outcome::Running) => PlanOutcome::Running,
        Ok(Outcome::Done) => PlanOutcome::Done,
        Ok(Outcome::Aborted) => PlanOutcome::Aborted,
        Ok(Outcome::Failed) => PlanOutcome::Failed,
        Ok(Outcome::Unspecified) | Err(_) => {
            return Err(WireError::at(
                "outcome",
                "is not an outcome that is known here",
            ));
        }
    };
    Ok(PlanProgress {
        plan_id,
        step,
        detail,
        legacy: read_fence(legacy_fence, "legacy_fence")?,
        new: read_fence(new_fence, "new_fence")?,
        outcome,
    })
}

fn job_planned(wire: v1::JobPlanned) -> JobPlanned {
    let v1::JobPlanned {
        job_id,
        shards,
        error,
    } = wire;
    JobPlanned {
        job_id,
        shards: shards.into_iter().map(shard::planned).collect(),
        error,
    }
}

fn shard_progress(wire: v1::ShardProgress) -> ShardProgress {
    let v1::ShardProgress {
        job_id,
        shard,
        cursor,
        rows,
        done,
        error,
        epoch,
        quarantined,
    } = wire;
    ShardProgress {
        job_id,
        number: shard,
        cursor,
        rows,
        done,
        error,
        epoch,
        quarantined,
    }
}
