//! Who has received what.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use tokio::sync::Notify;
use tokio::time::timeout;

/// How long receivers may take: far beyond what any loaded machine needs.
const BOUND: Duration = Duration::from_mins(2);

/// Counts the receivers of one version, and notes when the last of them had it.
#[derive(Debug)]
pub(super) struct Receipts {
    receivers: u64,
    version: AtomicU64,
    count: AtomicU64,
    last: Mutex<Option<Instant>>,
    complete: Notify,
}

impl Receipts {
    /// Of so many receivers, who are waited for to have version 0.
    pub(super) fn of(receivers: u32) -> Self {
        Self {
            receivers: u64::from(receivers),
            version: AtomicU64::new(0),
            count: AtomicU64::new(0),
            last: Mutex::new(None),
            complete: Notify::new(),
        }
    }

    /// From now on this version is counted.
    pub(super) fn expect(&self, version: u64) {
        if let Ok(mut last) = self.last.lock() {
            *last = None;
        }
        self.count.store(0, Ordering::SeqCst);
        self.version.store(version, Ordering::SeqCst);
    }

    /// A receiver has a version, for the first time.
    pub(super) fn note(&self, version: u64) {
        if version != self.version.load(Ordering::SeqCst) {
            return;
        }
        if self.count.fetch_add(1, Ordering::SeqCst) + 1 == self.receivers {
            if let Ok(mut last) = self.last.lock() {
                *last = Some(Instant::now());
            }
            self.complete.notify_one();
        }
    }

    /// When the last receiver had the version that is expected.
    pub(super) async fn complete(&self) -> Result<Instant> {
        let complete = async {
            loop {
                let last = self.last.lock().ok().and_then(|last| *last);
                if let Some(last) = last {
                    return last;
                }
                self.complete.notified().await;
            }
        };
        timeout(BOUND, complete).await.with_context(|| {
            let count = self.count.load(Ordering::SeqCst);
            format!("only {count} of {} receivers got it", self.receivers)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn it_is_complete_with_the_last_receiver() {
        let receipts = Receipts::of(2);
        receipts.note(0);
        receipts.note(7);
        assert!(receipts.last.lock().unwrap().is_none());
        receipts.note(0);
        receipts.complete().await.unwrap();
        receipts.expect(1);
        assert!(receipts.last.lock().unwrap().is_none());
        receipts.note(1);
        receipts.note(1);
        receipts.complete().await.unwrap();
    }
}
