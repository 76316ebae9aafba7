//! Walks through every state, breadth first. What single states must satisfy
//! is also checked by stateright's own checker ([`Protocol`] is a
//! `stateright::Model`, and a test holds the two against each other); this one
//! answers as well whether convergence stays in reach from *every* state, which
//! is no property of single states or single paths.

use std::collections::hash_map::{DefaultHasher, Entry};
use std::collections::{HashMap, VecDeque};
use std::hash::{Hash as _, Hasher as _};

use crate::model::Protocol;
use crate::properties::{CONVERGENCE_IN_REACH, PROPERTIES};
use crate::state::State;
use crate::step::Step;

/// What a walk came to.
#[derive(Debug, Clone)]
pub struct Found {
    /// Different states.
    pub states: usize,
    /// Whether every state was visited.
    pub complete: bool,
    /// States from which nothing ends well; 0 also where that was not asked.
    pub stuck: usize,
    /// Each property that does not hold, with the shortest way to that.
    pub violations: Vec<Violation>,
}

/// A property that does not hold.
#[derive(Debug, Clone)]
pub struct Violation {
    /// Its name.
    pub property: &'static str,
    /// The steps from the start.
    pub trace: Vec<Step>,
}

/// When a walk ends before every state was visited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Until {
    /// It does not, up to this many states; asks for reach as well.
    Complete(usize),
    /// Once this property is violated, up to this many states.
    Violated(&'static str, usize),
}

impl Found {
    /// The violation of a property.
    #[must_use]
    pub fn violation(&self, property: &str) -> Option<&Violation> {
        self.violations.iter().find(|one| one.property == property)
    }

    /// Whether every state was visited and everything holds.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.complete && self.violations.is_empty()
    }
}

/// The states visited so far, by number.
#[derive(Debug, Default)]
struct Walk {
    /// Number of each state, by its fingerprint.
    numbers: HashMap<u64, u32>,
    /// How each state was reached first.
    parents: Vec<(u32, Option<Step>)>,
    /// From where each state can be reached: pairs (state, predecessor).
    edges: Vec<(u32, u32)>,
    /// Whether each visited state is converged.
    converged: Vec<bool>,
    /// The first state that violates each property.
    hits: [Option<u32>; PROPERTIES.len()],
}

/// Walks through the states of a protocol.
#[must_use]
pub fn explore(protocol: &Protocol, until: Until) -> Found {
    let mut walk = Walk::default();
    let mut queue = VecDeque::from([protocol.start()]);
    walk.enter(&queue[0], 0, None);
    let limit = match until {
        Until::Complete(limit) | Until::Violated(_, limit) => limit,
    };
    let mut current = 0;
    while let Some(state) = queue.pop_front() {
        walk.judge(protocol, &state, current);
        if walk.is_over(until) || walk.parents.len() > limit {
            queue.push_front(state);
            break;
        }
        for step in protocol.steps(&state) {
            let Some(after) = protocol.after(&state, step) else {
                continue;
            };
            if walk.enter(&after, current, Some(step)) {
                queue.push_back(after);
            }
        }
        current += 1;
    }
    walk.found(queue.is_empty())
}

impl Walk {
    /// Numbers a state and remembers the way to it. Answers whether it is new.
    fn enter(&mut self, state: &State, parent: u32, step: Option<Step>) -> bool {
        let mut hasher = DefaultHasher::new();
        state.hash(&mut hasher);
        let next = u32::try_from(self.parents.len()).unwrap_or(u32::MAX);
        let (number, is_new) = match self.numbers.entry(hasher.finish()) {
            Entry::Occupied(known) => (*known.get(), false),
            Entry::Vacant(free) => (*free.insert(next), true),
        };
        if is_new {
            self.parents.push((parent, step));
        }
        if step.is_some() {
            self.edges.push((number, parent));
        }
        is_new
    }

    fn judge(&mut self, protocol: &Protocol, state: &State, number: u32) {
        for ((_, holds), hit) in PROPERTIES.iter().zip(&mut self.hits) {
            if hit.is_none() && !holds(protocol, state) {
                *hit = Some(number);
            }
        }
        self.converged.push(protocol.is_converged(state));
    }

    fn is_over(&self, until: Until) -> bool {
        let Until::Violated(property, _) = until else {
            return false;
        };
        let mut named = PROPERTIES.iter().zip(&self.hits);
        named.any(|((name, _), hit)| *name == property && hit.is_some())
    }

    fn found(self, complete: bool) -> Found {
        let mut violations: Vec<Violation> = PROPERTIES
            .iter()
            .zip(&self.hits)
            .filter_map(|((property, _), hit)| {
                Some(Violation {
                    property,
                    trace: self.trace((*hit)?),
                })
            })
            .collect();
        let stuck = if complete { self.stuck() } else { Vec::new() };
        if let Some(first) = stuck.first() {
            violations.push(Violation {
                property: CONVERGENCE_IN_REACH,
                trace: self.trace(*first),
            });
        }
        Found {
            states: self.parents.len(),
            complete,
            stuck: stuck.len(),
            violations,
        }
    }

    /// The shortest way to a state.
    fn trace(&self, mut number: u32) -> Vec<Step> {
        let mut trace = Vec::new();
        while let Some((parent, Some(step))) = self.parents.get(number as usize) {
            trace.push(*step);
            number = *parent;
        }
        trace.reverse();
        trace
    }

    /// States from which no converged state can be reached, in the order in
    /// which they were met: walked backwards from those that are converged.
    fn stuck(&self) -> Vec<u32> {
        let states = self.converged.len();
        let mut first = vec![0_usize; states + 1];
        for (number, _) in &self.edges {
            first[*number as usize + 1] += 1;
        }
        for number in 0..states {
            first[number + 1] += first[number];
        }
        let mut next = first.clone();
        let mut predecessors = vec![0_u32; self.edges.len()];
        for (number, parent) in &self.edges {
            let place = &mut next[*number as usize];
            predecessors[*place] = *parent;
            *place += 1;
        }
        let mut ends_well = self.converged.clone();
        let mut todo: Vec<usize> = (0..states).filter(|number| ends_well[*number]).collect();
        while let Some(number) = todo.pop() {
            for parent in &predecessors[first[number]..first[number + 1]] {
                let parent = *parent as usize;
                if !std::mem::replace(&mut ends_well[parent], true) {
                    todo.push(parent);
                }
            }
        }
        let numbers = 0..u32::try_from(states).unwrap_or(u32::MAX);
        numbers
            .filter(|number| !ends_well[*number as usize])
            .collect()
    }
}
