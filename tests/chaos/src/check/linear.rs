//! Whether the operations of one row can be put in one order: the search of Wing and Gong, with
//! Lowe's memory of where it has been.

use std::collections::HashSet;

use super::model::{State, after};
use super::operation::Operation;
use super::{Fate, Violation};
use crate::history::{Key, Seen, Step, Value};

/// Situations that the search remembers at most for one row. Beyond it the row counts as not
/// proved, which is a violation: writers leave a row alone long before.
const MOST: usize = 2_000_000;

/// The promise.
const PROMISE: &str = "one order explains every answer";

/// How a search ended.
#[derive(Debug, PartialEq, Eq)]
enum Found {
    Order,
    /// None; the longest attempt explains so many, and not the operation of this number.
    None(usize, u64),
    /// Too many situations.
    Undecided,
}

/// Checks one row: its operations, then a read of each side at the end.
pub(super) fn check(
    key: Key,
    operations: &[Operation],
    found: [Option<&Value>; 2],
) -> Option<Violation> {
    let mut all = operations.to_vec();
    let answered = all.iter().map(|operation| operation.to);
    let last = answered.filter(|to| *to < u64::MAX).max().unwrap_or(0);
    let begun = all.iter().map(|operation| operation.from).max();
    let mut at = last.max(begun.unwrap_or(0));
    for row in found {
        let seen = Seen {
            matched: row.is_some(),
            row: row.cloned(),
        };
        all.push(Operation {
            number: u64::MAX,
            from: at + 1,
            to: at + 2,
            steps: vec![(Step::Read, Fate::Saw(seen))],
        });
        at += 2;
    }
    match Search::of(&all).run() {
        Found::Order => None,
        Found::None(explained, stuck) => {
            let stuck = match stuck {
                u64::MAX => "the row that SQL found at the end".to_owned(),
                number => format!("operation {number}"),
            };
            let what = format!(
                "no order: the longest attempt explains {explained} of {} operations, and not {stuck}",
                all.len()
            );
            Some(Violation::of(PROMISE, Some(key), what))
        }
        Found::Undecided => {
            let what = format!("not decided within {MOST} situations");
            Some(Violation::of(PROMISE, Some(key), what))
        }
    }
}

/// Which operations have their place in the order, as bits.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Placed(Vec<u64>);

impl Placed {
    fn has(&self, place: usize) -> bool {
        let word = self.0.get(place / 64).copied().unwrap_or(0);
        word >> (place % 64) & 1 == 1
    }

    fn flip(&mut self, place: usize) {
        if let Some(word) = self.0.get_mut(place / 64) {
            *word ^= 1 << (place % 64);
        }
    }
}

struct Search<'a> {
    /// In the order in which they were sent.
    operations: &'a [Operation],
    placed: Placed,
    state: State,
    /// What was placed, with the state before it.
    trail: Vec<(usize, State)>,
    been: HashSet<(Placed, State)>,
    /// The first that has no place yet: everything before it has.
    first: usize,
    /// Operations that must have a place.
    needed: usize,
    settled: usize,
}

impl<'a> Search<'a> {
    fn of(operations: &'a [Operation]) -> Self {
        let needed = operations.iter().filter(|one| !one.is_open()).count();
        Self {
            operations,
            placed: Placed(vec![0; operations.len().div_ceil(64)]),
            state: None,
            trail: Vec::new(),
            been: HashSet::new(),
            first: 0,
            needed,
            settled: 0,
        }
    }

    fn run(&mut self) -> Found {
        let (mut longest, mut stuck) = (0, u64::MAX);
        let mut from = 0;
        loop {
            if self.settled == self.needed {
                return Found::Order;
            }
            if self.been.len() > MOST {
                return Found::Undecided;
            }
            if let Some((place, next)) = self.candidate(from) {
                self.place(place, next);
                from = self.first;
                if self.trail.len() > longest {
                    longest = self.trail.len();
                    stuck = self.earliest_due();
                }
            } else {
                match self.take_back() {
                    Some(place) => from = place + 1,
                    None => return Found::None(longest, stuck),
                }
            }
        }
    }

    /// The next operation, at or after `from`, that may come next: nothing without a place was
    /// answered before it was sent, it can have seen what it saw, and what follows was not tried.
    fn candidate(&mut self, from: usize) -> Option<(usize, State)> {
        let due = self.due();
        for place in from..self.operations.len() {
            let operation = self.operations.get(place)?;
            if operation.from > due {
                return None;
            }
            if self.placed.has(place) {
                continue;
            }
            let Some(next) = outcome(&self.state, operation) else {
                continue;
            };
            self.placed.flip(place);
            let new = self.been.insert((self.placed.clone(), next.clone()));
            self.placed.flip(place);
            if new {
                return Some((place, next));
            }
        }
        None
    }

    /// When the first operation without a place was answered. Operations are sorted by when they
    /// were sent, so the look ends where everything was sent later.
    fn due(&self) -> u64 {
        let mut due = u64::MAX;
        for (place, operation) in self.operations.iter().enumerate().skip(self.first) {
            if operation.from > due {
                break;
            }
            if !self.placed.has(place) {
                due = due.min(operation.to);
            }
        }
        due
    }

    /// The number of the operation that has to come next at the latest.
    fn earliest_due(&self) -> u64 {
        let without = self.operations.iter().enumerate().skip(self.first);
        let without = without.filter(|(place, _)| !self.placed.has(*place));
        without
            .min_by_key(|(_, operation)| operation.to)
            .map_or(u64::MAX, |(_, operation)| operation.number)
    }

    fn place(&mut self, place: usize, next: State) {
        let before = std::mem::replace(&mut self.state, next);
        self.trail.push((place, before));
        self.placed.flip(place);
        self.settled += usize::from(self.needs(place));
        while self.first < self.operations.len() && self.placed.has(self.first) {
            self.first += 1;
        }
    }

    fn take_back(&mut self) -> Option<usize> {
        let (place, before) = self.trail.pop()?;
        self.state = before;
        self.placed.flip(place);
        self.settled -= usize::from(self.needs(place));
        self.first = self.first.min(place);
        Some(place)
    }

    fn needs(&self, place: usize) -> bool {
        let operation = self.operations.get(place);
        operation.is_some_and(|operation| !operation.is_open())
    }
}

/// The row after all steps of an operation on it.
fn outcome(state: &State, operation: &Operation) -> Option<State> {
    let mut state = state.clone();
    for (step, fate) in &operation.steps {
        state = after(&state, step, fate)?;
    }
    Some(state)
}
