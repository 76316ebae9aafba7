//! Metrics: what was reported, and what is known from it.

use std::collections::BTreeMap;
use std::time::Duration;

use dualwrite_core::guard::ErrorCount;
use dualwrite_core::side::Side;
use dualwrite_core::tally::Comparisons;

use super::{Service, State};
use crate::fleet::Report;
use crate::fleet::service::told::Instants;
use crate::model::{Backlog, Compared, Job, Metrics, Millis};

/// A backlog older than this is not known any more. Sidecars report every few
/// seconds.
const FRESH: Duration = Duration::from_secs(30);

/// How long the number of an instance's last report is kept after it.
const KEEP_SEQUENCE: Duration = Duration::from_hours(1);

impl Service {
    /// Counts a report, unless it was counted before.
    pub(in crate::fleet) fn count(&self, session: &str, report: Report, at: Instants) {
        let mut state = self.state();
        let State {
            sessions,
            ring,
            sequences,
            ..
        } = &mut *state;
        let Some(session) = sessions.get_mut(session) else {
            return;
        };
        let last = sequences
            .entry(session.instance.clone())
            .or_insert((0, at.steady));
        if report.sequence > last.0 {
            *last = (report.sequence, at.steady);
            ring.fold(at.now, &report.operations, &report.backlogs);
        }
        session.backlogs = report.backlogs;
        session.pools = report.pools;
        session.comparisons = report.comparisons;
        session.reported = Some(at.steady);
        drop(state);
        self.touch_reported();
    }

    /// Per entity the backlog of the newest fresh report; `None` when there is
    /// none. Each sidecar reports what stands in the database, which is one
    /// and the same for all, so the newest is right and a sum would be wrong.
    pub(crate) fn backlogs(&self, steady: Millis) -> Option<Vec<Backlog>> {
        let state = self.state();
        state
            .sessions
            .values()
            .filter(|session| session.live(steady))
            .filter_map(|session| session.reported.map(|at| (at, session)))
            .filter(|(at, _)| steady.since(*at) < FRESH)
            .max_by_key(|(at, _)| *at)
            .map(|(_, session)| session.backlogs.clone())
    }

    /// How reads that live sidecars did on both sides compared, per entity:
    /// each sidecar counts its own, so here a sum is right.
    pub(super) fn comparisons(&self, steady: Millis) -> Vec<Compared> {
        let mut sums = BTreeMap::<String, Comparisons>::new();
        let state = self.state();
        let live = state
            .sessions
            .values()
            .filter(|session| session.live(steady));
        for compared in live.flat_map(|session| &session.comparisons) {
            let sum = sums.entry(compared.entity.clone()).or_default();
            sum.add(&compared.counts);
        }
        let each = sums.into_iter();
        each.map(|(entity, counts)| Compared { entity, counts })
            .collect()
    }

    /// Operations on a side over a window, and those that failed; `None` when
    /// nothing was reported lately.
    pub(crate) fn errors(&self, side: Side, window: Duration, at: Instants) -> Option<ErrorCount> {
        self.backlogs(at.steady)?;
        let totals = self.state().ring.query(at.now, window).totals;
        let mut errors = ErrorCount::default();
        for operations in totals.iter().filter(|operations| operations.side == side) {
            let total = &operations.tally.total;
            errors.attempts = errors.attempts.saturating_add(total.telling());
            errors.failures = errors.failures.saturating_add(total.faults());
        }
        Some(errors)
    }

    /// What was reported within `lookback`.
    pub(crate) fn metrics(&self, now: Millis, lookback: Duration) -> Metrics {
        self.state().ring.query(now, lookback)
    }

    pub(crate) fn count_rows(&self, job: &str, rows: u64, steady: Millis) {
        self.state()
            .rates
            .entry(job.to_owned())
            .or_default()
            .count(steady, rows);
    }

    /// Rows per second of a job.
    pub(crate) fn rate(&self, job: &str, steady: Millis) -> f64 {
        self.state()
            .rates
            .get_mut(job)
            .map_or(0.0, |rate| rate.per_second(steady))
    }

    /// Forgets the rates of jobs that are not open.
    pub(crate) fn keep_rates(&self, open: &[Job]) {
        self.state()
            .rates
            .retain(|id, _| open.iter().any(|job| job.id == *id));
    }
}

impl State {
    pub(super) fn forget_sequences(&mut self, steady: Millis) {
        self.sequences
            .retain(|_, (_, at)| steady.since(*at) < KEEP_SEQUENCE);
    }
}
