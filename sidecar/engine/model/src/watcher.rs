//! How a sidecar learns: by looking at the fences, at any time or never. And
//! how it dies.

use dualwrite_core::side::{Role, Side};

use crate::authority::{View, view};
use crate::model::Protocol;
use crate::rules::{Following, Retrying};
use crate::state::{
    Fence, ReadStage, ReadTask, RelayStage, RelayTask, Sidecar, State, WriteStage, WriteTask, at,
};
use crate::step::Step;

impl Protocol {
    /// What a sidecar acts on.
    #[must_use]
    pub fn view(&self, sidecar: &Sidecar) -> Option<View> {
        let seen = view(sidecar.seen, self.happenings.keep_markers);
        match sidecar.told {
            Some((epoch, primary)) => seen.map(|seen| View {
                epoch,
                primary,
                ..seen
            }),
            None => seen,
        }
    }
}

pub(crate) fn steps(
    protocol: &Protocol,
    state: &State,
    sidecar: &Sidecar,
    number: usize,
    steps: &mut Vec<Step>,
) {
    if is_between_transactions(sidecar) {
        if protocol.happenings.looks_apart {
            steps.extend(Side::BOTH.map(|side| Step::Look(number, Some(side))));
        } else {
            steps.push(Step::Look(number, None));
        }
        let believes = matches!(
            protocol.rules.following,
            Following::LargerEpoch | Following::PlansUntilALook
        );
        if believes && !state.told {
            steps.push(Step::Told(number));
        }
    }
    let works = sidecar.write.stage != WriteStage::Idle
        || sidecar.relay.stage != RelayStage::Idle
        || sidecar.read.stage != ReadStage::Idle;
    if works {
        steps.push(Step::Crash(number));
    }
}

/// A sidecar acts on one view for the whole of a transaction. That it may
/// learn later than it could makes a look during one no further case.
fn is_between_transactions(sidecar: &Sidecar) -> bool {
    matches!(
        sidecar.write.stage,
        WriteStage::Idle | WriteStage::Waiting | WriteStage::Looking | WriteStage::Ready
    ) && sidecar.relay.stage == RelayStage::Idle
}

/// `watcher::look`.
pub(crate) fn look(
    protocol: &Protocol,
    state: &State,
    number: usize,
    side: Option<Side>,
) -> Option<State> {
    let mut after = state.clone();
    let sidecar = &mut after.sidecars[number];
    let sides = side.map_or_else(|| Side::BOTH.to_vec(), |side| vec![side]);
    for side in sides {
        let fence = state.database(side).fence;
        let teaches =
            protocol.rules.following != Following::PrimaryRowsOnly || fence.role != Role::Frozen;
        if teaches {
            sidecar.seen[at(side)] = fence;
        }
    }
    obey(protocol, sidecar);
    let learned =
        sidecar.seen != state.sidecars[number].seen || sidecar.told != state.sidecars[number].told;
    if !learned {
        return None;
    }
    go_on(protocol, sidecar);
    Some(after)
}

/// What a plan told is forgotten at the next look; as the wrong variant has
/// it, not before a fence says as much.
fn obey(protocol: &Protocol, sidecar: &mut Sidecar) {
    let Some((epoch, primary)) = sidecar.told else {
        return;
    };
    let seen = view(sidecar.seen, protocol.happenings.keep_markers);
    let as_much = seen
        .is_some_and(|seen| seen.epoch > epoch || (seen.epoch == epoch && seen.primary == primary));
    if as_much || protocol.rules.following == Following::PlansUntilALook {
        sidecar.told = None;
    }
}

/// What waited for a fresh look goes on; every change begins a look for the
/// receipt anew.
fn go_on(protocol: &Protocol, sidecar: &mut Sidecar) {
    let write = &mut sidecar.write;
    if write.stage != WriteStage::Idle {
        let again = match protocol.rules.retrying {
            _ if !protocol.happenings.receipts => WriteStage::Ready,
            Retrying::PrimaryOnly | Retrying::StaleSkipsLook => WriteStage::Ready,
            Retrying::LookKept if write.stage != WriteStage::Looking => WriteStage::Ready,
            Retrying::LookKept
            | Retrying::LookThenExecute
            | Retrying::LookOnly
            | Retrying::FirstSkipsLook
            | Retrying::SettlesElsewhere
            | Retrying::SettlesElsewhereAndGoesOn
            | Retrying::SettlesUnfenced
            | Retrying::LooksUnfenced => WriteStage::Looking,
        };
        write.stage = again;
    }
    if sidecar.read.stage == ReadStage::Waiting {
        sidecar.read.stage = ReadStage::Ready;
    }
}

/// A plan of the control plane that is not so (any more, or yet): the next
/// epoch, the other primary.
pub(crate) fn told(protocol: &Protocol, state: &State, number: usize) -> Option<State> {
    let mut after = state.clone();
    let sidecar = &mut after.sidecars[number];
    let view = protocol.view(sidecar)?;
    sidecar.told = Some((view.epoch + 1, view.primary.other()));
    go_on(protocol, sidecar);
    after.told = true;
    Some(after)
}

/// The process dies; its transactions stay with their servers. It starts again
/// with the view that it had, which may be as old as any, or with none.
pub(crate) fn crash(protocol: &Protocol, state: &State, number: usize) -> State {
    let mut after = state.clone();
    let sidecar = &mut after.sidecars[number];
    if protocol.happenings.forgetful {
        sidecar.seen = [Fence::UNSEEN; 2];
    }
    let (write, relay) = (
        std::mem::take(&mut sidecar.write),
        std::mem::take(&mut sidecar.relay),
    );
    sidecar.read = ReadTask::default();
    let WriteTask {
        primary, secondary, ..
    } = write;
    after.orphan(primary);
    after.orphan(secondary);
    let RelayTask {
        primary, secondary, ..
    } = relay;
    after.orphan(primary);
    after.orphan(secondary);
    after
}
