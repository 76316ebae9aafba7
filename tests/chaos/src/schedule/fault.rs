//! What can go wrong.

use std::fmt;

use dualwrite_tests::proxy::Break;
use serde::Serialize;

use crate::stage::Party;

/// A step of a change of primary, before which it is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Moment {
    /// The old primary stops taking writes.
    Freeze,
    /// The old primary gives its authority away.
    HandOver,
    /// The new primary takes it.
    Activate,
    /// The old primary becomes the secondary.
    Follow,
}

/// How a step is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum How {
    /// The executor is killed.
    Kill,
    /// The executor hangs, its transaction open, and goes on after everybody else has gone on.
    Hang,
    /// The connection is lost before the step.
    Error,
    /// The commit is carried out, and its answer is lost.
    UnknownCommit,
}

/// A fault, or a change of primary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// A sidecar is killed and started again.
    KillSidecar {
        /// Which.
        sidecar: usize,
    },
    /// A sidecar is stopped, and goes on as if nothing had been.
    PauseSidecar {
        /// Which.
        sidecar: usize,
        /// How long.
        ms: u64,
    },
    /// A sidecar is stopped until everybody believes it is gone and the primary has changed, and
    /// then goes on.
    SleepThroughFlip {
        /// Which.
        sidecar: usize,
    },
    /// The control plane is killed and started again.
    KillControlPlane {
        /// How long it is away.
        ms: u64,
    },
    /// The primary's server is killed and started again.
    KillPrimary {
        /// How long it is away.
        ms: u64,
    },
    /// The secondary's server is killed and started again.
    KillSecondary {
        /// How long it is away.
        ms: u64,
    },
    /// A way is cut.
    Cut {
        /// Whose.
        sidecar: usize,
        /// To whom.
        party: Party,
        /// How long.
        ms: u64,
    },
    /// A way goes silent while its connections stay.
    Silence {
        /// Whose.
        sidecar: usize,
        /// To whom.
        party: Party,
        /// How long.
        ms: u64,
    },
    /// A way becomes slow.
    Slow {
        /// Whose.
        sidecar: usize,
        /// To whom.
        party: Party,
        /// How long.
        ms: u64,
    },
    /// A way breaks once, in a message or around it.
    Break {
        /// Whose.
        sidecar: usize,
        /// To whom.
        party: Party,
        /// Where.
        what: Break,
    },
    /// The secondary lets nobody write its accounts.
    TakePermission {
        /// How long.
        ms: u64,
    },
    /// The secondary refuses one row in five.
    RefuseRows {
        /// How long.
        ms: u64,
    },
    /// Somebody holds a lock on all of the secondary's accounts.
    LockTable {
        /// How long.
        ms: u64,
    },
    /// A sidecar is started again with a clock that is wrong.
    StepClock {
        /// Which.
        sidecar: usize,
        /// By how much.
        hours: i8,
    },
    /// The primary changes, undisturbed.
    Flip,
    /// The primary changes, and one step is broken.
    BrokenFlip {
        /// Which.
        at: Moment,
        /// How.
        how: How,
    },
}

impl Moment {
    /// All of them, in their order.
    pub const ALL: [Self; 4] = [Self::Freeze, Self::HandOver, Self::Activate, Self::Follow];
}

impl How {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Kill, Self::Hang, Self::Error, Self::UnknownCommit];
}

impl Fault {
    /// Whether it changes the primary, or tries to.
    #[must_use]
    pub const fn flips(&self) -> bool {
        matches!(
            self,
            Self::Flip | Self::BrokenFlip { .. } | Self::SleepThroughFlip { .. }
        )
    }

    /// What kind it is, for counting.
    #[must_use]
    pub fn kind(&self) -> String {
        match self {
            Self::KillSidecar { .. } => "sidecar killed".into(),
            Self::PauseSidecar { .. } => "sidecar stopped for a while".into(),
            Self::SleepThroughFlip { .. } => "sidecar asleep through a flip".into(),
            Self::KillControlPlane { .. } => "control plane killed".into(),
            Self::KillPrimary { .. } => "primary's server killed".into(),
            Self::KillSecondary { .. } => "secondary's server killed".into(),
            Self::Cut { party, .. } => format!("cut: {}", party.as_str()),
            Self::Silence { party, .. } => format!("silent: {}", party.as_str()),
            Self::Slow { party, .. } => format!("slow: {}", party.as_str()),
            Self::Break { party, what, .. } => {
                let what = match what {
                    Break::Reset => "reset",
                    Break::MidRequest => "broken within a request",
                    Break::BeforeAnswer => "reset before the answer",
                    Break::MidAnswer => "broken within an answer",
                };
                format!("{what}: {}", party.as_str())
            }
            Self::TakePermission { .. } => "permission taken on the secondary".into(),
            Self::RefuseRows { .. } => "rows refused by the secondary".into(),
            Self::LockTable { .. } => "table of the secondary locked".into(),
            Self::StepClock { .. } => "sidecar's clock wrong by an hour".into(),
            Self::Flip => "flip".into(),
            Self::BrokenFlip { at, how } => format!("flip broken at {at:?} by {how:?}"),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}
