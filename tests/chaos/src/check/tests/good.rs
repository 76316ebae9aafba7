//! Histories that a correct database can have given.

use super::*;
use crate::check::check;

#[track_caller]
fn holds(events: &[Event]) {
    let verdict = check(events);
    assert!(verdict.holds(), "{:?}", verdict.violations);
}

#[test]
fn one_after_the_other() {
    let key = account(1);
    let mut made = Made::default();
    made.done(key, Step::Insert(number(5)), saw(number(5)))
        .done(key, Step::Add(2), saw(number(7)))
        .done(key, Step::Insert(number(1)), Outcome::RowExists)
        .done(key, Step::Exchange(number(7), number(9)), saw(number(9)))
        .done(key, Step::Exchange(number(7), number(8)), missed())
        .done(key, Step::Read, saw(number(9)))
        .done(key, Step::Delete, saw(None))
        .done(key, Step::Delete, missed())
        .done(key, Step::Read, missed())
        .done(key, Step::Put(number(3)), saw(number(3)));
    holds(&made.ends_with(&[(key, number(3))]));
}

#[test]
fn at_the_same_time_either_may_come_first() {
    let key = account(1);
    let mut made = Made::default();
    let first = made.send(key, Step::Put(number(1)));
    let second = made.send(key, Step::Put(number(2)));
    let read = made.send(key, Step::Read);
    made.answer(first, saw(number(1)));
    made.answer(second, saw(number(2)));
    made.answer(read, saw(number(2)));
    holds(&made.ends_with(&[(key, number(1))]));
}

#[test]
fn a_write_of_unknown_outcome_may_have_happened_late_or_never() {
    let key = account(1);
    for end in [1, 2] {
        let mut made = Made::default();
        let doubtful = made.send(key, Step::Put(number(1)));
        made.answer(doubtful, unknown());
        made.done(key, Step::Put(number(2)), saw(number(2)));
        made.done(key, Step::Read, saw(number(2)));
        holds(&made.ends_with(&[(key, number(end))]));
    }
    // One that nobody heard of again, as when the writer itself ended.
    let mut made = Made::default();
    made.send(key, Step::Put(number(1)));
    holds(&made.ends_with(&[(key, number(1))]));
}

#[test]
fn counters_and_lists() {
    let (sum, list) = (counter(1), journal(1));
    let mut made = Made::default();
    made.done(sum, Step::Insert(number(0)), saw(number(0)))
        .done(sum, Step::Add(4), saw(number(4)))
        .done(list, Step::Insert(text("a,")), saw(text("a,")))
        .done(
            list,
            Step::Exchange(text("a,"), text("a,b,")),
            saw(text("a,b,")),
        )
        .done(list, Step::Exchange(text("a,"), text("a,c,")), missed());
    let doubtful = made.send(sum, Step::Add(3));
    made.answer(doubtful, unknown());
    holds(&made.ends_with(&[(sum, number(7)), (list, text("a,b,"))]));
}

#[test]
fn both_rows_of_a_transaction() {
    let (one, other) = (counter(1), counter(2));
    let mut made = Made::default();
    made.done(one, Step::Insert(number(0)), saw(number(0)))
        .done(other, Step::Insert(number(0)), saw(number(0)));
    let moved = made.send_all(vec![(one, Step::Add(-2)), (other, Step::Add(2))]);
    let seen = [-2, 2].map(|row| Seen {
        matched: true,
        row: Some(number(row)),
    });
    made.answer(moved, Outcome::Acknowledged(seen.to_vec()));
    holds(&made.ends_with(&[(one, number(-2)), (other, number(2))]));
}

#[test]
fn what_was_refused_has_no_place_in_the_order() {
    let key = account(1);
    let mut made = Made::default();
    made.done(key, Step::Put(number(1)), saw(number(1))).done(
        key,
        Step::Put(number(2)),
        Outcome::Refused("PrimaryUnavailable".into()),
    );
    holds(&made.ends_with(&[(key, number(1))]));
}
