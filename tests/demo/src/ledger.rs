//! What the traffic was told, kept by the traffic itself: the demo's own
//! memory of every acknowledged write.

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
    /// Visits counted up by acknowledged increments, by user.
    visits: BTreeMap<u64, i64>,
    interval: Histogram<u64>,
    window: Histogram<u64>,
}

/// What happened since the last look.
#[derive(Debug)]
pub(crate) struct Interval {
    pub(crate) writes: u64,
    pub(crate) p50: Duration,
    pub(crate) p99: Duration,
}

impl Ledger {
    pub(crate) fn new() -> anyhow::Result<Self> {
        let histogram = || Histogram::new_with_bounds(1, LONGEST, 3);
        let state = State {
            acknowledged: 0,
            failed: Vec::new(),
            visits: BTreeMap::new(),
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

    /// Notes an acknowledged increment of a user's visits.
    pub(crate) fn visited(&self, user: u64) {
        *self.state().visits.entry(user).or_default() += 1;
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
            p50: Duration::from_micros(state.interval.value_at_quantile(0.5)),
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

    /// Acknowledged increments by user.
    pub(crate) fn visits(&self) -> BTreeMap<u64, i64> {
        self.state().visits.clone()
    }
}
