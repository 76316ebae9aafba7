//! The report of a test run.

use dualwrite_core::diagnosis::{ShownReport, ShownResult};

use crate::paint::{Paint, Tone, cell, plain};

/// One probe a line, then the figures, then what went wrong.
pub(crate) fn test_report(report: &ShownReport, paint: Paint) -> String {
    let summary = &report.summary;
    let heading = ["TEST", "RESULT", "LEGACY", "NEW", "VALIDATED"];
    let rows = report.test_results.iter().map(|test| {
        let (tone, word) = if test.success {
            (Tone::Good, "passed")
        } else {
            (Tone::Bad, "failed")
        };
        vec![
            cell(Tone::Strong, &test.test_name),
            cell(tone, word),
            plain(yes(test.details.legacy_db_success)),
            plain(yes(test.details.new_db_success)),
            plain(yes(test.details.sync_validated)),
        ]
    });
    let mut text = paint.table(&heading, rows.collect());
    put!(
        text,
        "{} of {} passed ({:.1} %)\n",
        summary.passed_tests,
        summary.total_tests,
        summary.success_rate
    );
    for test in report.test_results.iter().filter(|test| !test.success) {
        put!(text, "{}\n", failure(test, paint));
    }
    text
}

fn failure(test: &ShownResult, paint: Paint) -> String {
    let name = paint.text(Tone::Bad, &test.test_name);
    format!("{name}: {}", test.details.error)
}

const fn yes(held: bool) -> &'static str {
    if held { "yes" } else { "no" }
}
