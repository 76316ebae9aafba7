//! Writes, relay, flip and abort; and the obvious protocols that are wrong.

use super::{
    Configuration, DELETE, Depth, PUT, PUT_BOTH, Request, flipping, holds, violates, writing,
};
use crate::properties::{CLEAN_IS_EQUAL, NO_STALE_COMMIT, NOTHING_LOST, REST_IS_EQUAL};
use crate::rules::{
    Fencing, Happenings, Markers, Mode, Relaying, Rules, SecondaryFencing, Versions,
};

const ASYNC: Rules = Rules::PROTOCOL;

const NESTED: Rules = Rules {
    mode: Mode::Nested,
    ..ASYNC
};

const NAIVE: Rules = Rules {
    mode: Mode::Sequential,
    markers: Markers::None,
    relaying: Relaying::None,
    key_lock: false,
    fencing: Fencing::None,
    secondary_fencing: SecondaryFencing::None,
    ..ASYNC
};

/// The first design: appended markers, a relay that holds the primary's row.
const APPENDED: Rules = Rules {
    markers: Markers::Appended,
    relaying: Relaying::HoldsPrimaryRow,
    key_lock: false,
    ..NESTED
};

/// The primary commits, then a write of the secondary is sent and commits by
/// itself; as a pipelined BEGIN, write, COMMIT does.
const PIPELINED: Rules = Rules {
    mode: Mode::Sequential,
    ..ASYNC
};

const TWICE: [Request; 2] = [PUT, DELETE];
const AGAIN: [Request; 2] = [PUT, PUT];

pub(super) fn all() -> Vec<Configuration> {
    let mut all = quick();
    all.extend(deep_async());
    all.extend(deep_nested());
    all.extend(naive());
    all.extend(without_one_rule());
    all.extend(without_one_fence());
    all
}

fn quick() -> Vec<Configuration> {
    let token_first = Rules {
        relaying: Relaying::TokenThenRow,
        ..ASYNC
    };
    let holds = |name, rules, happenings| holds(name, Depth::Quick, rules, happenings);
    let flip = || flipping(&TWICE, 1);
    vec![
        holds("async: insert, delete; flip", ASYNC, flip()),
        holds(
            "async: a flip, an abort",
            ASYNC,
            flip().sidecars(1).aborts(1),
        ),
        holds(
            "async: token read before the row",
            token_first,
            flip().sidecars(1),
        ),
        holds("async: two keys", ASYNC, writing(&[PUT_BOTH, PUT])),
        holds("nested: insert, delete", NESTED, writing(&TWICE)),
        holds(
            "nested: insert, delete, InnoDB",
            NESTED,
            writing(&TWICE).innodb(),
        ),
        holds("nested: a flip", NESTED, flip().sidecars(1)),
    ]
}

fn deep_async() -> Vec<Configuration> {
    let apart = Happenings {
        looks_apart: true,
        ..flipping(&[PUT], 2)
    };
    let thrice = [PUT, DELETE, PUT];
    let hold = |name, happenings| holds(name, Depth::Deep, ASYNC, happenings);
    vec![
        hold(
            "async: insert, delete; forward and back",
            flipping(&TWICE, 2),
        ),
        hold(
            "async: insert, delete; forward and back, abort",
            flipping(&TWICE, 2).aborts(1),
        ),
        hold(
            "async: delete, insert; flip, abort",
            flipping(&[DELETE, PUT], 1).with_row().aborts(1),
        ),
        hold(
            "async: update, update; forward and back",
            flipping(&AGAIN, 2).with_row(),
        ),
        hold(
            "async: insert, delete, insert; forward and back",
            flipping(&thrice, 2),
        ),
        hold(
            "async: flip, abort, InnoDB",
            flipping(&TWICE, 1).aborts(1).innodb(),
        ),
        hold("async: each fence looked at apart", apart),
        hold(
            "async: two keys; forward and back",
            flipping(&[PUT_BOTH, PUT], 2),
        ),
    ]
}

