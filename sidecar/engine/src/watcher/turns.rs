//! The number of the last look, and those who wait for it.

use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::Notify;

/// A number that grows. Whoever waits for it is woken in the order of asking;
/// a watch channel wakes in no order at all, and a run under virtual time must
/// be the same each time.
#[derive(Debug, Default)]
pub(super) struct Turns {
    ended: AtomicU64,
    grown: Notify,
}

impl Turns {
    /// This turn has ended.
    pub(super) fn end(&self, turn: u64) {
        self.ended.fetch_max(turn, Ordering::SeqCst);
        self.grown.notify_waiters();
    }

    /// Waits until this turn, or a later one, has ended.
    pub(super) async fn reached(&self, turn: u64) {
        loop {
            // Registered before the number is read, so that no end is missed.
            let grown = self.grown.notified();
            if self.ended.load(Ordering::SeqCst) >= turn {
                return;
            }
            grown.await;
        }
    }
}
