//! Flags by name.

use super::words;
use crate::paint::{Cell, Paint, Tone, cell, plain};
use crate::view::flags::FlagsView;

/// Flags by name, those that are not as they come standing out.
pub(crate) fn flags(view: &FlagsView, default: &FlagsView, paint: Paint) -> String {
    let rows = texts(view)
        .into_iter()
        .zip(texts(default))
        .map(|((name, value), (_, default))| {
            let row: Vec<Cell> = if value == default {
                vec![plain(name), plain(value)]
            } else {
                let note = format!("default {default}");
                vec![
                    plain(name),
                    cell(Tone::Strong, value),
                    cell(Tone::Dim, note),
                ]
            };
            row
        });
    paint.columns(rows.collect())
}

/// Each flag as it is typed.
fn texts(view: &FlagsView) -> [(&'static str, String); 13] {
    [
        (
            "fail_on_legacy_error",
            view.fail_on_legacy_error.to_string(),
        ),
        ("fail_on_new_error", view.fail_on_new_error.to_string()),
        ("async_legacy", view.async_legacy.to_string()),
        ("async_new", view.async_new.to_string()),
        ("batch_size", view.batch_size.to_string()),
        ("validate_sync", view.validate_sync.to_string()),
        ("sync_interval", words::millis(view.sync_interval_ms)),
        ("log_all", view.log_all.to_string()),
        ("log_errors_only", view.log_errors_only.to_string()),
        ("metrics_enabled", view.metrics_enabled.to_string()),
        ("read_new_percent", view.read_new_percent.to_string()),
        (
            "compare_reads_percent",
            view.compare_reads_percent.to_string(),
        ),
        (
            "secondary_timeout_ms",
            view.secondary_timeout_ms.to_string(),
        ),
    ]
}
