//! Keeps a shard at its rows per second.

use std::time::Duration;

use tokio::time::Instant;

/// Spreads rows over time.
#[derive(Debug)]
pub(super) struct Throttle {
    rows_per_second: u32,
    due: Instant,
}

impl Throttle {
    pub(super) fn new(rows_per_second: u32) -> Self {
        Self {
            rows_per_second,
            due: Instant::now(),
        }
    }

    /// Notes rows that were copied, and waits until the next may be.
    pub(super) async fn after(&mut self, rows: usize) {
        if self.rows_per_second == 0 {
            return;
        }
        let rows = u32::try_from(rows).unwrap_or(u32::MAX);
        let spent = Duration::from_secs(1) * rows / self.rows_per_second;
        self.due = self.due.max(Instant::now()) + spent;
        tokio::time::sleep_until(self.due).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_hundred_rows_at_fifty_a_second_take_two_seconds() {
        let began = Instant::now();
        let mut throttle = Throttle::new(50);
        throttle.after(60).await;
        throttle.after(40).await;
        assert_eq!(began.elapsed().as_millis(), 2_000);
    }

    #[tokio::test(start_paused = true)]
    async fn no_limit_waits_for_nothing() {
        let began = Instant::now();
        Throttle::new(0).after(1_000_000).await;
        assert_eq!(began.elapsed(), Duration::ZERO);
    }
}
