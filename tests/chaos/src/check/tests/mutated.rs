//! Good histories by chance, and what the checker says when one thing in them is changed.

use std::collections::BTreeMap;

use proptest::prelude::*;
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};

use super::*;
use crate::check::check;

/// Rows of a history.
const ROWS: u64 = 3;

/// Operations of a history.
const OPERATIONS: usize = 60;

/// Operations that are under way at the same time.
const CLIENTS: usize = 4;

/// A history as a correct database gives it: each operation takes effect at one moment between
/// being sent and being answered. Values are never used twice.
fn good(seed: u64) -> (Made, BTreeMap<Key, Value>) {
    let mut rng = StdRng::seed_from_u64(seed);
    let mut made = Made::default();
    let mut rows: BTreeMap<Key, Value> = BTreeMap::new();
    let mut under_way: Vec<(u64, Key, Step, Option<Outcome>)> = Vec::new();
    for turn in 0..OPERATIONS {
        let key = match rng.random_range(0..4) {
            0 => counter(1),
            _ => account(rng.random_range(0..ROWS)),
        };
        let step = step(&mut rng, key, rows.get(&key), turn);
        let number = made.send(key, step.clone());
        under_way.push((number, key, step, None));
        while under_way.len() >= CLIENTS {
            let place = rng.random_range(0..under_way.len());
            let (_, key, step, outcome) = &mut under_way[place];
            if outcome.is_none() {
                *outcome = Some(apply(&mut rows, *key, step));
            } else if let (number, _, _, Some(outcome)) = under_way.swap_remove(place) {
                made.answer(number, outcome);
            }
        }
    }
    for (number, key, step, outcome) in under_way {
        let outcome = outcome.unwrap_or_else(|| apply(&mut rows, key, &step));
        made.answer(number, outcome);
    }
    (made, rows)
}

fn step(rng: &mut StdRng, key: Key, held: Option<&Value>, turn: usize) -> Step {
    let fresh = number(1_000 * (1 + i64::try_from(turn).unwrap()));
    if key.entity == Entity::Counter {
        return if held.is_none() {
            Step::Insert(number(0))
        } else {
            Step::Add(rng.random_range(1..5))
        };
    }
    match (rng.random_range(0..6), held) {
        (0, _) => Step::Insert(fresh),
        (1, _) => Step::Put(fresh),
        (2, _) => Step::Add(rng.random_range(1..5)),
        (3, Some(held)) => Step::Exchange(held.clone(), fresh),
        (4, _) => Step::Delete,
        _ => Step::Read,
    }
}

/// What a correct database does, told once more and differently: on a map of rows.
fn apply(rows: &mut BTreeMap<Key, Value>, key: Key, step: &Step) -> Outcome {
    let held = rows.get(&key).cloned();
    match (step, held) {
        (Step::Insert(_), Some(_)) => return Outcome::RowExists,
        (Step::Insert(to), None) | (Step::Put(to), _) => {
            rows.insert(key, to.clone());
        }
        (Step::Add(by), Some(Value::Number(held))) => {
            rows.insert(key, number(held + by));
        }
        (Step::Exchange(from, to), Some(held)) if held == *from => {
            rows.insert(key, to.clone());
        }
        (Step::Delete, Some(_)) => {
            rows.remove(&key);
            return saw(None);
        }
        (Step::Read, Some(_)) => {}
        _ => return missed(),
    }
    saw(rows.get(&key).cloned())
}

fn ended(made: &mut Made, rows: &BTreeMap<Key, Value>) -> Vec<Event> {
    let rows: Vec<(Key, Value)> = rows
        .iter()
        .map(|(key, value)| (*key, value.clone()))
        .collect();
    made.ends_with(&rows)
}

/// Places of the answers that changed a row.
fn changes(events: &[Event]) -> Vec<usize> {
    let reads = |operation| intent(events, operation).is_none_or(|it| it.steps[0].1 == Step::Read);
    let places = events.iter().enumerate().filter(|(_, event)| {
        if let Event::End(end) = event
            && let Outcome::Acknowledged(seen) = &end.outcome
        {
            seen[0].matched && !reads(end.operation)
        } else {
            false
        }
    });
    places.map(|(place, _)| place).collect()
}

