//! A history, newest first.

use super::words;
use crate::paint::{Paint, Tone, cell, plain};
use crate::view::event::EventView;

/// Letters of a change that fit a line.
const CHANGE_MAX: usize = 60;

/// A history, newest first.
pub(crate) fn events(events: &[EventView], paint: Paint) -> String {
    if events.is_empty() {
        return "Nothing happened yet.\n".to_owned();
    }
    let rows = events.iter().map(|event| {
        vec![
            plain(event.revision.to_string()),
            plain(words::instant(event.time.as_ref())),
            plain(&event.actor),
            cell(tone(&event.kind), &event.kind),
            plain(change(event)),
            plain(words::or_dash(event.reason.as_ref())),
        ]
    });
    paint.table(
        &["REVISION", "TIME (UTC)", "WHO", "WHAT", "CHANGE", "WHY"],
        rows.collect(),
    )
}

fn change(event: &EventView) -> String {
    let text = match (&event.before, &event.after) {
        (Some(before), Some(after)) => format!("{before} -> {after}"),
        (None, Some(said)) | (Some(said), None) => said.clone(),
        (None, None) => "-".to_owned(),
    };
    if text.chars().count() <= CHANGE_MAX {
        return text;
    }
    let kept: String = text.chars().take(CHANGE_MAX - 1).collect();
    format!("{kept}\u{2026}")
}

fn tone(kind: &str) -> Tone {
    match kind {
        "transition_done" | "job_done" => Tone::Good,
        "transition_aborted" | "transition_resolved" => Tone::Warn,
        "transition_refused" | "deleted" => Tone::Bad,
        _ => Tone::Plain,
    }
}
