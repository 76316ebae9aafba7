//! What became of a manifest, in a sentence.

use crate::paint::{Paint, Tone};
use crate::view::applied::AppliedView;

/// What became of a manifest, in a sentence.
pub(crate) fn applied(view: &AppliedView, paint: Paint) -> String {
    let migration = &view.migration;
    let word = match (view.dry_run, view.created, view.changed) {
        (false, true, _) => "created",
        (false, false, true) => "changed",
        (true, true, _) => "would be created",
        (true, false, true) => "would be changed",
        (_, false, false) => "unchanged",
    };
    let mut text = format!(
        "{} {word}: {}, revision {}, epoch {}\n",
        paint.text(Tone::Strong, &migration.name),
        migration.phase,
        migration.revision,
        migration.epoch
    );
    if let Some(transition) = &migration.transition {
        text.push_str(&super::transition(transition, paint));
    }
    text
}
