//! The limits of the guards, each of which a manifest can change.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::violation::Violation;

/// The limits that a transition must keep.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct GuardPolicy {
    /// Markers outstanding at most; 0 turns the guard off.
    pub max_markers: u64,
    /// Age of the oldest marker at most; zero turns the guard off.
    #[serde(with = "crate::duration::text")]
    pub max_marker_age: Duration,
    /// Share of failed secondary writes at most, in percent, over the window.
    pub max_secondary_error_percent: f64,
    /// The window of the error rate.
    #[serde(with = "crate::duration::text")]
    pub error_window: Duration,
    /// Whether a backfill must be complete before the primary changes.
    pub require_backfill: bool,
    /// A clean full validation not older than this; zero turns the guard off.
    #[serde(with = "crate::duration::text")]
    pub max_validation_age: Duration,
    /// Live sidecars that must have acknowledged, at least.
    pub min_sidecars: u32,
}

impl Default for GuardPolicy {
    fn default() -> Self {
        Self {
            max_markers: 10_000,
            max_marker_age: Duration::from_secs(30),
            max_secondary_error_percent: 1.0,
            error_window: Duration::from_mins(1),
            require_backfill: true,
            max_validation_age: Duration::ZERO,
            min_sidecars: 1,
        }
    }
}

impl GuardPolicy {
    /// Every limit that is out of its range, its manifest name as the path.
    #[must_use]
    pub fn validate(&self) -> Vec<Violation> {
        let percent = self.max_secondary_error_percent;
        let mut violations = Vec::new();
        if !(0.0..=100.0).contains(&percent) {
            violations.push(Violation::new(
                "maxSecondaryErrorPercent",
                format!("`{percent}` is out of range"),
                "0 to 100",
            ));
        }
        if self.error_window < Duration::from_secs(1) || self.error_window > MAX_ERROR_WINDOW {
            violations.push(Violation::new(
                "errorWindow",
                format!(
                    "`{}` is out of range",
                    crate::duration::format(self.error_window)
                ),
                "1s to 1h",
            ));
        }
        violations
    }
}

/// Metrics are kept in memory for this long.
pub const MAX_ERROR_WINDOW: Duration = Duration::from_hours(1);
