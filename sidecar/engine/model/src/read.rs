//! A read of both keys on the primary, as `read` does it.

use dualwrite_core::side::{Role, Side};

use crate::authority::View;
use crate::model::Protocol;
use crate::rules::{ALL_KEYS, Reading};
use crate::state::{ReadStage, ReadTask, Sidecar, State};
use crate::step::{ReadStep, Step};

pub(crate) fn steps(
    protocol: &Protocol,
    state: &State,
    sidecar: &Sidecar,
    number: usize,
    steps: &mut Vec<Step>,
) {
    let step = match sidecar.read.stage {
        ReadStage::Idle if state.reads < protocol.happenings.reads => ReadStep::Arrive,
        ReadStage::Idle | ReadStage::Waiting => return,
        ReadStage::Ready => ReadStep::Read,
        ReadStage::Checked => ReadStep::ReadRows,
        ReadStage::Answering => ReadStep::Answer,
    };
    steps.push(Step::Read(number, step));
}

pub(crate) fn after(
    protocol: &Protocol,
    state: &State,
    number: usize,
    step: ReadStep,
) -> Option<State> {
    let mut after = state.clone();
    let task = &mut after.sidecars[number].read;
    match step {
        ReadStep::Arrive => {
            task.stage = ReadStage::Ready;
            task.floor = state.ghost.floor;
            after.reads += 1;
        }
        ReadStep::Read => {
            let view = protocol.view(&state.sidecars[number])?;
            if accepts(protocol.rules.reading, state, view) {
                task.stage = match protocol.rules.reading {
                    Reading::FenceEarlier => ReadStage::Checked,
                    Reading::Fenced | Reading::Unfenced | Reading::HandedToo => {
                        ReadStage::Answering
                    }
                };
                take(task, state, view.primary);
            } else {
                task.stage = ReadStage::Waiting;
            }
        }
        ReadStep::ReadRows => {
            let side = task.side?;
            take(task, state, side);
            task.stage = ReadStage::Answering;
        }
        ReadStep::Answer => {
            let read = std::mem::take(task);
            judge(protocol, &mut after, &read);
        }
    }
    Some(after)
}

fn take(task: &mut ReadTask, state: &State, side: Side) {
    task.side = Some(side);
    task.rows = state.database(side).rows;
}

/// `read::accepts`.
fn accepts(reading: Reading, state: &State, view: View) -> bool {
    let fence = state.database(view.primary).fence;
    match reading {
        Reading::Fenced | Reading::FenceEarlier => {
            (fence.role == Role::Primary && fence.epoch == view.epoch)
                || (fence.role == Role::Frozen && fence.epoch == view.epoch + 1)
        }
        Reading::Unfenced => true,
        Reading::HandedToo => {
            matches!(fence.role, Role::Primary | Role::Frozen | Role::Handed)
        }
    }
}

/// Whether what is shown could have been the whole truth at one moment since
/// the read began.
fn judge(protocol: &Protocol, state: &mut State, read: &ReadTask) {
    let together = protocol
        .happenings
        .requests
        .iter()
        .all(|request| request.keys == ALL_KEYS);
    let ghost = &mut state.ghost;
    if together && read.rows[0] != read.rows[1] {
        ghost.wrongs.torn_read = true;
    }
    let mut versions = ghost.history.iter().enumerate();
    let shown = versions.find(|(version, content)| {
        *version >= usize::from(read.floor) && **content == read.rows[0]
    });
    match shown.and_then(|(version, _)| u8::try_from(version).ok()) {
        Some(version) => ghost.floor = ghost.floor.max(version),
        None => ghost.wrongs.stale_read = true,
    }
}
