//! Who moves the authority: an executor of a plan, or any sidecar that mends.
//! It reads both fences, asks the rules, does one compare-and-set on exactly
//! what it read, and reads again.

use dualwrite_core::plan::StepName;
use dualwrite_core::side::{Role, Side};

use crate::authority::{By, Change, Decision, decide};
use crate::model::Protocol;
use crate::rules::Executing;
use crate::state::{Executor, Fence, KEYS, State};
use crate::step::{ExecuteStep, Step};

pub(crate) fn steps(protocol: &Protocol, state: &State, steps: &mut Vec<Step>) {
    let mut push = |number, step| steps.push(Step::Execute(number, step));
    // Without executors somebody reads both fences and acts at once.
    if state.executors.is_empty() {
        push(0, ExecuteStep::Act(By::Plan));
        push(0, ExecuteStep::Act(By::Mending));
    }
    for (number, executor) in state.executors.iter().enumerate() {
        if number > 0 && state.executors[number - 1] == *executor {
            continue;
        }
        match executor {
            Executor::Idle | Executor::SawLegacy(_) => push(number, ExecuteStep::ReadFence),
            Executor::SawBoth(..) => {
                for by in [By::Plan, By::Mending, By::TakingOver, By::TakingBack] {
                    push(number, ExecuteStep::Act(by));
                }
                let believes = matches!(
                    protocol.rules.executing,
                    Executing::UnknownIsDone | Executing::Memory
                );
                if believes {
                    push(number, ExecuteStep::Believe(By::Plan));
                    push(number, ExecuteStep::Believe(By::TakingOver));
                }
                push(number, ExecuteStep::GiveUp);
            }
            Executor::Believes(..) => {
                push(number, ExecuteStep::Activate);
                push(number, ExecuteStep::GiveUp);
            }
        }
    }
}

pub(crate) fn after(
    protocol: &Protocol,
    state: &State,
    number: usize,
    step: ExecuteStep,
) -> Option<State> {
    let mut after = state.clone();
    let place = after.executors.get_mut(number);
    let read = match place.as_deref() {
        None => Some(state.fences()),
        Some(Executor::SawBoth(legacy, new)) => Some([*legacy, *new]),
        Some(Executor::Idle | Executor::SawLegacy(_) | Executor::Believes(..)) => None,
    };
    match (step, place) {
        (ExecuteStep::ReadFence, Some(place)) => {
            let [legacy, new] = state.fences();
            *place = match *place {
                Executor::Idle => Executor::SawLegacy(legacy),
                Executor::SawLegacy(legacy) => Executor::SawBoth(legacy, new),
                Executor::SawBoth(..) | Executor::Believes(..) => return None,
            };
            Some(after)
        }
        (ExecuteStep::GiveUp, Some(place)) => {
            *place = Executor::Idle;
            Some(after)
        }
        (ExecuteStep::Act(by), place) => {
            if let Some(place) = place {
                *place = Executor::Idle;
            }
            act(protocol, after, by, read?)
        }
        (ExecuteStep::Believe(by), Some(place)) => {
            let Decision::HandOver(change) = next(protocol, state, by, read?) else {
                return None;
            };
            let drained = state.database(change.side).markers == [0; KEYS];
            if protocol.rules.executing == Executing::Memory && !drained {
                return None;
            }
            *place = Executor::Believes(change.side, change.to.epoch);
            Some(after)
        }
        (ExecuteStep::Activate, Some(place)) => {
            let Executor::Believes(handed, epoch) = *place else {
                return None;
            };
            *place = Executor::Idle;
            activate(after, handed, epoch)
        }
        (
            ExecuteStep::ReadFence
            | ExecuteStep::GiveUp
            | ExecuteStep::Believe(_)
            | ExecuteStep::Activate,
            None,
        ) => None,
    }
}

fn next(protocol: &Protocol, state: &State, by: By, read: [Fence; 2]) -> Decision {
    if !protocol.rules.new_epochs
        && by == By::Plan
        && let Some(decision) = crate::plan::without_a_new_epoch(state, read)
    {
        return decision;
    }
    decide(by, state.plan, read, protocol.happenings.keep_markers)
}

fn act(protocol: &Protocol, mut state: State, by: By, read: [Fence; 2]) -> Option<State> {
    let decision = next(protocol, &state, by, read);
    let (change, drained) = match decision {
        Decision::Change(change) => (change, false),
        Decision::HandOver(change) => (change, true),
        Decision::Ended | Decision::Nothing => return None,
    };
    let side = change.side;
    let markers = state.database(side).markers;
    let needs = drained && protocol.rules.executing != Executing::NoDrain;
    if needs && markers != [0; KEYS] {
        return None;
    }
    let now = state.database(side).fence;
    let unchanged = (now.epoch, now.role) == change.from;
    let compares = protocol.rules.executing != Executing::Blind;
    // The change waits for whoever holds the gate.
    if (compares && !unchanged) || state.gate_is_held(side) {
        return None;
    }
    write(&mut state, &change);
    Some(state)
}

fn write(state: &mut State, change: &Change) {
    let Change { name, side, to, .. } = *change;
    state.database_mut(side).fence = to;
    if name == StepName::Activate || name == StepName::Abort {
        state.ghost.authority = side;
    }
    let in_office = to.role == Role::Primary && state.ghost.authority == side;
    if in_office && !to.marking {
        // What is written from here on leaves no marker: nothing that was
        // copied before counts any more.
        state.pulled = 0;
        state.pulled_since = to.epoch;
    }
}

/// Wrong: from memory.
fn activate(mut state: State, handed: Side, epoch: u8) -> Option<State> {
    let side = handed.other();
    let from = state.database(handed).fence;
    let fence = state.database(side).fence;
    let fits = fence.role == Role::Secondary && fence.epoch + 1 == epoch;
    if !fits || state.gate_is_held(side) {
        return None;
    }
    let to = Fence {
        epoch,
        role: Role::Primary,
        ..from
    };
    state.database_mut(side).fence = to;
    state.ghost.authority = side;
    Some(state)
}
