//! One change of phase, or of what the fence holds.

use dualwrite_proto::v1;
use serde::Serialize;

use super::words::{UNKNOWN, instant, millis_since_epoch, phase, some};

/// One transition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct TransitionView {
    pub(crate) plan_id: String,
    pub(crate) from_phase: &'static str,
    pub(crate) to_phase: &'static str,
    pub(crate) from_epoch: u64,
    pub(crate) to_epoch: u64,
    pub(crate) state: &'static str,
    pub(crate) executor: Option<String>,
    pub(crate) steps: Vec<StepView>,
    pub(crate) start_time: Option<String>,
    pub(crate) end_time: Option<String>,
    pub(crate) reason: Option<String>,
    pub(crate) actor: String,
    pub(crate) forced: bool,
    pub(crate) outcome: Option<String>,
}

/// One observed step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct StepView {
    pub(crate) name: String,
    pub(crate) detail: Option<String>,
    pub(crate) time: Option<String>,
    /// Since the transition began.
    pub(crate) after_ms: Option<i64>,
}

impl From<v1::Transition> for TransitionView {
    fn from(transition: v1::Transition) -> Self {
        let start = transition.start_time;
        Self {
            plan_id: transition.plan_id,
            from_phase: phase(transition.from_phase),
            to_phase: phase(transition.to_phase),
            from_epoch: transition.from_epoch,
            to_epoch: transition.to_epoch,
            state: state(transition.state),
            executor: some(transition.executor),
            steps: transition
                .steps
                .into_iter()
                .map(|step| StepView::new(step, start))
                .collect(),
            start_time: instant(start),
            end_time: instant(transition.end_time),
            reason: some(transition.reason),
            actor: transition.actor,
            forced: transition.forced,
            outcome: some(transition.outcome),
        }
    }
}

impl StepView {
    fn new(step: v1::TransitionStep, start: Option<prost_types::Timestamp>) -> Self {
        let at = millis_since_epoch(step.time);
        Self {
            name: step.name,
            detail: some(step.detail),
            time: instant(step.time),
            after_ms: at
                .zip(millis_since_epoch(start))
                .map(|(at, start)| at - start),
        }
    }
}

fn state(number: i32) -> &'static str {
    match v1::TransitionState::try_from(number) {
        Ok(v1::TransitionState::Running) => "running",
        Ok(v1::TransitionState::Aborting) => "aborting",
        Ok(v1::TransitionState::Done) => "done",
        Ok(v1::TransitionState::Aborted) => "aborted",
        Ok(v1::TransitionState::ResolvedBySidecars) => "resolved_by_sidecars",
        Ok(v1::TransitionState::Unspecified) | Err(_) => UNKNOWN,
    }
}
