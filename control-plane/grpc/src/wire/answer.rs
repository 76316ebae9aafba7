//! What a sidecar answers to a question.

use dualwrite_control_app::fleet::{Answer, Answered, Removals, Unanswered};
use dualwrite_core::diagnosis::{Finding, Removal, TestReport};
use dualwrite_proto::convert::side as read_side;
use dualwrite_proto::status::reason_name;
use dualwrite_proto::v1::ErrorReason;
use dualwrite_proto::{WireError, v1};

use super::key_check;

pub(super) fn key_checked(wire: v1::KeyChecked) -> Result<Answered, WireError> {
    let failed = unanswered(wire.reason(), wire.side(), wire.error);
    let result = match wire.check {
        Some(check) => Ok(key_check::read(check).map_err(|error| error.under("check"))?),
        None => Err(failed),
    };
    Ok(to(wire.request_id, Answer::KeyChecked(result)))
}

pub(super) fn test_done(wire: v1::TestDone) -> Answered {
    let failed = unanswered(wire.reason(), wire.side(), wire.error);
    let result = wire.report.map(TestReport::from).ok_or(failed);
    to(wire.request_id, Answer::TestDone(result))
}

pub(super) fn diagnosed(wire: v1::Diagnosed) -> Answered {
    let findings = wire.findings.into_iter().map(Finding::from).collect();
    to(wire.request_id, Answer::Diagnosed(findings))
}

pub(super) fn removed(wire: v1::Removed) -> Result<Answered, WireError> {
    let done: Result<Vec<_>, _> = wire.removals.into_iter().map(Removal::try_from).collect();
    let removals = Removals {
        done: done.map_err(|error| error.under("removals"))?,
        obstacle: wire.error,
    };
    Ok(to(wire.request_id, Answer::Removed(removals)))
}

const fn to(request_id: String, answer: Answer) -> Answered {
    Answered { request_id, answer }
}

fn unanswered(reason: ErrorReason, side: v1::Side, why: String) -> Unanswered {
    let reason = if reason == ErrorReason::Unspecified {
        String::new()
    } else {
        reason_name(reason).to_owned()
    };
    Unanswered {
        reason,
        side: read_side(side.into(), "side").ok(),
        why,
    }
}
