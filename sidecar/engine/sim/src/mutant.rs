//! Engines that are broken on purpose, each in one way that the model found to
//! be wrong: the simulation must find every one.
//!
//! The engine has no seam for this. What is broken are the statements beneath
//! it ([`crate::store`]), as a careless adapter or a careless rule would have
//! them: the marker forgotten, the key lock not taken, a fence that was not
//! asked.

use dualwrite_core::flags::Flags;
use dualwrite_core::phase::Phase;

use crate::scenario::{Moves, Scenario};
use crate::sky::Faults;

/// One way to break the protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mutant {
    /// Markers are removed by key, whatever their token.
    NoTokenCompare,
    /// A commit on the secondary whose outcome is unknown counts as done.
    DoubtIsDone,
    /// Rows are written without a marker.
    NoMarker,
    /// Nobody takes key locks on the secondary.
    NoKeyLock,
    /// Copies are written to the secondary whatever its fence says.
    NoFenceOnSecondary,
    /// Writes are made on the primary whatever its fence says.
    NoFenceOnPrimary,
    /// The fence is read, and not locked, before the write.
    UnlockedFence,
    /// The authority is handed over with markers left.
    NoDrain,
    /// The copy reads the row first and its token later.
    RowThenToken,
    /// The copy takes the key lock only after it has read the primary.
    ReadsBeforeLock,
    /// The secondary commits before the primary.
    SecondaryFirst,
    /// A side becomes primary that nobody handed the authority to.
    ActivatesUnasked,
    /// A change of the fence overwrites whatever stands there.
    BlindChange,
    /// A repeated request is looked for on the new primary alone.
    LooksOnlyHere,
    /// A request is answered `aborted` without anything that stops it.
    AbortsByLooking,
    /// What was once read of the fences is believed for ever.
    NeverLooksAgain,
}

impl Mutant {
    /// All of them.
    pub const ALL: [Self; 16] = [
        Self::NoTokenCompare,
        Self::DoubtIsDone,
        Self::NoMarker,
        Self::NoKeyLock,
        Self::NoFenceOnSecondary,
        Self::NoFenceOnPrimary,
        Self::UnlockedFence,
        Self::NoDrain,
        Self::RowThenToken,
        Self::ReadsBeforeLock,
        Self::SecondaryFirst,
        Self::ActivatesUnasked,
        Self::BlindChange,
        Self::LooksOnlyHere,
        Self::AbortsByLooking,
        Self::NeverLooksAgain,
    ];

    /// Its name.
    #[must_use]
    pub fn name(self) -> String {
        format!("{self:?}")
    }

    /// A scenario of this seed in which the rule matters.
    #[must_use]
    pub fn scenario(self, seed: u64) -> Scenario {
        let scenario = Scenario {
            moves: Moves::Flip,
            phase: Phase::DualWrite,
            faults: Faults::of(60),
            zombies: 300,
            pause: 10,
            keys: 3,
            impatient: 500,
            blows: Some(2_000),
            ..Scenario::of(seed)
        };
        let nested = Flags {
            async_new: false,
            async_legacy: false,
            ..scenario.flags.clone()
        };
        match self {
            // What the secondary's own transaction does wrong shows where it is
            // part of the call.
            Self::SecondaryFirst | Self::NoKeyLock | Self::UnlockedFence => Scenario {
                flags: nested,
                faults: Faults::of(200),
                ..scenario
            },
            Self::NoFenceOnSecondary => Scenario {
                moves: Moves::Walk,
                ..scenario
            },
            // Requests that arrive after their caller has asked for them.
            Self::AbortsByLooking => Scenario {
                faults: Faults {
                    late: 600,
                    ..Faults::of(20)
                },
                impatient: 6_000,
                moves: Moves::Stay,
                blows: None,
                ..scenario
            },
            Self::RowThenToken => Scenario {
                keys: 2,
                pause: 5,
                clients: 6,
                faults: Faults::default(),
                blows: None,
                ..scenario
            },
            Self::NoTokenCompare
            | Self::DoubtIsDone
            | Self::NoMarker
            | Self::NoFenceOnPrimary
            | Self::NoDrain
            | Self::ReadsBeforeLock
            | Self::ActivatesUnasked
            | Self::BlindChange
            | Self::LooksOnlyHere
            | Self::NeverLooksAgain => scenario,
        }
    }
}
