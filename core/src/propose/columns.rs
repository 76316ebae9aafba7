//! Which column is which, in a pair of tables.

use super::joint::{Joint, joint};
use super::read::{Read, ReadColumn};
use super::words;
use crate::suggest;

/// Why two columns are taken for the same, the best reason last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Likeness {
    /// Each is what is left of its table's primary key.
    Place,
    /// One letter is another.
    Typo,
    /// Their words have one meaning.
    Synonym,
    /// Both refer to the same entity.
    Referring,
    /// One has its table's name in front.
    Owner,
    /// Their words are the same without units, times, `is` and `has`.
    Core,
    /// Their words are the same, written out and in the singular.
    Words,
    /// They differ in case and separators.
    Written,
    /// They are the same.
    Same,
}

impl Likeness {
    /// All, the best first.
    pub(super) const BEST_FIRST: [Self; 8] = [
        Self::Same,
        Self::Written,
        Self::Words,
        Self::Core,
        Self::Owner,
        Self::Referring,
        Self::Synonym,
        Self::Typo,
    ];

    /// The reason, for people.
    pub(super) const fn why(self) -> &'static str {
        match self {
            Self::Place => "each is what is left of the primary key, and of the same kind",
            Self::Typo => "their names differ by one letter",
            Self::Synonym => "their names have one meaning",
            Self::Referring => "both refer to the same entity",
            Self::Owner => "their names are the same without the name of the table",
            Self::Core => "their names are the same without units and words like `is` and `at`",
            Self::Words => "their names are the same with abbreviations written out",
            Self::Written => "their names differ in how they are written only",
            Self::Same => "their names are the same",
        }
    }
}

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
    /// Equally good answers, each list one question.
    pub(super) open: Vec<Vec<Edge>>,
    /// Legacy columns without an answer.
    pub(super) legacy_left: Vec<usize>,
    /// New columns without an answer.
    pub(super) new_left: Vec<usize>,
}

/// Columns of foreign keys that lead to the same entity: legacy, new.
pub(super) type Referring = [(usize, usize)];

/// Matches the columns of two tables: reason by reason, the best first, and at
/// each only where it leaves no choice.
pub(super) fn matched(legacy: &Read<'_>, new: &Read<'_>, referring: &Referring) -> Matched {
    let edges = edges(legacy, new, referring);
    let (joining, apart): (Vec<Edge>, Vec<Edge>) = edges
        .into_iter()
        .partition(|edge| joins(legacy, new, *edge));
    let mut state = State {
        legacy_free: vec![true; legacy.columns.len()],
        new_free: vec![true; new.columns.len()],
        found: Matched::default(),
    };
    for likeness in Likeness::BEST_FIRST {
        state.settle(&joining, likeness);
        if likeness >= Likeness::Core {
            state.set_apart(&apart, likeness);
        }
    }
    state.settle_key(legacy, new);
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

fn edges(legacy: &Read<'_>, new: &Read<'_>, referring: &Referring) -> Vec<Edge> {
    let owners = [&legacy.words, &legacy.stripped, &new.words, &new.stripped];
    let owners: Vec<&[String]> = owners.into_iter().map(Vec::as_slice).collect();
    let mut found = Vec::new();
    for (n, to) in new.columns.iter().enumerate() {
        for (l, from) in legacy.columns.iter().enumerate() {
            let by_name = likeness(from, to, &owners);
            let by_key = referring.contains(&(l, n)).then_some(Likeness::Referring);
            found.extend(by_name.max(by_key).map(|likeness| Edge {
                legacy: l,
                new: n,
                likeness,
            }));
        }
    }
    found
}

fn likeness(from: &ReadColumn<'_>, to: &ReadColumn<'_>, owners: &[&[String]]) -> Option<Likeness> {
    let said = |words: &[String]| !words.is_empty();
    if from.info.name == to.info.name {
        return Some(Likeness::Same);
    }
    if said(&from.words) && from.folded == to.folded {
        return Some(Likeness::Written);
    }
    if said(&from.words) && from.words == to.words {
        return Some(Likeness::Words);
    }
    if said(&from.core) && from.core == to.core {
        return Some(Likeness::Core);
    }
    let (froms, tos) = (disowned(&from.core, owners), disowned(&to.core, owners));
    let any = |same: &dyn Fn(&[String], &[String]) -> bool| {
        froms
            .iter()
            .any(|from| said(from) && tos.iter().any(|to| same(from, to)))
    };
    if any(&|from, to| from == to) {
        return Some(Likeness::Owner);
    }
    if any(&|from, to| words::meaning(from) == words::meaning(to)) {
        return Some(Likeness::Synonym);
    }
    is_typo(&from.core, &to.core).then_some(Likeness::Typo)
}

/// The words as they are, and without each of these names in front.
fn disowned<'w>(words: &'w [String], owners: &[&[String]]) -> Vec<&'w [String]> {
    let mut found = vec![words];
    for owner in owners.iter().filter(|owner| !owner.is_empty()) {
        if let Some(rest) = words.strip_prefix(*owner)
            && !rest.is_empty()
        {
            found.push(rest);
        }
    }
    found
}

