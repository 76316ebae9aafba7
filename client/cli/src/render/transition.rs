//! A transition, step by step.

use super::tones;
use crate::paint::{Paint, Tone, cell, plain};
use crate::view::transition::TransitionView;

/// A transition, step by step.
pub(crate) fn transition(transition: &TransitionView, paint: Paint) -> String {
    let mut text = format!(
        "{} -> {}  {}",
        transition.from_phase,
        transition.to_phase,
        paint.text(tones::state(transition.state), transition.state)
    );
    if let Some(executor) = &transition.executor {
        put!(text, ", executed by {executor}");
    }
    if transition.forced {
        text.push_str(", forced");
    }
    text.push('\n');
    for (name, said) in [
        ("reason", &transition.reason),
        ("outcome", &transition.outcome),
    ] {
        if let Some(said) = said {
            put!(text, "  {}: {said}\n", paint.text(Tone::Dim, name));
        }
    }
    let steps = transition.steps.iter().map(|step| {
        let after = step
            .after_ms
            .map_or_else(String::new, |after| format!("+{after} ms"));
        vec![
            plain(format!("  {}", step.name)),
            cell(Tone::Dim, after),
            plain(step.detail.clone().unwrap_or_default()),
        ]
    });
    text + &paint.columns(steps.collect())
}
