//! What time it is.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use crate::model::Millis;

/// Tells the time.
pub trait Clock: std::fmt::Debug + Send + Sync + 'static {
    /// The time of day, for records and for limits that outlive a restart.
    fn now(&self) -> Millis;

    /// Time that only grows, from any start: for silence. A time of day that
    /// is set forward must not make a fleet look dead.
    fn steady(&self) -> Millis;
}

/// The clock of this machine.
#[derive(Debug, Clone, Copy)]
pub struct SystemClock {
    start: Instant,
}

impl SystemClock {
    /// The clock; its steady time begins now.
    #[must_use]
    pub fn new() -> Self {
        Self {
            start: Instant::now(),
        }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Millis {
        Millis(0).after(
            SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .unwrap_or_default(),
        )
    }

    fn steady(&self) -> Millis {
        Millis(0).after(self.start.elapsed())
    }
}
