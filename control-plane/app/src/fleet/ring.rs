//! What a fleet reported over the last hour, in points of ten seconds.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use dualwrite_core::side::Side;
use dualwrite_core::tally::Tally;

use crate::model::{Backlog, Metrics, MetricsPoint, Millis, Operations};

/// The time of one point.
pub(super) const WIDTH: Duration = Duration::from_secs(10);

/// Points that are kept: an hour.
const POINTS: usize = 360;

/// What a fleet reported over the last hour.
#[derive(Debug, Default)]
pub(super) struct Ring {
    points: VecDeque<Point>,
}

#[derive(Debug)]
struct Point {
    start: Millis,
    operations: BTreeMap<(String, Side), Tally>,
    backlogs: BTreeMap<String, Backlog>,
}

impl Ring {
    /// Folds a report into the point of its time.
    pub(super) fn fold(&mut self, now: Millis, operations: &[Operations], backlogs: &[Backlog]) {
        let point = self.point(now);
        for delta in operations {
            let key = (delta.entity.clone(), delta.side);
            point.operations.entry(key).or_default().merge(&delta.tally);
        }
        for backlog in backlogs {
            point
                .backlogs
                .insert(backlog.entity.clone(), backlog.clone());
        }
    }

    /// The points that began within `lookback`, and their fold.
    pub(super) fn query(&self, now: Millis, lookback: Duration) -> Metrics {
        let since = now.before(lookback);
        let within = || {
            self.points
                .iter()
                .filter(|point| point.start.after(WIDTH) > since)
        };
        let mut totals: BTreeMap<(String, Side), Tally> = BTreeMap::new();
        for point in within() {
            for (key, tally) in &point.operations {
                totals.entry(key.clone()).or_default().merge(tally);
            }
        }
        let span = within()
            .next()
            .map_or(Duration::ZERO, |first| now.since(first.start));
        Metrics {
            points: within().map(Point::shown).collect(),
            totals: shown(&totals),
            span: span.min(lookback).max(Duration::from_secs(1)),
        }
    }

    /// The point of this time. A clock that is set back stays in the newest.
    fn point(&mut self, now: Millis) -> &mut Point {
        let width = Millis(0).after(WIDTH).0;
        let start = Millis(now.0 - now.0 % width);
        if self.points.back().is_none_or(|newest| newest.start < start) {
            if self.points.len() == POINTS {
                self.points.pop_front();
            }
            self.points.push_back(Point::new(start));
        }
        let newest = self.points.len() - 1;
        &mut self.points[newest]
    }
}

impl Point {
    const fn new(start: Millis) -> Self {
        Self {
            start,
            operations: BTreeMap::new(),
            backlogs: BTreeMap::new(),
        }
    }

    fn shown(&self) -> MetricsPoint {
        MetricsPoint {
            start: self.start,
            width: WIDTH,
            operations: shown(&self.operations),
            backlogs: self.backlogs.values().cloned().collect(),
        }
    }
}

fn shown(operations: &BTreeMap<(String, Side), Tally>) -> Vec<Operations> {
    operations
        .iter()
        .map(|((entity, side), tally)| Operations {
            entity: entity.clone(),
            side: *side,
            tally: tally.clone(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn operations(attempts: u64) -> Operations {
        let mut tally = Tally::default();
        tally.total.attempts = attempts;
        Operations {
            entity: "cart".into(),
            side: Side::Legacy,
            tally,
        }
    }

    fn attempts(metrics: &Metrics) -> Vec<u64> {
        metrics
            .points
            .iter()
            .map(|point| point.operations[0].tally.total.attempts)
            .collect()
    }

    #[test]
    fn reports_of_one_interval_are_one_point_and_totals_are_of_the_lookback() {
        let mut ring = Ring::default();
        for (at, count) in [(1_000, 1), (9_000, 2), (10_000, 4), (60_000, 8)] {
            ring.fold(Millis(at), &[operations(count)], &[]);
        }
        let hour = ring.query(Millis(61_000), Duration::from_hours(1));
        assert_eq!(attempts(&hour), [3, 4, 8]);
        assert_eq!(hour.totals[0].tally.total.attempts, 15);
        let recent = ring.query(Millis(61_000), Duration::from_secs(5));
        assert_eq!(attempts(&recent), [8]);
    }

    #[test]
    fn an_hour_is_kept_and_no_more() {
        let mut ring = Ring::default();
        for slot in 0..500 {
            ring.fold(Millis(slot * 10_000), &[operations(1)], &[]);
        }
        assert_eq!(ring.points.len(), POINTS);
        assert_eq!(ring.points[0].start, Millis(140 * 10_000));
    }

    #[test]
    fn a_clock_that_is_set_back_loses_nothing() {
        let mut ring = Ring::default();
        ring.fold(Millis(50_000), &[operations(1)], &[]);
        ring.fold(Millis(20_000), &[operations(2)], &[]);
        let all = ring.query(Millis(50_000), Duration::from_hours(1));
        assert_eq!(all.totals[0].tally.total.attempts, 3);
    }
}
