//! What is done on each side.

use super::{tones, words};
use crate::paint::{Paint, cell, plain};
use crate::view::operation::OperationView;

/// What is done on each side of each entity.
pub(crate) fn operations(operations: &[OperationView], paint: Paint) -> String {
    let heading = ["ENTITY", "SIDE", "PER SECOND", "FAILED", "P50", "P99"];
    let rows = operations.iter().map(|operation| {
        let failed = operation.attempts.saturating_sub(operation.successes);
        vec![
            plain(&operation.entity),
            plain(operation.side),
            plain(format!("{:.1}", operation.per_second)),
            cell(tones::unless(failed > 0), failed.to_string()),
            plain(words::latency(operation.latency_p50_us)),
            plain(words::latency(operation.latency_p99_us)),
        ]
    });
    paint.table(&heading, rows.collect())
}
