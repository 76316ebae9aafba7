//! What was done, in numbers.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;

use crate::history::Side;
use crate::schedule::{How, Moment};

/// What was done.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Tally {
    /// Faults by kind.
    pub faults: BTreeMap<String, u64>,
    /// Processes and servers that were killed.
    pub kills: u64,
    /// Changes of primary that were carried out.
    pub flips: u64,
    /// Those that were taken back.
    pub taken_back: u64,
    /// Those that guards did not permit in time, by reason.
    pub refused_flips: BTreeMap<String, u64>,
    /// How long each took, from the order to its end, whatever was broken meanwhile.
    pub flip_times: Vec<Duration>,
    /// Steps that were broken: which, how, and from which side.
    pub broken_steps: BTreeMap<String, u64>,
    /// How long the secondary took to catch up after each outage.
    pub converged: Vec<Duration>,
    /// Faults that could not be done, by reason.
    pub skipped: BTreeMap<String, u64>,
}

impl Tally {
    pub(super) fn count(&mut self, kind: &str) {
        *self.faults.entry(kind.to_owned()).or_default() += 1;
    }

    pub(super) fn skip(&mut self, why: &str) {
        *self.skipped.entry(why.to_owned()).or_default() += 1;
    }

    pub(super) fn refuse_flip(&mut self, why: &str) {
        *self.refused_flips.entry(why.to_owned()).or_default() += 1;
    }

    pub(super) fn flip(&mut self, done: bool, took: Duration) {
        if done {
            self.flips += 1;
        } else {
            self.taken_back += 1;
        }
        self.flip_times.push(took);
    }

    pub(super) fn broke(&mut self, at: Moment, how: How, from: Side) {
        let what = format!("{at:?} by {how:?}, from {}", from.as_str());
        *self.broken_steps.entry(what).or_default() += 1;
    }

    /// Faults, all kinds together.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.faults.values().sum()
    }
}
