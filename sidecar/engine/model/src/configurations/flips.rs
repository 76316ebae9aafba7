//! Executors that are overtaken, take-over by any sidecar, lost replies.

use super::{Configuration, Depth, PUT, flipping, holds, violates};
use crate::properties::{CONVERGENCE_IN_REACH, NOTHING_LOST, ONE_PRIMARY};
use crate::rules::{Executing, Following, Happenings, Rules};

const RIGHT: Rules = Rules::PROTOCOL;

/// Two executors, one sidecar, an operator who changes his mind.
fn raced() -> Happenings {
    flipping(&[PUT], 1).sidecars(1).executors(2).aborts(1)
}

/// A sidecar that starts again knows nothing.
fn forgetful() -> Happenings {
    Happenings {
        forgetful: true,
        ..flipping(&[PUT], 1).sidecars(1)
    }
}

pub(super) fn all() -> Vec<Configuration> {
    let mut all = right();
    all.extend(wrong());
    all
}

fn right() -> Vec<Configuration> {
    let believing = Rules {
        following: Following::PlansUntilALook,
        ..RIGHT
    };
    let there_and_back = |executors| flipping(&[PUT], 2).sidecars(1).executors(executors);
    let quick = |name, rules, happenings| holds(name, Depth::Quick, rules, happenings);
    let deep = |name, happenings| holds(name, Depth::Deep, RIGHT, happenings);
    vec![
        quick(
            "take-over: two executors",
            RIGHT,
            flipping(&[PUT], 1).sidecars(1).executors(2),
        ),
        quick("take-over: forward and back", RIGHT, there_and_back(1)),
        quick(
            "a sidecar without memory starts at any time",
            RIGHT,
            forgetful(),
        ),
        quick(
            "plans are believed until the next look",
            believing,
            there_and_back(0),
        ),
        deep("take-over: two executors, abort", raced()),
        deep(
            "take-over: two sidecars, two executors",
            raced().sidecars(2).aborts(0),
        ),
        deep(
            "take-over: two executors, forward and back",
            there_and_back(2),
        ),
    ]
}

fn wrong() -> Vec<Configuration> {
    let with = |executing| Rules { executing, ..RIGHT };
    let follow = |following| Rules { following, ..RIGHT };
    let two = |name, executing| violates(name, ONE_PRIMARY, with(executing), raced());
    let stuck = |name, following, happenings| {
        violates(name, CONVERGENCE_IN_REACH, follow(following), happenings)
    };
    let once = || flipping(&[PUT], 1);
    vec![
        violates(
            "flip without drain",
            NOTHING_LOST,
            with(Executing::NoDrain),
            once(),
        ),
        two("executor does not compare", Executing::Blind),
        two("lost hand-over taken for done", Executing::UnknownIsDone),
        two("hand-over judged from memory", Executing::Memory),
        stuck(
            "only rows that say primary teach",
            Following::PrimaryRowsOnly,
            forgetful(),
        ),
        stuck(
            "plans outrank fences",
            Following::LargerEpoch,
            once().sidecars(1),
        ),
    ]
}
