//! How long to wait before the next attempt.

use std::time::Duration;

use rand::Rng;

/// Waiting times that double up to a ceiling. Each is drawn from its upper
/// half: those who failed together must not come back together, and nobody
/// comes back at once.
#[derive(Debug, Clone)]
pub struct Backoff {
    first: Duration,
    ceiling: Duration,
    failures: u32,
}

impl Backoff {
    /// Starts with about `first` and ends with about `ceiling`.
    #[must_use]
    pub const fn new(first: Duration, ceiling: Duration) -> Self {
        Self {
            first,
            ceiling,
            failures: 0,
        }
    }

    /// Something failed (again): how long to wait now.
    pub fn failed(&mut self, rng: &mut impl Rng) -> Duration {
        let factor = 1_u32.checked_shl(self.failures).unwrap_or(u32::MAX);
        let full = self.first.saturating_mul(factor).min(self.ceiling);
        self.failures = self.failures.saturating_add(1);
        full.mul_f64(rng.random_range(0.5..=1.0))
    }

    /// It went well: the next failure is a first one.
    pub const fn succeeded(&mut self) {
        self.failures = 0;
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand::rngs::SmallRng;

    use super::*;

    #[test]
    fn times_double_within_their_upper_half_up_to_the_ceiling() {
        let mut rng = SmallRng::seed_from_u64(7);
        let mut backoff = Backoff::new(Duration::from_millis(100), Duration::from_secs(1));
        for full in [100, 200, 400, 800, 1000, 1000] {
            let wait = backoff.failed(&mut rng);
            let full = Duration::from_millis(full);
            assert!(wait >= full / 2 && wait <= full, "{wait:?} of {full:?}");
        }
        backoff.succeeded();
        assert!(backoff.failed(&mut rng) <= Duration::from_millis(100));
    }

    #[test]
    fn it_never_overflows() {
        let mut rng = SmallRng::seed_from_u64(7);
        let mut backoff = Backoff::new(Duration::from_hours(1), Duration::from_hours(2));
        for _ in 0..100 {
            assert!(backoff.failed(&mut rng) <= Duration::from_hours(2));
        }
    }

    #[test]
    fn those_who_failed_together_do_not_come_back_together() {
        let wait = |seed| {
            let mut rng = SmallRng::seed_from_u64(seed);
            Backoff::new(Duration::from_secs(1), Duration::from_secs(1)).failed(&mut rng)
        };
        let mut waits: Vec<Duration> = (0..50).map(wait).collect();
        waits.sort();
        waits.dedup();
        assert!(waits.len() > 40, "{waits:?}");
    }
}
