//! What SQL found at the end.

use std::collections::BTreeMap;

use super::operation::Operation;
use super::{Rows, Violation};
use crate::history::{Event, Key, Side};

/// Differences that are spelled out.
const SHOWN: usize = 10;

/// The rows of legacy, and of new.
pub(super) fn rows(events: &[Event]) -> [Rows; 2] {
    Side::BOTH.map(|wanted| {
        let rows = events.iter().filter_map(|event| match event {
            Event::Row { side, key, value } if *side == wanted => Some((*key, value.clone())),
            Event::Row { .. }
            | Event::Began(_)
            | Event::Intent(_)
            | Event::End(_)
            | Event::Fault { .. }
            | Event::Complete => None,
        });
        rows.collect()
    })
}

/// Rows that only one side has, or that differ.
pub(super) fn compare(legacy: &Rows, new: &Rows) -> Vec<Violation> {
    let keys = legacy
        .keys()
        .chain(new.keys().filter(|key| !legacy.contains_key(key)));
    let differing = keys.filter(|key| legacy.get(key) != new.get(key));
    let told = differing.take(SHOWN).map(|key| {
        let show = |rows: &Rows| {
            let value = rows.get(key);
            value.map_or_else(|| "not there".to_owned(), ToString::to_string)
        };
        let what = format!("{} on legacy, {} on new", show(legacy), show(new));
        Violation::of("both sides hold the same rows", Some(*key), what)
    });
    told.collect()
}

/// Rows that nobody wrote.
pub(super) fn strangers(rows: &Rows, written: &BTreeMap<Key, Vec<Operation>>) -> Vec<Violation> {
    let strangers = rows.keys().filter(|key| !written.contains_key(key));
    let told = strangers.take(SHOWN).map(|key| {
        let what = "it is there, and no write of it can have taken effect";
        Violation::of("no refused write is there", Some(*key), what)
    });
    told.collect()
}
