//! Which table is which.

use super::columns::{self, Edge};
use super::read::Read;
use super::remark::Remark;
use super::words;

/// What was found of all tables.
#[derive(Debug, Default)]
pub(super) struct Pairing {
    /// One to one: legacy, new, and why where that is worth saying.
    pub(super) pairs: Vec<(usize, usize, Option<Remark>)>,
    /// Equally good answers, each list one question.
    pub(super) open: Vec<Vec<(usize, usize)>>,
    pub(super) legacy_left: Vec<usize>,
    pub(super) new_left: Vec<usize>,
}

/// How alike two tables are.
#[derive(Debug, Clone, Copy)]
struct Candidate {
    legacy: usize,
    new: usize,
    score: u32,
    likeness: Likeness,
    shared: usize,
}

/// What the names of two tables have in common, the most last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Likeness {
    Nothing,
    /// One's words begin or end the other's.
    Part,
    /// The same without a prefix shared by neighbours.
    Stripped,
    /// The same words, or one meaning.
    Words,
    /// They differ in case and separators.
    Written,
    Same,
}

/// Points of a name; names from [`Likeness::Stripped`] on speak for themselves.
const fn points(likeness: Likeness) -> u32 {
    match likeness {
        Likeness::Same => 100,
        Likeness::Written => 96,
        Likeness::Words => 90,
        Likeness::Stripped => 84,
        Likeness::Part => 40,
        Likeness::Nothing => 0,
    }
}

/// Answers whose points differ by less than this are equally good.
const MARGIN: u32 = 5;

/// Columns in common, in percent of the smaller table, that join tables whose
/// names are alike in part.
const SHARED_BY_PART: usize = 50;

/// The same where the names have nothing in common.
const SHARED_BY_NOTHING: usize = 70;

/// Telling columns that tables without a name in common must share: every
/// table has an `id`.
const TELLING: usize = 3;

/// Words of columns that every table may have.
const USUAL: [&str; 10] = [
    "active", "code", "created", "deleted", "id", "name", "note", "state", "type", "updated",
];

/// Pairs the tables, the most alike first.
pub(super) fn paired(legacy: &[Read<'_>], new: &[Read<'_>]) -> Pairing {
    let mut candidates: Vec<Candidate> = Vec::new();
    for (n, to) in new.iter().enumerate() {
        for (l, from) in legacy.iter().enumerate() {
            candidates.extend(candidate((l, from), (n, to)));
        }
    }
    candidates.sort_by_key(|one| (u32::MAX - one.score, one.new, one.legacy));
    let mut free = Free {
        legacy: vec![true; legacy.len()],
        new: vec![true; new.len()],
    };
    let mut pairing = Pairing::default();
    for best in candidates.iter().copied() {
        if !free.has(best) {
            continue;
        }
        let rivals: Vec<(usize, usize)> = candidates
            .iter()
            .filter(|other| free.has(**other) && rivals(best, **other))
            .map(|other| (other.legacy, other.new))
            .collect();
        if rivals.is_empty() {
            free.take((best.legacy, best.new));
            let why = why(best, &legacy[best.legacy], &new[best.new]);
            pairing.pairs.push((best.legacy, best.new, why));
        } else {
            let mut group = vec![(best.legacy, best.new)];
            group.extend(rivals);
            for pair in &group {
                free.take(*pair);
            }
            pairing.open.push(group);
        }
    }
    pairing.legacy_left = left(&free.legacy);
    pairing.new_left = left(&free.new);
    pairing.pairs.sort_by_key(|(_, new, _)| *new);
    pairing
}

fn candidate((l, from): (usize, &Read<'_>), (n, to): (usize, &Read<'_>)) -> Option<Candidate> {
    let likeness = likeness(from, to);
    let edges = columns::likely(from, to);
    let smaller = from.columns.len().min(to.columns.len()).max(1);
    let percent = edges.len() * 100 / smaller;
    let keyed = || has_key(from, to, &edges);
    let fits = match likeness {
        Likeness::Same | Likeness::Written | Likeness::Words | Likeness::Stripped => true,
        Likeness::Part => percent >= SHARED_BY_PART && keyed(),
        Likeness::Nothing => {
            percent >= SHARED_BY_NOTHING && telling(to, &edges) >= TELLING && keyed()
        }
    };
    let shared = u32::try_from(percent.min(100)).unwrap_or(100);
    // Names that are alike and columns that are not: another table with the
    // key and the columns may be the one.
    let by_name = if likeness != Likeness::Same && percent < SHARED_BY_PART && !keyed() {
        points(likeness).min(points(Likeness::Part))
    } else {
        points(likeness)
    };
    fits.then_some(Candidate {
        legacy: l,
        new: n,
        // A third of the points by columns: enough to tell tables of one name
        // apart, not enough to outdo a name.
        score: by_name + shared * 3 / 10,
        likeness,
        shared: edges.len(),
    })
}

