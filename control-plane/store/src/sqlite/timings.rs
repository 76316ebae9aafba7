//! How long what is waited for takes.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use dualwrite_core::tally::{Delta, FailureKind};

/// How often, how it ended and how long, by operation. Clones are the same.
#[derive(Debug, Clone, Default)]
pub(super) struct Timings {
    deltas: Arc<Mutex<BTreeMap<&'static str, Delta>>>,
}

impl Timings {
    /// Does an operation, and counts it.
    pub(super) async fn of<T>(
        &self,
        operation: &'static str,
        doing: impl Future<Output = Result<T, sqlx::Error>>,
    ) -> Result<T, sqlx::Error> {
        let began = Instant::now();
        let done = doing.await;
        let outcome = done.as_ref().map(|_| ()).map_err(|_| FailureKind::Other);
        let mut deltas = self.deltas.lock().unwrap_or_else(PoisonError::into_inner);
        let delta = deltas.entry(operation).or_default();
        delta.record(outcome, began.elapsed());
        done
    }

    /// All of it.
    pub(super) fn all(&self) -> Vec<(&'static str, Delta)> {
        let deltas = self.deltas.lock().unwrap_or_else(PoisonError::into_inner);
        let each = deltas.iter();
        each.map(|(operation, delta)| (*operation, delta.clone()))
            .collect()
    }
}
