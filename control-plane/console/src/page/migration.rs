//! One migration: where it is, and what its fleet reports.

use dualwrite_control_app::model::{FenceReport, MigrationView, Transition};
use dualwrite_core::duration;

use crate::html::Text;
use crate::time::utc;

pub(super) fn told(view: &MigrationView) -> String {
    let MigrationView {
        migration,
        transition,
        health,
    } = view;
    let backfill = if migration.backfill_complete() {
        "complete"
    } else {
        "not complete"
    };
    let facts = [
        ("phase", format!("<b>{}</b>", migration.phase)),
        ("primary", migration.phase.primary().to_string()),
        ("epoch", migration.epoch.to_string()),
        (
            "revision",
            format!("{}, since {}", migration.revision, utc(migration.updated)),
        ),
        (
            "sidecars",
            format!(
                "{} live, {} on this revision, {} refuse it",
                health.live, health.acked, health.nacked
            ),
        ),
        (
            "markers",
            format!(
                "{}, oldest {}",
                health.markers,
                duration::format(health.oldest_marker)
            ),
        ),
        ("set aside", health.quarantined.to_string()),
        ("backfill", backfill.to_owned()),
        ("legacy fence", fence(health.legacy_fence.as_ref())),
        ("new fence", fence(health.new_fence.as_ref())),
    ];
    let facts = facts
        .map(|(name, fact)| {
            format!(
                "<dt>{name}</dt><dd>{fact}</dd>
"
            )
        })
        .concat();
    format!(
        "<h2>{}</h2>\n{}<dl>\n{facts}</dl>\n",
        Text(&migration.name),
        transition.as_ref().map(under_way).unwrap_or_default(),
    )
}

fn under_way(transition: &Transition) -> String {
    let plan = &transition.plan;
    let last = transition
        .steps
        .last()
        .map_or("no step yet", |step| &step.name);
    format!(
        "<p class=\"busy\">{}: {} &rarr; {}, executed by {}, last step: {}</p>\n",
        transition.state.as_str(),
        plan.from_phase,
        plan.to_phase,
        Text(transition.executor.as_deref().unwrap_or("nobody yet")),
        Text(last),
    )
}

fn fence(report: Option<&FenceReport>) -> String {
    report.map_or_else(
        || "not reported".to_owned(),
        |fence| format!("{} in epoch {} ({})", fence.role, fence.epoch, fence.phase),
    )
}
