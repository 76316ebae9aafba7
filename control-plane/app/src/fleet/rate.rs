//! Rows per second of a job, from the progress of the last half minute.

use std::collections::VecDeque;
use std::time::Duration;

use crate::model::Millis;

/// What a rate is measured over.
const WINDOW: Duration = Duration::from_secs(30);

/// Rows per second over the last reports.
#[derive(Debug, Default)]
pub(super) struct Rate {
    reports: VecDeque<(Millis, u64)>,
}

impl Rate {
    pub(super) fn count(&mut self, steady: Millis, rows: u64) {
        self.reports.push_back((steady, rows));
        self.sweep(steady);
    }

    pub(super) fn per_second(&mut self, steady: Millis) -> f64 {
        self.sweep(steady);
        let Some((first, _)) = self.reports.front() else {
            return 0.0;
        };
        let span = steady.since(*first).max(Duration::from_secs(1));
        let rows: u64 = self.reports.iter().map(|(_, rows)| rows).sum();
        to_float(rows) / span.as_secs_f64()
    }

    fn sweep(&mut self, steady: Millis) {
        while self
            .reports
            .front()
            .is_some_and(|(at, _)| steady.since(*at) > WINDOW)
        {
            self.reports.pop_front();
        }
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a rate of 2^53 rows may be off by one"
)]
fn to_float(rows: u64) -> f64 {
    rows as f64
}
