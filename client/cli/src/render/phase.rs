//! Where a migration is, and where it can go.

use crate::paint::{Paint, Tone};
use crate::view::phase::PhaseView;

/// Where a migration is, and where it can go.
pub(crate) fn phase(view: &PhaseView, paint: Paint) -> String {
    let steps = [("advance", view.next), ("rollback", view.previous)];
    let mut text = format!("{}\n", paint.text(Tone::Strong, view.phase));
    for (verb, to) in steps {
        if let Some(to) = to {
            put!(text, "  {verb} leads to {to}\n");
        }
    }
    if let Some(transition) = &view.transition {
        text.push('\n');
        text.push_str(&super::transition(transition, paint));
    }
    text
}
