//! What the traffic was told, kept by the traffic itself: the demo's own
//! memory of every acknowledged write of one service.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hdrhistogram::Histogram;

/// The longest latency that is told apart, in microseconds.
const LONGEST: u64 = 60_000_000;

/// Everything that was acknowledged.
#[derive(Debug)]
pub(crate) struct Ledger {
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    acknowledged: u64,
    failed: Vec<String>,
    /// What acknowledged writes counted, by what and by key.
    counts: BTreeMap<&'static str, BTreeMap<String, i64>>,
    interval: Histogram<u64>,
    window: Histogram<u64>,
}

/// What happened since the last look.
#[derive(Debug)]
pub(crate) struct Interval {
    pub(crate) writes: u64,
    pub(crate) p99: Duration,
}

impl Ledger {
    pub(crate) fn new() -> anyhow::Result<Self> {
        let histogram = || Histogram::new_with_bounds(1, LONGEST, 3);
        let state = State {
            acknowledged: 0,
            failed: Vec::new(),
            counts: BTreeMap::new(),
            interval: histogram()?,
            window: histogram()?,
        };
        Ok(Self {
            state: Mutex::new(state),
        })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes an acknowledged write.
    pub(crate) fn acknowledged(&self, latency: Duration) {
        let micros = u64::try_from(latency.as_micros())
            .unwrap_or(LONGEST)
            .clamp(1, LONGEST);
        let mut state = self.state();
        state.acknowledged += 1;
        state.interval.saturating_record(micros);
        state.window.saturating_record(micros);
    }

    /// Notes what an acknowledged write counted; `what` is a tally's.
    pub(crate) fn counted(&self, what: &'static str, key: String, number: i64) {
        let mut state = self.state();
        *state
            .counts
            .entry(what)
            .or_default()
            .entry(key)
            .or_default() += number;
    }

    /// Notes a write that failed: there must be none.
    pub(crate) fn failed(&self, error: String) {
        self.state().failed.push(error);
    }

    /// What happened since the last call.
    pub(crate) fn interval(&self) -> Interval {
        let mut state = self.state();
        let told = Interval {
            writes: state.interval.len(),
            p99: Duration::from_micros(state.interval.value_at_quantile(0.99)),
        };
        state.interval.reset();
        told
    }

    /// The longest that a write took since the last call.
    pub(crate) fn longest(&self) -> Duration {
        let mut state = self.state();
        let longest = Duration::from_micros(state.window.max());
        state.window.reset();
        longest
    }

    /// How many writes were acknowledged.
    pub(crate) fn total(&self) -> u64 {
        self.state().acknowledged
    }

    /// The errors of writes that failed.
    pub(crate) fn failures(&self) -> Vec<String> {
        self.state().failed.clone()
    }

    /// What acknowledged writes counted, by key.
    pub(crate) fn counts(&self, what: &str) -> BTreeMap<String, i64> {
        self.state().counts.get(what).cloned().unwrap_or_default()
    }
}
