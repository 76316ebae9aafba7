//! What any sidecar does on its own, with no plan and no control plane: finish
//! what was begun, take back what nobody finishes, raise a side that is behind.

use crate::authority::flipped_from;
use crate::fence::{Fence, FenceAt, Seen};
use crate::phase::Phase;
use crate::plan::step::{Cas, Step, StepName};
use crate::side::{Role, Side};

/// Whether a frozen fence has been seen unchanged for so long that its
/// executor must be taken for dead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Patience {
    /// Not yet: leave it to its executor.
    Left,
    /// Try the hand-over.
    Over,
    /// The hand-over found markers that do not go: take the flip back.
    Exhausted,
}

/// The step that the fences call for by themselves, if any.
#[must_use]
pub fn mend(legacy: &Seen, new: &Seen, patience: Patience) -> Option<Step> {
    one_side(Side::Legacy, legacy, new, patience)
        .or_else(|| one_side(Side::New, new, legacy, patience))
}

fn one_side(side: Side, seen: &Seen, other: &Seen, patience: Patience) -> Option<Step> {
    let fence = seen.fence()?;
    match fence.role {
        Role::Frozen => unfinished(side, fence, other, patience),
        Role::Handed => finish(side, fence, other.at()?),
        Role::Primary => raise(side, fence, other.at()?),
        Role::Secondary | Role::Off => None,
    }
}

fn unfinished(side: Side, fence: &Fence, other: &Seen, patience: Patience) -> Option<Step> {
    // A newer primary on the other side (a forced fail-over) ends this flip.
    if matches!(other.at(), Some(at) if at.role == Role::Primary && at.epoch > fence.epoch) {
        return None;
    }
    match patience {
        Patience::Left => None,
        Patience::Over => {
            let to = (fence.epoch, Role::Handed);
            Some(Step::HandOver(Cas::after(
                StepName::HandOver,
                side,
                fence.at(),
                to,
                fence,
            )))
        }
        Patience::Exhausted => {
            let to = (fence.epoch + 1, Role::Primary);
            let back = Cas::after(StepName::Abort, side, fence.at(), to, fence);
            Some(Step::Change(back.in_phase(flipped_from(fence.phase))))
        }
    }
}

fn finish(side: Side, fence: &Fence, other: FenceAt) -> Option<Step> {
    let made = fence.epoch;
    match other.role {
        Role::Secondary if other.epoch < made => {
            let to = (made, Role::Primary);
            Some(Step::Change(Cas::after(
                StepName::Activate,
                side.other(),
                other,
                to,
                fence,
            )))
        }
        Role::Primary if other.epoch >= made => {
            let to = (made, Role::Secondary);
            Some(Step::Change(Cas::after(
                StepName::Follow,
                side,
                fence.at(),
                to,
                fence,
            )))
        }
        Role::Primary | Role::Secondary | Role::Frozen | Role::Handed | Role::Off => None,
    }
}

fn raise(side: Side, fence: &Fence, other: FenceAt) -> Option<Step> {
    if other.epoch >= fence.epoch {
        return None;
    }
    let wanted = role_beside(side, fence.phase);
    let (name, allowed) = match (other.role, wanted) {
        (Role::Secondary, Role::Secondary) => (StepName::Raise, true),
        (Role::Secondary, Role::Off) => (StepName::CloseSecondary, true),
        // A side that was off may lack rows that left no marker: only a plan
        // opens it. One that was primary or frozen lost a forced fail-over and
        // is a person's to look at.
        (Role::Primary | Role::Frozen | Role::Handed | Role::Off | Role::Secondary, _) => {
            (StepName::Raise, false)
        }
    };
    let to = (fence.epoch, wanted);
    allowed.then(|| Step::Change(Cas::after(name, side.other(), other, to, fence)))
}

fn role_beside(primary: Side, phase: Phase) -> Role {
    match phase.role(primary.other()) {
        Role::Off => Role::Off,
        Role::Primary | Role::Secondary | Role::Frozen | Role::Handed => Role::Secondary,
    }
}
