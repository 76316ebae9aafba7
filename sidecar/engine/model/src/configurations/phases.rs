//! Changes that keep the primary: `off` and back, with markers kept or with a
//! backfill.

use dualwrite_core::phase::Phase;

use super::{Configuration, Depth, PUT, holds, violates, writing};
use crate::properties::{CLEAN_IS_EQUAL, OFF_IS_OFF};
use crate::rules::{Happenings, Rules, SecondaryFencing};

const RIGHT: Rules = Rules::PROTOCOL;

fn off_and_on(keep_markers: bool) -> Happenings {
    let there = [Phase::LegacyOnly, Phase::DualWrite];
    Happenings {
        keep_markers,
        ..writing(&[PUT, PUT]).going(Phase::DualWrite, &there)
    }
}

fn first_open() -> Happenings {
    writing(&[PUT, PUT]).going(Phase::LegacyOnly, &[Phase::DualWrite])
}

/// Through every phase, and back from the last.
fn all_the_way() -> Happenings {
    let stops = [
        Phase::DualWrite,
        Phase::NewPrimary,
        Phase::NewOnly,
        Phase::NewPrimary,
    ];
    writing(&[PUT]).going(Phase::LegacyOnly, &stops)
}

pub(super) fn all() -> Vec<Configuration> {
    let mut all = right();
    all.extend(wrong());
    all
}

fn right() -> Vec<Configuration> {
    let epoch_alone = Rules {
        secondary_fencing: SecondaryFencing::Epoch,
        ..RIGHT
    };
    let quick = |name, rules, happenings: Happenings| {
        holds(name, Depth::Quick, rules, happenings.sidecars(1))
    };
    let deep = |name, happenings| holds(name, Depth::Deep, RIGHT, happenings);
    vec![
        quick("off and on, markers kept", RIGHT, off_and_on(true)),
        quick("off and on, backfill", RIGHT, off_and_on(false)),
        quick("first dual_write, backfill", RIGHT, first_open()),
        quick(
            "all the way to new_only and a step back",
            RIGHT,
            all_the_way(),
        ),
        quick(
            "copies check the epoch but not the role",
            epoch_alone,
            off_and_on(true),
        ),
        deep("off and on, markers kept, two sidecars", off_and_on(true)),
        deep("off and on, backfill, two sidecars", off_and_on(false)),
        deep("first dual_write, backfill, two sidecars", first_open()),
        deep("all the way, two sidecars", all_the_way()),
    ]
}

fn wrong() -> Vec<Configuration> {
    let no_fence = Rules {
        secondary_fencing: SecondaryFencing::None,
        ..RIGHT
    };
    let no_epoch = Rules {
        new_epochs: false,
        ..RIGHT
    };
    let no_epoch_no_role = Rules {
        secondary_fencing: SecondaryFencing::Epoch,
        ..no_epoch
    };
    let unbound = Rules {
        backfill_is_bound: false,
        ..RIGHT
    };
    let off = |name, rules| violates(name, OFF_IS_OFF, rules, off_and_on(true));
    let unequal = |name, rules, happenings| violates(name, CLEAN_IS_EQUAL, rules, happenings);
    vec![
        off("copies do not check the secondary's fence", no_fence),
        off(
            "no new epoch, and copies do not check the role",
            no_epoch_no_role,
        ),
        unequal(
            "no new epoch: writers without markers go on",
            no_epoch,
            first_open(),
        ),
        unequal(
            "backfill of older epochs counts",
            unbound,
            off_and_on(false),
        ),
    ]
}
