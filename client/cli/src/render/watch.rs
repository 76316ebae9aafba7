//! A migration as it changes: a picture, or a line.

use super::operation::operations;
use crate::paint::Paint;
use crate::view::watch::WatchView;

/// The picture that a live view redraws.
pub(crate) fn live(view: &WatchView, paint: Paint) -> String {
    let mut text = super::status(&view.migration, paint);
    if !view.operations.is_empty() {
        text.push('\n');
        text.push_str(&operations(&view.operations, paint));
    }
    let running: Vec<_> = view
        .jobs
        .iter()
        .filter(|job| job.end_time.is_none())
        .map(super::progress)
        .collect();
    for line in running {
        put!(text, "\n{line}\n");
    }
    text
}

/// The line that stands for a change.
pub(crate) fn summary(view: &WatchView) -> String {
    let migration = &view.migration;
    let health = &migration.health;
    let mut text = format!(
        "{} revision {} {} epoch {} sidecars {}/{} markers {}",
        migration.name,
        migration.revision,
        migration.phase,
        migration.epoch,
        health.acked_sidecars,
        health.live_sidecars,
        health.markers
    );
    if health.quarantined > 0 {
        put!(text, " set-aside {}", health.quarantined);
    }
    if let Some(transition) = &migration.transition {
        let step = transition
            .steps
            .last()
            .map_or("begun", |step| step.name.as_str());
        put!(
            text,
            " {} to {} at {step}",
            transition.state,
            transition.to_phase
        );
    }
    for job in view.jobs.iter().filter(|job| job.end_time.is_none()) {
        put!(
            text,
            " {} {} {}/{}",
            job.kind,
            job.state,
            job.rows_done,
            job.rows_total
        );
    }
    text.push('\n');
    text
}
