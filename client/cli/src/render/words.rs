//! Small pieces of text.

use std::time::Duration;

use dualwrite_core::duration;

/// `2026-01-31T23:59:59.123Z` to the second, or `-`.
pub(super) fn instant(rfc3339: Option<&String>) -> String {
    rfc3339
        .and_then(|text| text.get(..19))
        .map_or_else(|| "-".to_owned(), |text| text.replace('T', " "))
}

/// Whole milliseconds with their unit.
pub(super) fn millis(millis: u64) -> String {
    duration::format(Duration::from_millis(millis))
}

/// Whole microseconds, as milliseconds with one digit, or `-`.
pub(super) fn latency(micros: Option<u64>) -> String {
    let Some(micros) = micros else {
        return "-".to_owned();
    };
    let tenths = micros / 100;
    format!("{}.{} ms", tenths / 10, tenths % 10)
}

/// `1 thing`, `2 things`.
pub(super) fn count(number: u64, thing: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {thing}{plural}")
}

/// Text, or `-`.
pub(super) fn or_dash(text: Option<&String>) -> String {
    text.cloned().unwrap_or_else(|| "-".to_owned())
}
