//! How authority moves: the plan that the control plane stores, and the one
//! pure function that says what its next step is.
//!
//! An executor remembers nothing across steps. It reads both fences, asks
//! [`next_step`], does that one step (a compare-and-set on exactly what was
//! read), and reads again. So any sidecar can execute any part, a lost reply
//! is harmless, and whoever dies is replaced.

mod bump;
mod close;
mod flip;
mod mend;
mod open;
mod step;

use serde::{Deserialize, Serialize};

use crate::fence::Seen;
use crate::phase::Phase;
use crate::side::Side;

pub use mend::{Patience, mend};
pub use step::{Cas, Step, StepName};

/// How the authority moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlanKind {
    /// The primary changes: freeze, drain, hand over, activate, follow.
    Flip,
    /// The other side starts to follow: secondary first, then primary.
    Open,
    /// The other side stops to follow: primary first, then secondary.
    Close,
    /// The roles stay; what the fence holds changes.
    Bump,
}

impl PlanKind {
    /// How a step from one phase to a neighbour moves the authority; `None`
    /// when they are not neighbours.
    #[must_use]
    pub const fn between(from: Phase, to: Phase) -> Option<Self> {
        match (from, to) {
            (Phase::DualWrite, Phase::NewPrimary) | (Phase::NewPrimary, Phase::DualWrite) => {
                Some(Self::Flip)
            }
            (Phase::LegacyOnly, Phase::DualWrite) | (Phase::NewOnly, Phase::NewPrimary) => {
                Some(Self::Open)
            }
            (Phase::DualWrite, Phase::LegacyOnly) | (Phase::NewPrimary, Phase::NewOnly) => {
                Some(Self::Close)
            }
            (Phase::LegacyOnly, Phase::LegacyOnly)
            | (Phase::DualWrite, Phase::DualWrite)
            | (Phase::NewPrimary, Phase::NewPrimary)
            | (Phase::NewOnly, Phase::NewOnly) => Some(Self::Bump),
            (Phase::LegacyOnly, Phase::NewPrimary | Phase::NewOnly)
            | (Phase::DualWrite, Phase::NewOnly)
            | (Phase::NewPrimary, Phase::LegacyOnly)
            | (Phase::NewOnly, Phase::LegacyOnly | Phase::DualWrite) => None,
        }
    }

    /// The steps in words, for a dry run.
    #[must_use]
    pub const fn steps(self) -> &'static [StepName] {
        match self {
            Self::Flip => &[
                StepName::Freeze,
                StepName::Drain,
                StepName::Sequences,
                StepName::HandOver,
                StepName::Activate,
                StepName::Follow,
            ],
            Self::Open => &[StepName::OpenSecondary, StepName::Advance],
            Self::Close => &[StepName::Advance, StepName::CloseSecondary],
            Self::Bump => &[StepName::Raise, StepName::Advance],
        }
    }
}

/// One transition, as stored and as sent to its executor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// Written into each fence that the plan changes.
    pub plan_id: String,
    /// How the authority moves.
    pub kind: PlanKind,
    /// The phase it starts in.
    pub from_phase: Phase,
    /// The phase it goes to.
    pub to_phase: Phase,
    /// The epoch it starts in.
    pub from_epoch: u64,
    /// The epoch it makes. For a flip exactly one more.
    pub to_epoch: u64,
    /// The primary before.
    pub primary: Side,
    /// [`crate::fence::EpochSettings`] of the new epoch, as JSON.
    pub settings: String,
    /// Whether it is being taken back.
    pub aborting: bool,
}

/// The next step of a plan, from what both fences say now.
///
/// Where plan and fences disagree, the fences win: the answer is
/// [`Step::Resolved`].
#[must_use]
pub fn next_step(plan: &Plan, legacy: &Seen, new: &Seen) -> Step {
    let (old, other) = match plan.primary {
        Side::Legacy => (legacy, new),
        Side::New => (new, legacy),
    };
    match plan.kind {
        PlanKind::Flip => flip::next(plan, old, other),
        PlanKind::Open => open::next(plan, old, other),
        PlanKind::Close => close::next(plan, old, other),
        PlanKind::Bump => bump::next(plan, old, other),
    }
}

#[cfg(test)]
pub(crate) fn test_fence(epoch: u64, role: crate::side::Role, phase: Phase) -> Seen {
    Seen::Fence(crate::fence::Fence {
        epoch,
        role,
        phase,
        plan_id: String::new(),
        settings: crate::fence::EpochSettings::initial("cart", phase, true, Vec::new()).to_json(),
    })
}

#[cfg(test)]
mod tests;
