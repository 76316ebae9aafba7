//! Batches that grow while they are quick and shrink when they are not.

use std::time::Duration;

/// Rows of one batch at most: beyond it a batch holds its locks noticeably
/// longer and gains nothing.
pub(crate) const BATCH_MAX: u32 = 512;

/// A batch below this can grow; one that takes four times as long shrinks.
const TARGET: Duration = Duration::from_millis(50);

/// How many rows the next batch has.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Adaptive {
    start: u32,
    size: u32,
}

impl Adaptive {
    pub(crate) fn new(start: u32) -> Self {
        Self {
            start,
            size: start.clamp(1, BATCH_MAX),
        }
    }

    /// Starts again where `batch_size` was changed since.
    pub(crate) fn follow(&mut self, start: u32) {
        if self.start != start {
            *self = Self::new(start);
        }
    }

    pub(crate) const fn size(self) -> u32 {
        self.size
    }

    /// Notes how long a batch took.
    pub(crate) fn took(&mut self, elapsed: Duration) {
        if elapsed < TARGET {
            self.size = (self.size * 2).min(BATCH_MAX);
        } else if elapsed > TARGET * 4 {
            self.size = (self.size / 2).max(1);
        }
    }

    /// Notes that a batch failed as a whole.
    pub(crate) fn failed(&mut self) {
        self.size = (self.size / 2).max(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_grow_to_the_ceiling_and_shrink_to_one() {
        let mut batch = Adaptive::new(100);
        for _ in 0..5 {
            batch.took(Duration::from_millis(1));
        }
        assert_eq!(batch.size(), BATCH_MAX);
        for _ in 0..12 {
            batch.failed();
        }
        assert_eq!(batch.size(), 1);
        batch.follow(100);
        assert_eq!(batch.size(), 1, "the same start changes nothing");
        batch.follow(7);
        assert_eq!(batch.size(), 7);
        batch.follow(1);
        batch.took(TARGET * 2);
        assert_eq!(batch.size(), 1, "within the target band nothing changes");
    }
}
