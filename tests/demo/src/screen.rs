//! What the demo prints.

use std::time::{Duration, Instant};

use dualwrite_tests::service::Compared;

use crate::ledger::Interval;

/// How wide the place of one service is in the line of a second.
const PLACE: usize = 44;

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

    /// Something happened to a service.
    pub(crate) fn tell(self, service: &str, text: &str) {
        self.say(&format!("{service:<8} {text}"));
    }

    /// A part of the demo begins.
    pub(crate) fn title(self, text: &str) {
        println!();
        self.say(&format!("── {text}"));
    }

    /// One second of traffic, the services side by side.
    pub(crate) fn second(self, places: &[String]) {
        let places: Vec<String> = places
            .iter()
            .map(|place| format!("{place:<PLACE$}"))
            .collect();
        self.say(places.join("│ ").trim_end());
    }

    /// The proof.
    pub(crate) fn comparison(self, service: &str, compared: &[Compared]) {
        for one in compared {
            self.tell(
                service,
                &format!(
                    "{:<14} {:>6} rows   {} differences",
                    one.entity, one.rows, one.differences
                ),
            );
            if one.differences > 0 {
                self.say(&one.report);
            }
        }
    }
}

/// What one service did in a second.
pub(crate) fn place(service: &str, phase: &str, interval: &Interval, markers: u64) -> String {
    format!(
        "{service:<7} {phase:<11} {:>4}/s {:>8} {markers:>5}",
        interval.writes,
        millis(interval.p99)
    )
}

/// What the columns of [`place`] are.
pub(crate) fn heading() -> String {
    format!(
        "{:<7} {:<11} {:>6} {:>8} {:>5}",
        "service", "phase", "writes", "p99", "marks"
    )
}

/// A duration in milliseconds, for people.
pub(crate) fn millis(duration: Duration) -> String {
    format!("{:.1} ms", duration.as_secs_f64() * 1_000.0)
}
