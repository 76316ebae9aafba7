//! Repeated requests whose outcome is unknown, over flips.

use dualwrite_core::phase::Phase;

use super::{Configuration, Depth, PUT, flipping, holds, violates};
use crate::properties::{ANSWERS_ARE_TRUE, AT_MOST_ONCE};
use crate::rules::{Ask, Following, Happenings, Retrying, Rules};

const RIGHT: Rules = Rules::PROTOCOL;

/// Plans are believed until the next look.
const BELIEVING: Rules = Rules {
    following: Following::PlansUntilALook,
    ..RIGHT
};

const EXECUTE: Ask = Ask::Execute(0);
const OUTCOME: Ask = Ask::Outcome(0);

fn twice() -> Happenings {
    flipping(&[PUT], 1).asked(&[EXECUTE, EXECUTE])
}

/// Executed twice, asked once, over a flip and the way back.
fn there_and_back() -> Happenings {
    flipping(&[PUT], 2).asked(&[EXECUTE, EXECUTE, OUTCOME])
}

pub(super) fn all() -> Vec<Configuration> {
    let mut all = right();
    all.extend(wrong());
    all
}

fn right() -> Vec<Configuration> {
    let phases = [
        Phase::NewPrimary,
        Phase::NewOnly,
        Phase::NewPrimary,
        Phase::DualWrite,
    ];
    let over_new_only = flipping(&[PUT], 0)
        .going(Phase::DualWrite, &phases)
        .asked(&[EXECUTE, OUTCOME])
        .sidecars(1);
    let quick = |name, rules, happenings| holds(name, Depth::Quick, rules, happenings);
    let deep = |name, rules, happenings| holds(name, Depth::Deep, rules, happenings);
    vec![
        quick("receipts: executed twice; flip", RIGHT, twice()),
        quick("receipts: over new_only and back", RIGHT, over_new_only),
        quick(
            "receipts: plans believed until the next look",
            BELIEVING,
            twice(),
        ),
        deep(
            "receipts: twice, asked once; forward and back",
            RIGHT,
            there_and_back(),
        ),
        deep("receipts: flip, abort", RIGHT, twice().aborts(1)),
        deep(
            "receipts: executor overtaken",
            RIGHT,
            twice().executors(1).aborts(1),
        ),
        deep(
            "receipts: plans believed, forward and back",
            BELIEVING,
            there_and_back(),
        ),
    ]
}

fn wrong() -> Vec<Configuration> {
    let with = |retrying| Rules { retrying, ..RIGHT };
    let doubled = |name, retrying| violates(name, AT_MOST_ONCE, with(retrying), there_and_back());
    let untrue = |name, rule| violates(name, ANSWERS_ARE_TRUE, with(rule), there_and_back());
    let unfenced = Rules {
        retrying: Retrying::LooksUnfenced,
        ..BELIEVING
    };
    vec![
        doubled(
            "a repetition looks at the primary alone",
            Retrying::PrimaryOnly,
        ),
        doubled("a look kept over a change of epoch", Retrying::LookKept),
        doubled(
            "a refused attempt goes on without a look",
            Retrying::StaleSkipsLook,
        ),
        doubled(
            "a delayed first attempt does not look",
            Retrying::FirstSkipsLook,
        ),
        untrue(
            "`aborted` from a look, without the insert",
            Retrying::LookOnly,
        ),
        untrue(
            "settled on the other side, final there",
            Retrying::SettlesElsewhere,
        ),
        untrue(
            "settled elsewhere, and goes on",
            Retrying::SettlesElsewhereAndGoesOn,
        ),
        untrue("settled without the fence", Retrying::SettlesUnfenced),
        violates(
            "looks without the other side's fence",
            AT_MOST_ONCE,
            unfenced,
            twice(),
        ),
    ]
}