fn intent(events: &[Event], operation: u64) -> Option<&Intent> {
    events.iter().find_map(|event| {
        if let Event::Intent(intent) = event {
            (intent.operation == operation).then_some(intent)
        } else {
            None
        }
    })
}

fn end_at(events: &mut [Event], place: usize) -> &mut End {
    let Event::End(end) = &mut events[place] else {
        panic!("an answer");
    };
    end
}

fn value_in(outcome: &mut Outcome) -> Option<&mut Value> {
    if let Outcome::Acknowledged(seen) = outcome {
        seen[0].row.as_mut()
    } else {
        None
    }
}

/// The values that SQL found.
fn found(events: &mut [Event]) -> Vec<(Key, &mut Value)> {
    let rows = events.iter_mut().filter_map(|event| {
        if let Event::Row { key, value, .. } = event {
            Some((*key, value))
        } else {
            None
        }
    });
    rows.collect()
}

/// Adds an operation at the end, before the rows were read.
fn add(events: &mut Vec<Event>, intent: Intent, outcome: Outcome) {
    let last = events
        .iter()
        .position(|event| matches!(event, Event::Row { .. }));
    let place = last.unwrap_or(events.len() - 1);
    let end = End {
        operation: intent.operation,
        at: intent.at + 1,
        ms: 0,
        tries: 1,
        outcome,
    };
    events.insert(place, Event::Intent(intent));
    events.insert(place + 1, Event::End(end));
}

/// One change that no correct database can have given; `None` where this history has no place
/// for it. `place` is that of an answer that changed a row.
type Mutation = fn(events: Vec<Event>, place: usize) -> Option<Vec<Event>>;

/// Ways to change a history.
const MUTATIONS: &[Mutation] = &[
    a_write_is_acknowledged_and_nowhere,
    a_write_that_is_there_was_refused,
    an_answer_holds_another_value,
    |events, _| counters_are_off(events, 1),
    |events, _| counters_are_off(events, -1),
    one_side_lost_a_row,
    one_side_has_another_value,
    both_sides_have_another_value,
    |events, _| Some(a_stranger_is_there(events)),
    two_answers_are_exchanged,
    a_write_is_acknowledged_twice,
    |events, _| Some(the_last_line_is_missing(events)),
];

/// Later than anything in these histories.
const LATE: u64 = 1_000_000;

fn a_write_is_acknowledged_and_nowhere(mut events: Vec<Event>, place: usize) -> Option<Vec<Event>> {
    let operation = end_at(&mut events, place).operation;
    let like = intent(&events, operation)?.clone();
    let lost = Intent {
        operation: LATE,
        at: LATE,
        steps: vec![(account(0), Step::Put(number(-1)))],
        ..like
    };
    add(&mut events, lost, saw(number(-1)));
    Some(events)
}

fn a_write_that_is_there_was_refused(mut events: Vec<Event>, place: usize) -> Option<Vec<Event>> {
    let end = end_at(&mut events, place);
    let operation = end.operation;
    let value = value_in(&mut end.outcome)?.clone();
    end.outcome = Outcome::Refused("so it was said".into());
    // Its value has to be in the end: else it may be that nothing contradicts.
    let there = found(&mut events).into_iter().any(|(_, row)| *row == value);
    let step = &intent(&events, operation)?.steps[0].1;
    let unique = matches!(step, Step::Put(_) | Step::Insert(_) | Step::Exchange(..));
    (there && unique && value != number(0)).then_some(events)
}

fn an_answer_holds_another_value(mut events: Vec<Event>, place: usize) -> Option<Vec<Event>> {
    *value_in(&mut end_at(&mut events, place).outcome)? = number(-7);
    Some(events)
}

fn counters_are_off(mut events: Vec<Event>, by: i64) -> Option<Vec<Event>> {
    let mut changed = false;
    for (key, value) in found(&mut events) {
        if let (Entity::Counter, Value::Number(held)) = (key.entity, value) {
            *held += by;
            changed = true;
        }
    }
    changed.then_some(events)
}