fn likeness(from: &Read<'_>, to: &Read<'_>) -> Likeness {
    let (legacy, new) = (&from.info.name.name, &to.info.name.name);
    let same = |left: &[String], right: &[String]| !left.is_empty() && left == right;
    if legacy == new {
        Likeness::Same
    } else if !from.words.is_empty() && words::folded(legacy) == words::folded(new) {
        Likeness::Written
    } else if same(&from.words, &to.words)
        || same(&words::meaning(&from.words), &words::meaning(&to.words))
    {
        Likeness::Words
    } else if [
        (&from.stripped, &to.words),
        (&from.words, &to.stripped),
        (&from.stripped, &to.stripped),
    ]
    .into_iter()
    .any(|(left, right)| same(left, right))
    {
        Likeness::Stripped
    } else if is_part(&from.stripped, &to.words) || is_part(&to.words, &from.stripped) {
        Likeness::Part
    } else {
        Likeness::Nothing
    }
}

fn is_part(short: &[String], long: &[String]) -> bool {
    !short.is_empty() && (long.starts_with(short) || long.ends_with(short))
}

/// Whether a primary key of one side is found on the other.
fn has_key(from: &Read<'_>, to: &Read<'_>, edges: &[Edge]) -> bool {
    let legacy = |name: &String| {
        from.place(name)
            .is_some_and(|at| edges.iter().any(|edge| edge.legacy == at))
    };
    let new = |name: &String| {
        to.place(name)
            .is_some_and(|at| edges.iter().any(|edge| edge.new == at))
    };
    let (old_key, new_key) = (&from.info.primary_key, &to.info.primary_key);
    (!old_key.is_empty() && old_key.iter().all(legacy))
        || (!new_key.is_empty() && new_key.iter().all(new))
}

/// How many shared columns say something of the table.
fn telling(to: &Read<'_>, edges: &[Edge]) -> usize {
    let usual = |edge: &&Edge| {
        let meaning = words::meaning(&to.columns[edge.new].core);
        !matches!(meaning.as_slice(), [only] if USUAL.contains(&only.as_str()))
    };
    edges.iter().filter(usual).count()
}

fn rivals(best: Candidate, other: Candidate) -> bool {
    let shares_one = (best.legacy == other.legacy) != (best.new == other.new);
    shares_one && other.score + MARGIN > best.score
}

fn why(best: Candidate, from: &Read<'_>, to: &Read<'_>) -> Option<Remark> {
    let shared = best.shared;
    let reason = match best.likeness {
        Likeness::Same => return None,
        Likeness::Written => "their names differ in how they are written only".to_owned(),
        Likeness::Words => {
            "their names are the same with abbreviations and plurals taken away".to_owned()
        }
        Likeness::Stripped => {
            "their names are the same without the prefix that neighbours share".to_owned()
        }
        Likeness::Part => {
            format!("their names are the same in part, and {shared} columns and the key are alike")
        }
        Likeness::Nothing => format!(
            "their names have nothing in common, but {shared} columns and the key are alike"
        ),
    };
    Some(Remark::check(
        format!(
            "legacy {} is taken for new {}: {reason}",
            from.name, to.name
        ),
        "",
    ))
}

struct Free {
    legacy: Vec<bool>,
    new: Vec<bool>,
}

impl Free {
    fn has(&self, candidate: Candidate) -> bool {
        self.legacy[candidate.legacy] && self.new[candidate.new]
    }

    fn take(&mut self, (legacy, new): (usize, usize)) {
        self.legacy[legacy] = false;
        self.new[new] = false;
    }
}

fn left(free: &[bool]) -> Vec<usize> {
    let places = free.iter().enumerate().filter(|(_, free)| **free);
    places.map(|(at, _)| at).collect()
}
