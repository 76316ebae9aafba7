//! What an executor is told to do.

use std::fmt;

use crate::fence::{Fence, FenceAt};
use crate::phase::Phase;
use crate::plan::Plan;
use crate::side::{Role, Side};

/// One step, decided from both fences as they were just read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Change one fence, if it still is what was read.
    Change(Cas),
    /// Relays drain the old primary; its sequences are copied to the other
    /// side; then this change, and only with no marker left.
    HandOver(Cas),
    /// Nothing left to do: the plan reached its phase.
    Done,
    /// Nothing left to do: everything is back where it was.
    Aborted,
    /// Not possible now; read again later.
    Wait {
        /// What is waited for.
        why: String,
    },
    /// The fences went another way than the plan: they win.
    Resolved {
        /// What they say.
        why: String,
    },
}

/// A compare-and-set of one fence, under that database's gate lock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cas {
    /// What people call this step.
    pub name: StepName,
    /// The database whose fence changes.
    pub side: Side,
    /// What it must still be.
    pub from: FenceAt,
    /// What it becomes.
    pub to: Fence,
}

impl Cas {
    /// A change that a plan asks for: its settings and its id.
    pub(crate) fn planned(
        name: StepName,
        plan: &Plan,
        side: Side,
        from: FenceAt,
        to: (u64, Role),
    ) -> Self {
        let (epoch, role) = to;
        let fence = Fence {
            epoch,
            role,
            phase: plan.to_phase,
            plan_id: plan.plan_id.clone(),
            settings: plan.settings.clone(),
        };
        Self {
            name,
            side,
            from,
            to: fence,
        }
    }

    /// A change that takes everything but epoch and role from another fence.
    pub(crate) fn after(
        name: StepName,
        side: Side,
        from: FenceAt,
        to: (u64, Role),
        source: &Fence,
    ) -> Self {
        let (epoch, role) = to;
        Self {
            name,
            side,
            from,
            to: Fence {
                epoch,
                role,
                ..source.clone()
            },
        }
    }

    /// The same with another phase, in the row and in its settings.
    pub(crate) fn in_phase(mut self, phase: Phase) -> Self {
        self.to.phase = phase;
        if let Ok(settings) = crate::fence::EpochSettings::from_json(&self.to.settings) {
            self.to.settings = settings.moved_to(phase).to_json();
        }
        self
    }
}

/// The words for the steps, the same in the log, the CLI and the history.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StepName {
    /// The old primary stops accepting writes.
    Freeze,
    /// Relays empty the old primary's outbox.
    Drain,
    /// Sequences of the new primary are moved past the maximum.
    Sequences,
    /// The old primary gives the authority away: the point of no return.
    HandOver,
    /// The new primary accepts writes.
    Activate,
    /// The old primary becomes the secondary.
    Follow,
    /// The other side starts to accept copies.
    OpenSecondary,
    /// The other side stops to accept copies.
    CloseSecondary,
    /// The primary goes to the next epoch.
    Advance,
    /// A side that is behind is lifted to the primary's epoch.
    Raise,
    /// The old primary takes writes again.
    Abort,
}

impl StepName {
    /// The word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Freeze => "freeze",
            Self::Drain => "drain",
            Self::Sequences => "sequences",
            Self::HandOver => "hand_over",
            Self::Activate => "activate",
            Self::Follow => "follow",
            Self::OpenSecondary => "open",
            Self::CloseSecondary => "close",
            Self::Advance => "advance",
            Self::Raise => "raise",
            Self::Abort => "abort",
        }
    }
}

impl fmt::Display for StepName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Says what stands in the two fences, for people.
pub(crate) fn tell(plan: &Plan, old: Option<FenceAt>, other: Option<FenceAt>) -> String {
    let word = |at: Option<FenceAt>| at.map_or_else(|| "unknown".to_owned(), |at| at.to_string());
    format!(
        "{} is `{}`, {} is `{}`",
        plan.primary,
        word(old),
        plan.primary.other(),
        word(other)
    )
}
