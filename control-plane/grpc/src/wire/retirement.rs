//! The end of a migration.

use dualwrite_control_app::model::Retirement;
use dualwrite_proto::v1;
use dualwrite_proto::v1::retirement::State;

use super::time::timestamp;

pub(super) fn retirement(retirement: &Retirement) -> v1::Retirement {
    let Retirement {
        actor,
        reason,
        started,
        ended,
        removals,
        waiting_for,
    } = retirement;
    let state = match ended {
        Some(_) => State::Done,
        None => State::Running,
    };
    v1::Retirement {
        state: state.into(),
        actor: actor.clone(),
        reason: reason.clone(),
        start_time: Some(timestamp(*started)),
        end_time: ended.map(timestamp),
        removals: removals.iter().map(v1::Removal::from).collect(),
        waiting_for: waiting_for.clone(),
    }
}
