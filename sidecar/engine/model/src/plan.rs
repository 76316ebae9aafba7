//! The control plane: it stores plans, takes them back, and closes them. It
//! touches no database.

use dualwrite_core::phase::Phase;
use dualwrite_core::plan::StepName;
use dualwrite_core::side::Role;

use crate::authority::{By, Change, Decision, decide, marking_after};
use crate::model::Protocol;
use crate::rules::ALL_KEYS;
use crate::state::{Fence, PlanWord, State, StoredPlan, at};
use crate::step::{PlanStep, Step};

pub(crate) fn steps(protocol: &Protocol, state: &State, steps: &mut Vec<Step>) {
    let push = |step| Step::Plan(step);
    match state.plan {
        None => steps.push(push(PlanStep::Store)),
        Some(plan) => {
            steps.push(push(PlanStep::Close));
            if !plan.aborting && state.aborts < protocol.happenings.aborts {
                steps.push(push(PlanStep::Abort));
            }
        }
    }
}

pub(crate) fn after(protocol: &Protocol, state: &State, step: PlanStep) -> Option<State> {
    let mut after = state.clone();
    match (step, &mut after.plan) {
        (PlanStep::Store, None) => {
            after.plan = Some(draft(protocol, state)?);
            after.plans += 1;
        }
        (PlanStep::Abort, Some(plan)) => {
            plan.aborting = true;
            after.aborts += 1;
        }
        (PlanStep::Close, Some(plan)) => {
            let ended = ended(protocol, state);
            if !ended {
                return None;
            }
            let reached = state.database(state.ghost.authority).fence.phase == plan.to;
            after.reached += u8::from(reached);
            after.plan = None;
        }
        (PlanStep::Store, Some(_)) | (PlanStep::Abort | PlanStep::Close, None) => return None,
    }
    Some(after)
}

/// The next plan of the itinerary, as the guards let it pass.
fn draft(protocol: &Protocol, state: &State) -> Option<StoredPlan> {
    let happenings = &protocol.happenings;
    let stops = u8::try_from(happenings.itinerary.len()).ok()?;
    if state.plans >= stops + happenings.aborts {
        return None;
    }
    let to = *happenings.itinerary.get(usize::from(state.reached))?;
    let primary = state.ghost.authority;
    let fence = state.database(primary).fence;
    if fence.role != Role::Primary {
        return None;
    }
    let kind = PlanWord::between(fence.phase, to)?;
    // The guard: no change of primary before the backfill is complete.
    if kind == PlanWord::Flip && state.pulled != ALL_KEYS {
        return None;
    }
    Some(StoredPlan {
        id: state.plans + 1,
        kind,
        from: fence.phase,
        to,
        epoch: fence.epoch,
        primary,
        marking: marking_after(fence, to, happenings.keep_markers),
        aborting: false,
    })
}

fn ended(protocol: &Protocol, state: &State) -> bool {
    if !protocol.rules.new_epochs
        && let Some(decision) = without_a_new_epoch(state, state.fences())
    {
        return decision == Decision::Ended;
    }
    let keep = protocol.happenings.keep_markers;
    decide(By::Plan, state.plan, state.fences(), keep) == Decision::Ended
}

/// Wrong: a change that keeps the primary, and keeps its epoch as well.
pub(crate) fn without_a_new_epoch(state: &State, read: [Fence; 2]) -> Option<Decision> {
    let plan = state.plan?;
    let opens = match plan.kind {
        PlanWord::Flip => return None,
        PlanWord::Open => true,
        PlanWord::Close => false,
    };
    let (primary, secondary) = (read[at(plan.primary)], read[at(plan.primary.other())]);
    let role = if opens { Role::Secondary } else { Role::Off };
    let moved = |fence: Fence, role| Fence {
        role,
        phase: plan.to,
        marking: plan.marking,
        plan: plan.id,
        ..fence
    };
    let on_secondary = Decision::Change(Change {
        name: if opens {
            StepName::OpenSecondary
        } else {
            StepName::CloseSecondary
        },
        side: plan.primary.other(),
        from: (secondary.epoch, secondary.role),
        to: moved(secondary, role),
    });
    let on_primary = Decision::Change(Change {
        name: StepName::Advance,
        side: plan.primary,
        from: (primary.epoch, primary.role),
        to: moved(primary, Role::Primary),
    });
    let (primary_is_there, secondary_is_there) = (primary.phase == plan.to, secondary.role == role);
    Some(match (opens, primary_is_there, secondary_is_there) {
        (_, true, true) => Decision::Ended,
        (true, _, false) | (false, true, false) => on_secondary,
        (true, false, true) | (false, false, _) => on_primary,
    })
}

/// Whether a phase has a secondary: the relay may run.
#[must_use]
pub const fn is_followed(phase: Phase) -> bool {
    phase.secondary().is_some()
}
