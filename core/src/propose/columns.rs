//! Which column is which, in a pair of tables.

mod likeness;
mod state;

use super::joint::{Joint, joint};
use super::read::Read;
use crate::convert::Convert;

pub(super) use likeness::Likeness;
use state::State;

/// One legacy column and one new one, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Edge {
    pub(super) legacy: usize,
    pub(super) new: usize,
    pub(super) likeness: Likeness,
}

/// What was found of a pair of tables.
#[derive(Debug, Default)]
pub(super) struct Matched {
    /// One to one.
    pub(super) pairs: Vec<Edge>,
    /// Alike by name, but not to be joined.
    pub(super) apart: Vec<Edge>,
    /// What only a person can answer, each list one question: one answer that
    /// nothing proves, or several that are equally good.
    pub(super) open: Vec<Vec<Edge>>,
    /// Legacy columns without an answer.
    pub(super) legacy_left: Vec<usize>,
    /// New columns without an answer.
    pub(super) new_left: Vec<usize>,
}

/// Columns of foreign keys that lead to the same entity: legacy, new.
pub(super) type Referring = [(usize, usize)];

/// Matches the columns of two tables: reason by reason, the best first, and at
/// each only where it leaves no choice. What is left then and could be the same
/// becomes a question.
pub(super) fn matched(legacy: &Read<'_>, new: &Read<'_>, referring: &Referring) -> Matched {
    let edges = edges(legacy, new, referring);
    let (joining, apart): (Vec<Edge>, Vec<Edge>) = edges
        .into_iter()
        .partition(|edge| joins(legacy, new, *edge));
    let mut state = State::of(legacy, new);
    for likeness in Likeness::BEST_FIRST {
        state.settle(&joining, likeness);
        if likeness >= Likeness::Core {
            state.set_apart(&apart, likeness);
        }
    }
    state.settle_key(legacy, new);
    state.settle(&joining, Likeness::Part);
    let alone = state.alone(legacy, new);
    state.settle(&alone, Likeness::Alone);
    let behind = state.behind(legacy, new);
    state.settle(&behind, Likeness::Behind);
    state.finish()
}

/// How many new columns have a legacy one that joins, roughly: for telling
/// tables apart.
pub(super) fn likely(legacy: &Read<'_>, new: &Read<'_>) -> Vec<Edge> {
    let found = matched(legacy, new, &[]);
    found
        .pairs
        .into_iter()
        .filter(|edge| edge.likeness > Likeness::Typo)
        .collect()
}

fn joins(legacy: &Read<'_>, new: &Read<'_>, edge: Edge) -> bool {
    match joint(legacy.end(edge.legacy), new.end(edge.new)) {
        Joint::One(..) | Joint::Either(..) => true,
        Joint::Not(_) => false,
    }
}

/// Whether they join as they are.
fn is_plain(legacy: &Read<'_>, new: &Read<'_>, edge: Edge) -> bool {
    match joint(legacy.end(edge.legacy), new.end(edge.new)) {
        Joint::One(convert, _) => convert == Convert::None,
        Joint::Either(..) | Joint::Not(_) => false,
    }
}

fn edges(legacy: &Read<'_>, new: &Read<'_>, referring: &Referring) -> Vec<Edge> {
    let owners = [&legacy.words, &legacy.stripped, &new.words, &new.stripped];
    let owners: Vec<&[String]> = owners.into_iter().map(Vec::as_slice).collect();
    let mut found = Vec::new();
    for (n, to) in new.columns.iter().enumerate() {
        for (l, from) in legacy.columns.iter().enumerate() {
            let by_name = likeness::likeness(from, to, &owners);
            let by_key = referring.contains(&(l, n)).then_some(Likeness::Referring);
            found.extend(by_name.max(by_key).map(|likeness| {
                let edge = Edge {
                    legacy: l,
                    new: n,
                    likeness,
                };
                // A word more and another type besides: too little to go by.
                if likeness == Likeness::Form && !is_plain(legacy, new, edge) {
                    let likeness = Likeness::Part;
                    return Edge { likeness, ..edge };
                }
                edge
            }));
        }
    }
    found
}
