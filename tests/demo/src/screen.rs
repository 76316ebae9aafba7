//! What the demo prints.

use std::time::{Duration, Instant};

use dualwrite_tests::cart::Compared;

use crate::ledger::Interval;

/// Lines with the time since the start.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Screen {
    began: Instant,
}

#[expect(clippy::print_stdout, reason = "printing is what the demo is for")]
impl Screen {
    pub(crate) fn new() -> Self {
        Self {
            began: Instant::now(),
        }
    }

    /// Something happened.
    pub(crate) fn say(self, text: &str) {
        println!("{:>6.1}s  {text}", self.began.elapsed().as_secs_f64());
    }

    /// A part of the story begins.
    pub(crate) fn title(self, text: &str) {
        println!();
        self.say(&format!("── {text}"));
    }

    /// One second of traffic.
    pub(crate) fn second(self, phase: &str, interval: &Interval, markers: u64) {
        self.say(&format!(
            "{phase:<12} {:>6} writes/s   p50 {:>8}   p99 {:>8}   markers {markers}",
            interval.writes,
            millis(interval.p50),
            millis(interval.p99),
        ));
    }

    /// The proof.
    pub(crate) fn comparison(self, compared: &[Compared]) {
        for one in compared {
            self.say(&format!(
                "{:<14} {:>6} rows   {} differences",
                one.entity, one.rows, one.differences
            ));
            if one.differences > 0 {
                self.say(&one.report);
            }
        }
    }
}

/// A duration in milliseconds, for people.
pub(crate) fn millis(duration: Duration) -> String {
    format!("{:.1} ms", duration.as_secs_f64() * 1_000.0)
}
