//! What the engine takes from outside besides databases: randomness. (Time is
//! tokio's, which can be virtual.)

use std::time::Duration;

/// A source of random numbers: tokens and jitter.
pub trait Entropy: Send + Sync + std::fmt::Debug + 'static {
    /// The next number, uniform over all 64 bits.
    fn next_u64(&self) -> u64;
}

/// A duration between half of `base` and `base`.
pub(crate) fn jittered(entropy: &dyn Entropy, base: Duration) -> Duration {
    let half = base / 2;
    let micros = u64::try_from(half.as_micros()).unwrap_or(u64::MAX).max(1);
    half + Duration::from_micros(entropy.next_u64() % micros)
}