fn one_side_lost_a_row(mut events: Vec<Event>, _: usize) -> Option<Vec<Event>> {
    let row = events
        .iter()
        .position(|event| matches!(event, Event::Row { .. }))?;
    events.remove(row);
    Some(events)
}

fn one_side_has_another_value(mut events: Vec<Event>, _: usize) -> Option<Vec<Event>> {
    let (_, value) = found(&mut events).into_iter().next()?;
    *value = number(-9);
    Some(events)
}

fn both_sides_have_another_value(mut events: Vec<Event>, _: usize) -> Option<Vec<Event>> {
    let rows = found(&mut events);
    let any = !rows.is_empty();
    for (_, value) in rows {
        *value = number(-9);
    }
    any.then_some(events)
}

fn a_stranger_is_there(mut events: Vec<Event>) -> Vec<Event> {
    for side in Side::BOTH {
        let row = Event::Row {
            side,
            key: account(999),
            value: number(1),
        };
        events.insert(0, row);
    }
    events
}

fn two_answers_are_exchanged(mut events: Vec<Event>, place: usize) -> Option<Vec<Event>> {
    let one = end_at(&mut events, place).outcome.clone();
    let places = changes(&events).into_iter();
    let mut others = places.filter(|other| end_at(&mut events, *other).outcome != one);
    let other = others.next()?;
    let outcome = std::mem::replace(&mut end_at(&mut events, other).outcome, one);
    end_at(&mut events, place).outcome = outcome;
    Some(events)
}

fn a_write_is_acknowledged_twice(mut events: Vec<Event>, place: usize) -> Option<Vec<Event>> {
    let end = end_at(&mut events, place).clone();
    let again = intent(&events, end.operation)?.clone();
    // Only what changes the row each time tells two from one.
    if !matches!(again.steps[0].1, Step::Add(_)) {
        return None;
    }
    let twice = Intent {
        operation: LATE,
        at: LATE,
        ..again
    };
    add(&mut events, twice, end.outcome);
    Some(events)
}

fn the_last_line_is_missing(mut events: Vec<Event>) -> Vec<Event> {
    events.pop();
    events
}

/// A good history, changed in this way; `None` where it has no place for it.
fn mutated(seed: u64, which: usize, draw: usize) -> Option<Vec<Event>> {
    let (mut made, rows) = good(seed);
    let events = ended(&mut made, &rows);
    let changes = changes(&events);
    let place = *changes.get(draw % changes.len().max(1))?;
    MUTATIONS[which](events, place)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn a_correct_database_is_never_accused(seed: u64) {
        let (mut made, rows) = good(seed);
        let verdict = check(&ended(&mut made, &rows));
        prop_assert!(verdict.holds(), "{:?}", verdict.violations);
    }

    #[test]
    fn doubt_accuses_nobody(seed: u64, one_in in 2_u64..10) {
        // Any answer may have been lost: what is known is less, and still true.
        let (mut made, rows) = good(seed);
        let mut events = ended(&mut made, &rows);
        for event in &mut events {
            if let Event::End(end) = event && end.operation.is_multiple_of(one_in) {
                end.outcome = unknown();
            }
        }
        let verdict = check(&events);
        prop_assert!(verdict.holds(), "{:?}", verdict.violations);
    }

    #[test]
    fn one_wrong_thing_is_always_noticed(seed: u64, which in 0..MUTATIONS.len(), draw: usize) {
        if let Some(events) = mutated(seed, which, draw) {
            prop_assert!(!check(&events).holds(), "mutation {which} goes unnoticed");
        }
    }
}

#[test]
fn every_mutation_has_a_place_somewhere() {
    for which in 0..MUTATIONS.len() {
        let mut draws = (0..50).flat_map(|seed| (0..40).map(move |draw| (seed, draw)));
        let found = draws.any(|(seed, draw)| mutated(seed, which, draw).is_some());
        assert!(found, "mutation {which}");
    }
}
