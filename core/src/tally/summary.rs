//! What a tally says: rates and percentiles.

use std::time::Duration;

use super::{BOUNDARY_MICROS, Tally};

impl Tally {
    /// Share of attempts that succeeded, 0 to 1; `None` without attempts.
    #[must_use]
    pub fn success_rate(&self) -> Option<f64> {
        ratio(self.total.successes, self.total.attempts)
    }

    /// Mean latency; `None` without operations.
    #[must_use]
    pub fn mean(&self) -> Option<Duration> {
        let count = self.count();
        let nanos = self
            .total
            .latency_sum
            .as_nanos()
            .checked_div(u128::from(count))?;
        u64::try_from(nanos).ok().map(Duration::from_nanos)
    }

    /// The latency that `percent` of operations did not exceed, read between
    /// the bounds of its bucket; `None` without operations. Above the last
    /// bound, which is all that is known, it is that bound.
    #[must_use]
    pub fn percentile(&self, percent: u8) -> Option<Duration> {
        let count = u128::from(self.count());
        if count == 0 {
            return None;
        }
        let rank = (count * u128::from(percent.min(100))).div_ceil(100).max(1);
        let mut below = 0_u128;
        for (index, in_bucket) in self.total.latency.iter().enumerate() {
            let in_bucket = u128::from(*in_bucket);
            if below + in_bucket >= rank {
                return Some(within(index, rank - below, in_bucket));
            }
            below += in_bucket;
        }
        None
    }

    /// Operations per second over a time; 0 for no time at all.
    #[must_use]
    pub fn per_second(&self, over: Duration) -> f64 {
        if over.is_zero() {
            0.0
        } else {
            to_float(self.total.attempts) / over.as_secs_f64()
        }
    }

    fn count(&self) -> u64 {
        self.total
            .latency
            .iter()
            .fold(0, |sum, count| sum.saturating_add(*count))
    }
}

/// The `position`-th of `of` operations spread evenly over a bucket.
fn within(index: usize, position: u128, of: u128) -> Duration {
    let last = BOUNDARY_MICROS[BOUNDARY_MICROS.len() - 1];
    let upper = BOUNDARY_MICROS.get(index).copied().unwrap_or(last);
    let lower = index
        .checked_sub(1)
        .map_or(0, |before| BOUNDARY_MICROS[before]);
    let micros = lower + (upper - lower) * position / of.max(1);
    Duration::from_micros(u64::try_from(micros).unwrap_or(u64::MAX))
}

/// A share of a whole, 0 to 1; `None` of nothing.
pub(crate) fn ratio(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| to_float(part) / to_float(whole))
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a rate of 2^53 operations may be off by one"
)]
fn to_float(count: u64) -> f64 {
    count as f64
}
