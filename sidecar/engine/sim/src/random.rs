//! Random numbers of which a seed decides every one.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use dualwrite_engine::ports::Entropy;

/// A stream of numbers. Each part of a run has one of its own, so that what one
/// part draws does not change what another does.
#[derive(Debug, Clone)]
pub struct Random(u64);

impl Random {
    /// The stream of this name under this seed.
    #[must_use]
    pub fn new(seed: u64, name: &str) -> Self {
        let mut mixed = seed ^ 0xD6E8_FEB8_6659_FD93;
        for byte in name.bytes() {
            mixed = (mixed ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3);
        }
        let mut random = Self(mixed);
        random.draw();
        random
    }

    /// The next number.
    pub fn draw(&mut self) -> u64 {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below this one.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.draw() % bound.max(1)
    }

    /// Whether something happens that happens in so many of ten thousand cases.
    pub fn happens(&mut self, in_ten_thousand: u64) -> bool {
        self.below(10_000) < in_ten_thousand
    }

    /// Milliseconds between these two.
    pub fn millis(&mut self, least: u64, most: u64) -> Duration {
        Duration::from_millis(least + self.below(most.saturating_sub(least) + 1))
    }

    /// One of these.
    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        let bound = u64::try_from(from.len()).unwrap_or(u64::MAX);
        let at = usize::try_from(self.below(bound)).unwrap_or_default();
        &from[at]
    }

    /// A place among so many.
    pub fn place(&mut self, among: usize) -> usize {
        let bound = u64::try_from(among).unwrap_or(u64::MAX);
        usize::try_from(self.below(bound)).unwrap_or_default()
    }
}

/// The engine's source of numbers.
#[derive(Debug)]
pub struct Numbers(Mutex<Random>);

impl Numbers {
    /// Numbers of this stream.
    #[must_use]
    pub fn of(random: Random) -> Self {
        Self(Mutex::new(random))
    }

    fn lock(&self) -> MutexGuard<'_, Random> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Entropy for Numbers {
    fn next_u64(&self) -> u64 {
        self.lock().draw()
    }
}
