//! Lists that are only ever appended to: each acknowledged item is there once, no refused one is,
//! and everything that was ever read is how the list began.

use std::collections::BTreeSet;

use super::Violation;
use super::operation::{Fate, Operation};
use crate::history::{Entity, Key, Step, Value};

const PROMISE: &str = "appended items are there once";

/// Checks a list.
pub(super) fn check(
    key: Key,
    operations: &[Operation],
    found: [Option<&Value>; 2],
) -> Option<Violation> {
    if key.entity != Entity::Journal {
        return None;
    }
    let (mut sure, mut possible) = (BTreeSet::new(), BTreeSet::new());
    let mut beginnings = Vec::new();
    for (step, fate) in operations.iter().flat_map(|operation| &operation.steps) {
        let appended = appended(step);
        match fate {
            Fate::Saw(seen) if seen.matched => {
                sure.extend(appended);
                if let Some(Value::Text(text)) = &seen.row {
                    beginnings.push(text.as_str());
                }
            }
            Fate::Happened => sure.extend(appended),
            Fate::Open => possible.extend(appended),
            Fate::Saw(_) | Fate::FoundARow => {}
        }
    }
    let wrong = found.into_iter().find_map(|row| match row {
        Some(Value::Text(text)) => wrong_with(text, &sure, &possible, &beginnings),
        Some(Value::Number(_)) => Some("it is a number".to_owned()),
        None if sure.is_empty() => None,
        None => Some("the list is not there".to_owned()),
    })?;
    Some(Violation::of(PROMISE, Some(key), wrong))
}

/// The item that a step puts at the end; an exchange is an append here, and an insert begins.
fn appended(step: &Step) -> Option<&str> {
    let text = match step {
        Step::Exchange(_, Value::Text(to)) | Step::Insert(Value::Text(to)) => to,
        Step::Exchange(..)
        | Step::Insert(_)
        | Step::Put(_)
        | Step::Add(_)
        | Step::Delete
        | Step::Read => return None,
    };
    text.trim_end_matches(',').rsplit(',').next()
}

fn wrong_with(
    text: &str,
    sure: &BTreeSet<&str>,
    possible: &BTreeSet<&str>,
    beginnings: &[&str],
) -> Option<String> {
    let mut there = BTreeSet::new();
    for item in text.split_terminator(',') {
        if !there.insert(item) {
            return Some(format!("item {item} is there twice"));
        }
        if !sure.contains(item) && !possible.contains(item) {
            return Some(format!("item {item} was never accepted"));
        }
    }
    if let Some(lost) = sure.difference(&there).next() {
        return Some(format!("item {lost} was acknowledged and is missing"));
    }
    let other = beginnings.iter().find(|read| !text.starts_with(**read))?;
    let last = other.trim_end_matches(',').rsplit(',').next();
    Some(format!(
        "a list was read that is no beginning of it, ending with {}",
        last.unwrap_or_default()
    ))
}
