//! The end of a migration, side by side with its proof.

use crate::paint::{Paint, Tone};
use crate::view::retirement::{RemovalView, RetirementView};

/// Digits of a fingerprint that are shown; the whole is in the JSON.
const FINGERPRINT: usize = 16;

/// How far the end of a migration has come.
pub(crate) fn retirement(end: &RetirementView, paint: Paint) -> String {
    let done = end.state == "done";
    let tone = if done { Tone::Good } else { Tone::Warn };
    let word = if done { "retired" } else { "retiring" };
    let mut text = format!(
        "{}  {}\n",
        paint.text(Tone::Strong, &end.migration),
        paint.text(tone, word)
    );
    put!(text, "  by {}: {}\n", end.actor, end.reason);
    for removal in &end.removals {
        text += &side(removal);
    }
    if let Some(why) = &end.waiting_for {
        put!(text, "  waiting for {why}\n");
    }
    text
}

fn side(removal: &RemovalView) -> String {
    let mut text = format!("\n{}\n", removal.side);
    let lists = [
        ("removed", &removal.removed),
        ("kept", &removal.kept),
        ("left", &removal.left),
    ];
    for (word, objects) in lists {
        for object in objects {
            put!(text, "  {word:<8} {object}\n");
        }
    }
    let (before, after) = (short(&removal.schema_before), short(&removal.schema_after));
    if removal.schema_before == removal.schema_after {
        put!(
            text,
            "  schema   {before} before and after: nothing else was touched\n"
        );
    } else {
        put!(
            text,
            "  schema   {before} before, {after} after: something else changed it\n"
        );
    }
    text
}

fn short(fingerprint: &str) -> &str {
    fingerprint.get(..FINGERPRINT).unwrap_or(fingerprint)
}
