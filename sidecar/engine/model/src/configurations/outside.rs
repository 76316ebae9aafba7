//! A writer that knows no sidecar.

use super::{Configuration, Depth, PUT, flipping, holds, violates};
use crate::properties::OUTSIDE_ON_PRIMARY;
use crate::rules::{Guarding, Rules};

const RIGHT: Rules = Rules::PROTOCOL;

pub(super) fn all() -> Vec<Configuration> {
    let written = |flips| flipping(&[PUT], flips).outside(1);
    let wrong = |name, guarding| {
        let rules = Rules { guarding, ..RIGHT };
        violates(name, OUTSIDE_ON_PRIMARY, rules, written(1))
    };
    let deep = |name, happenings| holds(name, Depth::Deep, RIGHT, happenings);
    vec![
        holds("a writer outside, guarded", Depth::Quick, RIGHT, written(1)),
        deep(
            "a writer outside; forward and back, abort",
            written(2).aborts(1),
        ),
        deep("a writer outside and a read", written(1).reads(1)),
        wrong("a writer outside with a marker alone", Guarding::MarkerOnly),
        wrong("a guard without the lock", Guarding::Unlocked),
        wrong("a guard with an old snapshot", Guarding::OldSnapshot),
    ]
}
