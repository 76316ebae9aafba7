//! Which words are good news.

use crate::paint::Tone;

/// The tone of a job's or transition's state.
pub(super) fn state(word: &str) -> Tone {
    match word {
        "done" => Tone::Good,
        "running" | "planning" => Tone::Strong,
        "paused" | "aborting" | "resolved_by_sidecars" => Tone::Warn,
        "failed" | "aborted" | "cancelled" => Tone::Bad,
        _ => Tone::Plain,
    }
}

/// The tone of a fence's role.
pub(super) fn role(word: &str) -> Tone {
    match word {
        "primary" => Tone::Strong,
        "frozen" | "handed" => Tone::Warn,
        _ => Tone::Plain,
    }
}

/// The tone of something that should not be.
pub(super) const fn unless(bad: bool) -> Tone {
    if bad { Tone::Bad } else { Tone::Plain }
}
