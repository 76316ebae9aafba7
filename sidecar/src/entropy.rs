//! Randomness of the operating system, for tokens and jitter.

use dualwrite_engine::ports::Entropy;

/// A generator per thread, seeded by the operating system.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn next_u64(&self) -> u64 {
        rand::random()
    }
}