fn deep_nested() -> Vec<Configuration> {
    let thrice = [PUT, DELETE, PUT];
    let hold = |name, happenings| holds(name, Depth::Deep, NESTED, happenings);
    vec![
        hold(
            "nested: insert, delete; flip, abort",
            flipping(&TWICE, 1).aborts(1),
        ),
        hold(
            "nested: delete, insert; forward and back",
            flipping(&[DELETE, PUT], 2).with_row(),
        ),
        hold("nested: insert, delete, insert", writing(&thrice)),
        hold("nested: insert, delete, insert; flip", flipping(&thrice, 1)),
        hold(
            "nested: insert, delete, insert, InnoDB",
            writing(&thrice).innodb(),
        ),
        hold("nested: two keys; flip", flipping(&[PUT_BOTH, PUT], 1)),
    ]
}

fn naive() -> Vec<Configuration> {
    let parallel = Rules {
        mode: Mode::Parallel,
        ..NAIVE
    };
    let drawn_early = Rules {
        relaying: Relaying::Unlocked,
        versions: Versions::DrawnEarly,
        key_lock: false,
        ..PIPELINED
    };
    let wrong = |name, rules, happenings| violates(name, CLEAN_IS_EQUAL, rules, happenings);
    let thrice = [PUT, DELETE, PUT];
    vec![
        violates(
            "naive dual write, one after the other",
            REST_IS_EQUAL,
            NAIVE,
            writing(&[PUT]),
        ),
        violates(
            "naive dual write, both at once",
            REST_IS_EQUAL,
            parallel,
            writing(&[PUT]),
        ),
        wrong(
            "appended markers, relay holds the row",
            APPENDED,
            writing(&TWICE),
        ),
        wrong("the same on InnoDB", APPENDED, writing(&thrice).innodb()),
        wrong(
            "primary first, then an auto-committed copy",
            PIPELINED,
            writing(&AGAIN),
        ),
        wrong(
            "versions drawn before the row is locked",
            drawn_early,
            writing(&AGAIN),
        ),
    ]
}

fn without_one_rule() -> Vec<Configuration> {
    let markers = |markers, rules| Rules { markers, ..rules };
    let relaying = |relaying| Rules { relaying, ..ASYNC };
    let by_key = Markers::ByKey;
    let no_key_lock = Rules {
        key_lock: false,
        ..NESTED
    };
    let both = [PUT_BOTH, PUT];
    let wrong = |name, rules, happenings| violates(name, CLEAN_IS_EQUAL, rules, happenings);
    vec![
        wrong(
            "markers deleted by key",
            markers(by_key, ASYNC),
            writing(&AGAIN),
        ),
        wrong(
            "nested, markers deleted by key",
            markers(by_key, NESTED),
            writing(&AGAIN),
        ),
        wrong(
            "markers deleted by token",
            markers(Markers::ByToken, NESTED),
            writing(&both),
        ),
        wrong("nested without the key lock", no_key_lock, writing(&TWICE)),
        wrong(
            "relay without a lock",
            relaying(Relaying::Unlocked),
            writing(&AGAIN),
        ),
        wrong(
            "relay reads row, then token",
            relaying(Relaying::RowThenToken),
            writing(&AGAIN),
        ),
    ]
}

fn without_one_fence() -> Vec<Configuration> {
    let on_primary_alone = Rules {
        secondary_fencing: SecondaryFencing::None,
        ..ASYNC
    };
    let nowhere = Rules {
        fencing: Fencing::None,
        ..on_primary_alone
    };
    let unlocked = Rules {
        fencing: Fencing::Unlocked,
        ..NESTED
    };
    let once = || flipping(&[PUT], 1);
    vec![
        violates(
            "no fence in the databases",
            NO_STALE_COMMIT,
            nowhere,
            once(),
        ),
        violates(
            "epoch read without a lock",
            NO_STALE_COMMIT,
            unlocked,
            once(),
        ),
        violates(
            "fence on the primary alone",
            NOTHING_LOST,
            on_primary_alone,
            flipping(&AGAIN, 1),
        ),
    ]
}
