//! Keeps a secondary that does not answer in time from slowing every
//! synchronous write: after five time-outs in a row writes go through the
//! relay, until a probe passes.
//!
//! Only what made a caller wait counts. A secondary that refuses the connection
//! costs the call nothing, and is tried each time: so the first write after its
//! return is on both sides.

use std::sync::Mutex;
use std::time::Duration;

use tokio::time::Instant;

/// Time-outs in a row after which the breaker opens.
const TRIPS_AT: u32 = 5;

/// How long after a time-out one write may probe.
const PROBE_AFTER: Duration = Duration::from_secs(1);

/// The state of one secondary.
#[derive(Debug, Default)]
pub(crate) struct Breaker {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    time_outs: u32,
    probe_at: Option<Instant>,
}

impl Breaker {
    /// Whether the secondary should be tried inside the call. While open, one
    /// caller a second is let through as the probe.
    pub(crate) fn admits(&self) -> bool {
        let Ok(mut state) = self.state.lock() else {
            return true;
        };
        if state.time_outs < TRIPS_AT {
            return true;
        }
        let now = Instant::now();
        let due = state.probe_at.is_none_or(|at| now >= at);
        if due {
            state.probe_at = Some(now + PROBE_AFTER);
        }
        due
    }

    /// Notes that the secondary answered.
    pub(crate) fn passed(&self) {
        if let Ok(mut state) = self.state.lock() {
            *state = State::default();
        }
    }

    /// Notes that it did not, within the time it had.
    pub(crate) fn timed_out(&self) {
        if let Ok(mut state) = self.state.lock() {
            state.time_outs = state.time_outs.saturating_add(1);
            state.probe_at = Some(Instant::now() + PROBE_AFTER);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn five_time_outs_open_it_and_a_passed_probe_closes_it() {
        let breaker = Breaker::default();
        for _ in 0..TRIPS_AT {
            assert!(breaker.admits());
            breaker.timed_out();
        }
        assert!(!breaker.admits());
        tokio::time::advance(PROBE_AFTER).await;
        assert!(breaker.admits(), "one probe");
        assert!(!breaker.admits(), "and only one");
        breaker.passed();
        assert!(breaker.admits() && breaker.admits());
    }
}
