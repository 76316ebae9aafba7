//! What must hold in every state.

use dualwrite_core::side::Role;

use crate::model::Protocol;
use crate::rules::{ALL_KEYS, Markers};
use crate::state::{KEYS, REQUESTS, State, has};

/// A property: whether it holds in a state.
pub type Holds = fn(&Protocol, &State) -> bool;

/// No foreground write commits under another epoch than the fence's.
pub const NO_STALE_COMMIT: &str = "no foreground commit under a stale epoch";
/// What was acknowledged is in the history of the side in office.
pub const NOTHING_LOST: &str = "acknowledged is in the then-primary";
/// C1: without a marker both sides hold the same.
pub const CLEAN_IS_EQUAL: &str = "no marker means no difference";
/// At rest and drained, both sides are equal.
pub const REST_IS_EQUAL: &str = "at rest and drained means equal";
/// There are never two primaries.
pub const ONE_PRIMARY: &str = "never two primaries";
/// No read shows what is older than what it has to show.
pub const READS_ARE_FRESH: &str = "reads are linearizable";
/// No read shows half of a transaction.
pub const READS_ARE_WHOLE: &str = "a read never sees half of a transaction";
/// No request takes effect twice.
pub const AT_MOST_ONCE: &str = "a request takes effect at most once";
/// What a caller was told is so.
pub const ANSWERS_ARE_TRUE: &str = "an answered outcome is true";
/// Nothing is copied to a side that is off.
pub const OFF_IS_OFF: &str = "no copy to a side that is off";
/// Writers outside commit on the primary only.
pub const OUTSIDE_ON_PRIMARY: &str = "an outside write only commits on the primary";
/// From every state the end of [`Protocol::is_converged`] can be reached.
/// Judged by [`crate::checker`], not in single states.
pub const CONVERGENCE_IN_REACH: &str = "convergence stays in reach";

/// Every property of single states.
pub const PROPERTIES: [(&str, Holds); 11] = [
    (NO_STALE_COMMIT, |_, state| !state.ghost.wrongs.stale_commit),
    (NOTHING_LOST, nothing_lost),
    (CLEAN_IS_EQUAL, clean_is_equal),
    (REST_IS_EQUAL, rest_is_equal),
    (ONE_PRIMARY, |_, state| {
        !state.fences().iter().all(|one| one.role == Role::Primary)
    }),
    (READS_ARE_FRESH, |_, state| !state.ghost.wrongs.stale_read),
    (READS_ARE_WHOLE, |_, state| !state.ghost.wrongs.torn_read),
    (AT_MOST_ONCE, |_, state| {
        state.ghost.effects.iter().all(|effects| *effects <= 1)
    }),
    (ANSWERS_ARE_TRUE, answers_are_true),
    (OFF_IS_OFF, |_, state| !state.ghost.wrongs.copy_to_off),
    (OUTSIDE_ON_PRIMARY, |_, state| {
        !state.ghost.wrongs.outside_elsewhere
    }),
];

fn nothing_lost(_: &Protocol, state: &State) -> bool {
    let ghost = &state.ghost;
    let missing = ghost.acknowledged & !ghost.lineage;
    missing == 0 && state.database(ghost.authority).rows == ghost.last
}

fn clean_is_equal(protocol: &Protocol, state: &State) -> bool {
    if protocol.rules.markers == Markers::None {
        return true;
    }
    let primary = state.database(state.ghost.authority);
    (0..KEYS).all(|key| {
        primary.markers[key] != 0
            || !has(state.pulled, key)
            || state.databases[0].rows[key] == state.databases[1].rows[key]
    })
}

fn rest_is_equal(_: &Protocol, state: &State) -> bool {
    !state.at_rest()
        || state.pulled != ALL_KEYS
        || state.databases[0].rows == state.databases[1].rows
}

fn answers_are_true(_: &Protocol, state: &State) -> bool {
    let ghost = &state.ghost;
    (0..REQUESTS).all(|request| {
        let happened = ghost.effects[request] > 0;
        (!has(ghost.told_committed, request) || happened)
            && (!has(ghost.told_aborted, request) || !happened)
    })
}
