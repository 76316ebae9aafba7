//! Transitions.

use dualwrite_control_app::model::{StepRecord, Transition, TransitionState};
use dualwrite_proto::v1;

use super::time::timestamp;

pub(crate) fn transition(transition: &Transition) -> v1::Transition {
    let plan = &transition.plan;
    v1::Transition {
        plan_id: plan.plan_id.clone(),
        from_phase: v1::Phase::from(plan.from_phase).into(),
        to_phase: v1::Phase::from(plan.to_phase).into(),
        from_epoch: plan.from_epoch,
        to_epoch: plan.to_epoch,
        state: state(transition.state).into(),
        executor: transition.executor.clone().unwrap_or_default(),
        steps: transition.steps.iter().map(step).collect(),
        start_time: Some(timestamp(transition.started)),
        end_time: transition.ended.map(timestamp),
        reason: transition.reason.clone(),
        actor: transition.actor.clone(),
        forced: transition.forced,
        outcome: transition.outcome.clone(),
    }
}

const fn state(state: TransitionState) -> v1::TransitionState {
    match state {
        TransitionState::Running => v1::TransitionState::Running,
        TransitionState::Aborting => v1::TransitionState::Aborting,
        TransitionState::Done => v1::TransitionState::Done,
        TransitionState::Aborted => v1::TransitionState::Aborted,
        TransitionState::Resolved => v1::TransitionState::ResolvedBySidecars,
    }
}

fn step(step: &StepRecord) -> v1::TransitionStep {
    let StepRecord { name, detail, at } = step;
    v1::TransitionStep {
        name: name.clone(),
        detail: detail.clone(),
        time: Some(timestamp(*at)),
    }
}