/// One slip of the pen, in one word that is long enough to have one. Digits are
/// no slips: `address1` is not `address2`.
fn is_typo(from: &[String], to: &[String]) -> bool {
    const LONG: usize = 5;
    let mut other = from.iter().zip(to).filter(|(from, to)| from != to);
    let one = other.next();
    let slip = |word: &String| word.len() >= LONG && word.chars().all(char::is_alphabetic);
    from.len() == to.len()
        && other.next().is_none()
        && one.is_some_and(|(from, to)| slip(from) && slip(to) && suggest::is_slip(from, to))
}

struct State {
    legacy_free: Vec<bool>,
    new_free: Vec<bool>,
    found: Matched,
}

impl State {
    /// Takes what this reason says without a choice; where there is one,
    /// leaves the question open.
    fn settle(&mut self, edges: &[Edge], likeness: Likeness) {
        let live: Vec<Edge> = edges
            .iter()
            .filter(|edge| edge.likeness == likeness && self.is_free(**edge))
            .copied()
            .collect();
        let mut asked = vec![false; live.len()];
        for at in 0..live.len() {
            if asked[at] {
                continue;
            }
            let group = connected(&live, at);
            for member in &group {
                asked[*member] = true;
            }
            let group: Vec<Edge> = group.into_iter().map(|member| live[member]).collect();
            for edge in &group {
                self.take(*edge);
            }
            match group.as_slice() {
                [only] => self.found.pairs.push(*only),
                [..] => self.found.open.push(group),
            }
        }
    }

    /// Keeps columns that are alike by name from being matched for a worse
    /// reason.
    fn set_apart(&mut self, edges: &[Edge], likeness: Likeness) {
        for edge in edges.iter().filter(|edge| edge.likeness == likeness) {
            if self.is_free(*edge) {
                self.take(*edge);
                self.found.apart.push(*edge);
            }
        }
    }

    /// Joins what is left of both primary keys, where it is one column each.
    fn settle_key(&mut self, legacy: &Read<'_>, new: &Read<'_>) {
        let legacy_left = left_of_key(legacy, &self.legacy_free);
        let new_left = left_of_key(new, &self.new_free);
        let ([from], [to]) = (legacy_left.as_slice(), new_left.as_slice()) else {
            return;
        };
        let edge = Edge {
            legacy: *from,
            new: *to,
            likeness: Likeness::Place,
        };
        let same_kind = legacy.columns[*from].info.kind == new.columns[*to].info.kind;
        if same_kind && legacy.info.primary_key.len() == new.info.primary_key.len() {
            let plain = joint(legacy.end(*from), new.end(*to));
            if let Joint::One(..) = plain {
                self.take(edge);
                self.found.pairs.push(edge);
            }
        }
    }

    fn is_free(&self, edge: Edge) -> bool {
        self.legacy_free[edge.legacy] && self.new_free[edge.new]
    }

    fn take(&mut self, edge: Edge) {
        self.legacy_free[edge.legacy] = false;
        self.new_free[edge.new] = false;
    }

    fn finish(mut self) -> Matched {
        let left = |free: &[bool]| {
            let places = free.iter().enumerate().filter(|(_, free)| **free);
            places.map(|(at, _)| at).collect::<Vec<_>>()
        };
        self.found.legacy_left = left(&self.legacy_free);
        self.found.new_left = left(&self.new_free);
        self.found.pairs.sort_by_key(|edge| edge.new);
        self.found
    }
}

fn left_of_key(table: &Read<'_>, free: &[bool]) -> Vec<usize> {
    let places = table.info.primary_key.iter();
    places
        .filter_map(|name| table.place(name))
        .filter(|at| free[*at])
        .collect()
}

/// The edges that hang together with this one by a column of either side.
fn connected(edges: &[Edge], from: usize) -> Vec<usize> {
    let mut group = vec![from];
    let mut at = 0;
    while let Some(member) = group.get(at).copied() {
        for (other, edge) in edges.iter().enumerate() {
            let touches = edge.legacy == edges[member].legacy || edge.new == edges[member].new;
            if touches && !group.contains(&other) {
                group.push(other);
            }
        }
        at += 1;
    }
    group.sort_unstable();
    group
}
