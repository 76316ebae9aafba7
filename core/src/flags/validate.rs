//! The ranges of flags, and combinations that contradict themselves.

use std::time::Duration;

use super::Flags;
use crate::side::Side;
use crate::violation::Violation;

/// Larger batches hold locks for too long.
pub const MAX_BATCH_SIZE: u32 = 512;

/// A validation that runs less than once a week is a forgotten one.
pub const MAX_SYNC_INTERVAL: Duration = Duration::from_hours(168);

/// A caller that waits longer than this for the copy has given up by then.
pub const MAX_SECONDARY_TIMEOUT: Duration = Duration::from_mins(1);

impl Flags {
    /// Every flag that is out of its range, with its name as the path.
    #[must_use]
    pub fn validate(&self) -> Vec<Violation> {
        let ranges = [
            (
                "batch_size",
                (1..=MAX_BATCH_SIZE).contains(&self.batch_size),
                "1 to 512",
            ),
            (
                "sync_interval",
                whole_millis(self.sync_interval)
                    && (Duration::from_secs(1)..=MAX_SYNC_INTERVAL).contains(&self.sync_interval),
                "1s to 168h, in whole milliseconds",
            ),
            ("read_new_percent", self.read_new_percent <= 100, "0 to 100"),
            (
                "compare_reads_percent",
                self.compare_reads_percent <= 100,
                "0 to 100",
            ),
            (
                "secondary_timeout_ms",
                whole_millis(self.secondary_timeout)
                    && (Duration::from_millis(1)..=MAX_SECONDARY_TIMEOUT)
                        .contains(&self.secondary_timeout),
                "1 to 60000, whole milliseconds",
            ),
        ];
        ranges
            .into_iter()
            .filter(|(_, right, _)| !right)
            .map(|(name, _, expected)| {
                let given = self.get(name).unwrap_or_default();
                Violation::new(name, format!("`{given}` is out of range"), expected)
            })
            .collect()
    }

    /// Settings that are allowed and probably not meant, one sentence each.
    #[must_use]
    pub fn warnings(&self) -> Vec<String> {
        let strict_and_async = [
            (Side::Legacy, self.fail_on_legacy_error, self.async_legacy),
            (Side::New, self.fail_on_new_error, self.async_new),
        ]
        .into_iter()
        .filter(|(_, strict, relayed)| *strict && *relayed)
        .map(|(side, _, _)| {
            format!(
                "fail_on_{side}_error and async_{side} contradict each other: strict wins; \
                 set async_{side} to false to say so"
            )
        });
        let log = (self.log_all && self.log_errors_only)
            .then(|| "log_all and log_errors_only are both set: log_all wins".to_owned());
        strict_and_async.chain(log).collect()
    }
}

const fn whole_millis(duration: Duration) -> bool {
    duration.subsec_nanos().is_multiple_of(1_000_000)
}
