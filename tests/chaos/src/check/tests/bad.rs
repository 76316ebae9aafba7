//! Histories that break one promise each.

use super::*;
use crate::check::check;

#[track_caller]
fn breaks(events: &[Event], promise: &str) {
    let verdict = check(events);
    let broken: Vec<&str> = verdict.violations.iter().map(|one| one.promise).collect();
    assert!(broken.contains(&promise), "{:?}", verdict.violations);
}

const ORDER: &str = "one order explains every answer";

#[test]
fn an_acknowledged_write_is_missing() {
    let key = account(1);
    let mut made = Made::default();
    made.done(key, Step::Put(number(1)), saw(number(1))).done(
        key,
        Step::Put(number(2)),
        saw(number(2)),
    );
    breaks(&made.ends_with(&[(key, number(1))]), ORDER);
    let mut made = Made::default();
    made.done(key, Step::Insert(number(1)), saw(number(1)));
    breaks(&made.ends_with(&[]), ORDER);
}

#[test]
fn a_deleted_row_is_back() {
    let key = account(1);
    let mut made = Made::default();
    made.done(key, Step::Insert(number(1)), saw(number(1)))
        .done(key, Step::Delete, saw(None));
    breaks(&made.ends_with(&[(key, number(1))]), ORDER);
}

#[test]
fn a_refused_write_is_there() {
    let key = account(1);
    let refused = Outcome::Refused("PrimaryUnavailable".into());
    let mut made = Made::default();
    made.done(key, Step::Put(number(1)), refused.clone());
    breaks(
        &made.ends_with(&[(key, number(1))]),
        "no refused write is there",
    );
    let mut made = Made::default();
    made.done(key, Step::Put(number(1)), saw(number(1)))
        .done(key, Step::Put(number(2)), refused);
    breaks(&made.ends_with(&[(key, number(2))]), ORDER);
}

#[test]
fn a_read_is_stale() {
    let key = account(1);
    let mut made = Made::default();
    made.done(key, Step::Put(number(1)), saw(number(1)))
        .done(key, Step::Put(number(2)), saw(number(2)))
        .done(key, Step::Read, saw(number(1)));
    breaks(&made.ends_with(&[(key, number(2))]), ORDER);
}

#[test]
fn a_stale_writer_succeeds_after_a_newer_one() {
    // The second exchange went to a primary that was none any more: both replaced the same value.
    let key = account(1);
    let mut made = Made::default();
    made.done(key, Step::Put(number(1)), saw(number(1)))
        .done(key, Step::Exchange(number(1), number(2)), saw(number(2)))
        .done(key, Step::Exchange(number(1), number(3)), saw(number(3)));
    breaks(&made.ends_with(&[(key, number(3))]), ORDER);
}

#[test]
fn a_read_goes_back_behind_an_earlier_one() {
    let key = account(1);
    let mut made = Made::default();
    made.done(key, Step::Put(number(1)), saw(number(1)));
    let write = made.send(key, Step::Put(number(2)));
    made.done(key, Step::Read, saw(number(2)));
    made.done(key, Step::Read, saw(number(1)));
    made.answer(write, saw(number(2)));
    breaks(&made.ends_with(&[(key, number(2))]), ORDER);
}

#[test]
fn an_insert_finds_a_row_that_was_never_there() {
    let key = account(1);
    let mut made = Made::default();
    made.done(key, Step::Insert(number(1)), Outcome::RowExists);
    breaks(&made.ends_with(&[]), ORDER);
}

#[test]
fn an_increment_is_lost_or_doubled() {
    let key = counter(1);
    for end in [1, 3] {
        let mut made = Made::default();
        made.done(key, Step::Insert(number(0)), saw(number(0)))
            .done(key, Step::Add(1), saw(number(1)))
            .done(key, Step::Add(1), saw(number(2)));
        let events = made.ends_with(&[(key, number(end))]);
        breaks(&events, "counters are exact");
        breaks(&events, ORDER);
    }
    // Also where nobody saw what it came to.
    let mut made = Made::default();
    made.done(key, Step::Insert(number(0)), saw(number(0)))
        .done(key, Step::Add(1), Outcome::Committed);
    breaks(&made.ends_with(&[(key, number(2))]), "counters are exact");
}

#[test]
fn an_appended_item_is_lost_doubled_or_a_stranger() {
    let key = journal(1);
    for end in ["a,", "a,b,b,", "a,b,x,", "b,a,"] {
        let mut made = Made::default();
        made.done(key, Step::Insert(text("a,")), saw(text("a,")))
            .done(
                key,
                Step::Exchange(text("a,"), text("a,b,")),
                saw(text("a,b,")),
            );
        let events = made.ends_with(&[(key, text(end))]);
        breaks(&events, "appended items are there once");
    }
}

#[test]
fn half_of_a_transaction_is_there() {
    let (one, other) = (counter(1), counter(2));
    let mut made = Made::default();
    made.done(one, Step::Insert(number(0)), saw(number(0)))
        .done(other, Step::Insert(number(0)), saw(number(0)));
    let moved = made.send_all(vec![(one, Step::Add(-2)), (other, Step::Add(2))]);
    made.answer(moved, Outcome::Committed);
    let events = made.ends_with(&[(one, number(-2)), (other, number(0))]);
    breaks(&events, "counters are exact");
}

#[test]
fn the_sides_differ() {
    let key = account(1);
    let mut made = Made::default();
    made.done(key, Step::Put(number(1)), saw(number(1)));
    made.row(Side::Legacy, key, number(1));
    let mut ghost = made.clone();
    ghost.row(Side::New, account(2), number(1));
    breaks(&made.ends_with(&[]), "both sides hold the same rows");
    breaks(&ghost.ends_with(&[]), "both sides hold the same rows");
}

#[test]
fn a_history_that_was_cut_off_proves_nothing() {
    let mut made = Made::default();
    made.done(account(1), Step::Delete, missed());
    breaks(&made.events, "the history is complete");
}
