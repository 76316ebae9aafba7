//! The exact check of one key, in a sentence.

use crate::paint::{Paint, Tone};
use crate::view::key_check::KeyCheckView;

/// The exact check of one key, in a sentence.
pub(crate) fn key_check(view: &KeyCheckView, paint: Paint) -> String {
    let (tone, word, meaning) = match view.verdict {
        "equal" => (Tone::Good, "equal", "both sides hold the same row"),
        "pending" => (
            Tone::Warn,
            "pending",
            "a marker stands: the relay is about to copy it",
        ),
        "missing_on_secondary" => (
            Tone::Bad,
            "different",
            "the secondary does not have the row",
        ),
        "extra_on_secondary" => (Tone::Bad, "different", "only the secondary has the row"),
        "different" => (Tone::Bad, "different", "the rows differ"),
        "absent_on_both" => (Tone::Good, "equal", "neither side has the row"),
        "no_secondary" => (
            Tone::Warn,
            "not checked",
            "this phase has no secondary to compare with",
        ),
        other => (Tone::Warn, "not checked", other),
    };
    let mut text = format!("{}  {}: {meaning}", view.entity, paint.text(tone, word));
    if !view.columns.is_empty() {
        put!(text, " in {}", view.columns.join(", "));
    }
    text.push('\n');
    text
}
