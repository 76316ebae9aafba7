//! The three stories. Each service moves at its own time: while auth is
//! already in `new_only`, product has only begun to write both, and cart goes
//! back and forth.

use dualwrite_proto::v1::Phase;
use dualwrite_tests::service::{AUTH, CART, PRODUCT, Service};

/// What happens to one service.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Story {
    /// The service.
    pub(crate) service: &'static Service,
    /// Its parts, in order.
    pub(crate) scenes: &'static [Scene],
}

/// One part of a story.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Scene {
    /// Traffic goes on, for so many times `--seconds`.
    Live(u32),
    /// A step to a neighbour phase, and why.
    Move(Phase, &'static str),
    /// What was in legacy before is copied.
    Backfill,
    /// Stays as it is until the others that meet are there too: on a slow
    /// machine their times would not overlap by themselves.
    Meet,
}

use Scene::{Backfill, Live, Meet, Move};

/// How many stories have a [`Scene::Meet`].
pub(crate) const MEETING: usize = 2;

/// All of them at once.
pub(crate) const STORIES: [Story; 3] = [
    Story {
        service: &AUTH,
        scenes: &[
            Move(Phase::DualWrite, "auth goes first: new begins to follow"),
            Backfill,
            Live(1),
            Move(Phase::NewPrimary, "new becomes the primary"),
            Live(1),
            Move(Phase::NewOnly, "legacy is not written any more"),
            Meet,
            Live(2),
            Move(Phase::NewPrimary, "back even from here: legacy catches up"),
            Live(1),
        ],
    },
    Story {
        service: &CART,
        scenes: &[
            Live(1),
            Move(Phase::DualWrite, "new begins to follow"),
            Backfill,
            Live(1),
            Move(Phase::NewPrimary, "new becomes the primary"),
            Live(1),
            Move(Phase::DualWrite, "a way back: legacy is the primary again"),
            Live(1),
            Move(Phase::NewPrimary, "and forward again"),
            Live(1),
        ],
    },
    Story {
        service: &PRODUCT,
        scenes: &[
            Live(2),
            Move(Phase::DualWrite, "the last to begin"),
            Backfill,
            Meet,
            Live(2),
            Move(Phase::NewPrimary, "new becomes the primary"),
            Live(2),
        ],
    },
];

impl Story {
    /// How often its primary changes.
    pub(crate) fn flips(&self) -> usize {
        let phases = self.scenes.iter().filter_map(|scene| match scene {
            Move(phase, _) => Some(*phase),
            Live(_) | Backfill | Meet => None,
        });
        let new: Vec<bool> = phases
            .map(|phase| matches!(phase, Phase::NewPrimary | Phase::NewOnly))
            .collect();
        new.windows(2).filter(|pair| pair[0] != pair[1]).count()
    }
}

/// A phase as operators write it.
pub(crate) const fn word(phase: Phase) -> &'static str {
    match phase {
        Phase::Unspecified => "unspecified",
        Phase::LegacyOnly => "legacy_only",
        Phase::DualWrite => "dual_write",
        Phase::NewPrimary => "new_primary",
        Phase::NewOnly => "new_only",
    }
}
