//! What a pool remembers of the attempts to get a connection from it.

use std::future::Future;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};

use super::StoreError;

/// How many wait for a connection, and why the last attempt failed. Adapters
/// run every attempt through it; a [`PoolStatus`](super::PoolStatus) is then
/// the same thing for every engine.
#[derive(Debug, Default)]
pub struct Attempts {
    waiting: AtomicU32,
    /// Whether there is an error to clear, so that a success costs no lock.
    failing: AtomicBool,
    last_error: Mutex<Option<String>>,
}

/// One that waits; counted until it is dropped, at whatever await point.
struct Waiting<'a>(&'a AtomicU32);

// === impl Attempts ===

impl Attempts {
    /// Makes one attempt.
    pub async fn make<T>(
        &self,
        attempt: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        let counted = Waiting::new(&self.waiting);
        let outcome = attempt.await;
        drop(counted);
        match &outcome {
            Ok(_) => {
                if self.failing.load(Ordering::Relaxed) {
                    self.remember(None);
                }
            }
            Err(error) => self.remember(Some(error.to_string())),
        }
        outcome
    }

    /// How many wait now.
    #[must_use]
    pub fn waiting(&self) -> u32 {
        self.waiting.load(Ordering::Relaxed)
    }

    /// Why the last attempt failed, if it did.
    #[must_use]
    pub fn last_error(&self) -> Option<String> {
        // A text is whole whatever happened to whoever wrote it.
        let last = self
            .last_error
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        last.clone()
    }

    fn remember(&self, error: Option<String>) {
        let mut last = self
            .last_error
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        self.failing.store(error.is_some(), Ordering::Relaxed);
        *last = error;
    }
}

impl<'a> Waiting<'a> {
    fn new(count: &'a AtomicU32) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(count)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::task::{Context, Waker};

    use super::*;

    #[tokio::test]
    async fn the_last_error_stays_until_an_attempt_succeeds() {
        let attempts = Attempts::default();
        let away = || StoreError::Unavailable("away".to_owned());
        let failed: Result<(), _> = attempts.make(async { Err(away()) }).await;
        assert_eq!(failed, Err(away()));
        assert_eq!(
            attempts.last_error().as_deref(),
            Some("the database does not answer: away")
        );
        attempts.make(async { Ok(()) }).await.unwrap();
        assert_eq!(attempts.last_error(), None);
    }

    #[test]
    fn one_that_gives_up_waiting_is_not_counted_any_more() {
        let attempts = Attempts::default();
        {
            let mut waiting = pin!(attempts.make(std::future::pending::<Result<(), StoreError>>()));
            let mut context = Context::from_waker(Waker::noop());
            assert!(waiting.as_mut().poll(&mut context).is_pending());
            assert_eq!(attempts.waiting(), 1);
        }
        assert_eq!(attempts.waiting(), 0);
    }
}
