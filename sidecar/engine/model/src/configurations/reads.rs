//! Reads over a flip.

use super::{Configuration, Depth, PUT, PUT_BOTH, flipping, holds, violates};
use crate::properties::{READS_ARE_FRESH, READS_ARE_WHOLE};
use crate::rules::{Reading, Rules};

const RIGHT: Rules = Rules::PROTOCOL;

pub(super) fn all() -> Vec<Configuration> {
    let with = |reading| Rules { reading, ..RIGHT };
    let read = |reads| flipping(&[PUT], 1).reads(reads);
    let of_both = |requests: &[_]| flipping(requests, 1).reads(1);
    let old = |name, reading| violates(name, READS_ARE_FRESH, with(reading), read(1));
    let deep = |name, rules, happenings| holds(name, Depth::Deep, rules, happenings);
    vec![
        holds(
            "reads over a flip, one sidecar",
            Depth::Quick,
            RIGHT,
            read(2).sidecars(1),
        ),
        holds("reads over a flip, one read", Depth::Quick, RIGHT, read(1)),
        deep("reads over a flip and an abort", RIGHT, read(2).aborts(1)),
        deep(
            "reads over a flip, two writes",
            RIGHT,
            flipping(&[PUT, PUT], 1).reads(2),
        ),
        deep(
            "reads forward and back",
            RIGHT,
            flipping(&[PUT], 2).reads(2),
        ),
        deep("reads of both keys", RIGHT, of_both(&[PUT_BOTH, PUT_BOTH])),
        deep(
            "one key, its fence read earlier",
            with(Reading::FenceEarlier),
            read(2),
        ),
        old("reads without the fence", Reading::Unfenced),
        old("reads of what has handed over", Reading::HandedToo),
        violates(
            "the fence read before the rows",
            READS_ARE_WHOLE,
            with(Reading::FenceEarlier),
            of_both(&[PUT_BOTH]),
        ),
    ]
}
