//! How long to wait before the next try.

use std::sync::Arc;
use std::time::Duration;

use dualwrite_engine::ports::Entropy;

/// After the first failure: a control plane that was restarted is met soon.
const FIRST: Duration = Duration::from_millis(100);

/// At most: how late a sidecar hears of a control plane that came back.
const LAST: Duration = Duration::from_secs(5);

/// Doubling waits with jitter, so that a fleet does not come back at once.
#[derive(Debug)]
pub struct Backoff {
    entropy: Arc<dyn Entropy>,
    base: Duration,
}

impl Backoff {
    /// Starts with the shortest wait.
    pub fn new(entropy: Arc<dyn Entropy>) -> Self {
        Self {
            entropy,
            base: FIRST,
        }
    }

    /// The next wait: between half of the base and the base, which doubles.
    pub fn next_wait(&mut self) -> Duration {
        let base = self.base;
        self.base = (base * 2).min(LAST);
        let half = base / 2;
        let micros = u64::try_from(half.as_micros()).unwrap_or(u64::MAX);
        half + Duration::from_micros(self.entropy.next_u64() % micros.saturating_add(1))
    }

    /// Starts again with the shortest wait: the last try was a success.
    pub const fn reset(&mut self) {
        self.base = FIRST;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Fixed(u64);

    impl Entropy for Fixed {
        fn next_u64(&self) -> u64 {
            self.0
        }
    }

    #[test]
    fn waits_double_up_to_the_last_and_start_again() {
        let mut backoff = Backoff::new(Arc::new(Fixed(0)));
        let halves: Vec<u128> = (0..8).map(|_| backoff.next_wait().as_millis()).collect();
        assert_eq!(halves, [50, 100, 200, 400, 800, 1600, 2500, 2500]);
        backoff.reset();
        assert_eq!(backoff.next_wait(), FIRST / 2);
    }

    #[test]
    fn jitter_stays_between_half_and_whole() {
        for entropy in [0, 1, 49_999, 50_000, 50_001, u64::MAX] {
            let wait = Backoff::new(Arc::new(Fixed(entropy))).next_wait();
            assert!(wait >= FIRST / 2 && wait <= FIRST, "{entropy}: {wait:?}");
        }
    }
}
