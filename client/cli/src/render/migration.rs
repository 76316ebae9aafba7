//! Migrations: a table of all, and one in detail.

use super::{tones, words};
use crate::paint::{Cell, Paint, Tone, cell, plain};
use crate::view::migration::{FenceView, HealthView, MigrationView};

/// All migrations, one a line.
pub(crate) fn migrations(migrations: &[MigrationView], paint: Paint) -> String {
    if migrations.is_empty() {
        return "There are no migrations. `dualwrite apply -f FILE` makes one.\n".to_owned();
    }
    let heading = [
        "NAME",
        "PHASE",
        "PRIMARY",
        "REVISION",
        "EPOCH",
        "SIDECARS",
        "MARKERS",
        "TRANSITION",
    ];
    let rows = migrations.iter().map(|migration| {
        let health = &migration.health;
        let transition = migration.transition.as_ref().map_or_else(
            || "-".to_owned(),
            |transition| format!("to {} ({})", transition.to_phase, transition.state),
        );
        vec![
            cell(Tone::Strong, &migration.name),
            plain(phase(migration)),
            plain(migration.primary),
            plain(migration.revision.to_string()),
            plain(migration.epoch.to_string()),
            cell(tones::unless(health.nacked_sidecars > 0), sidecars(health)),
            plain(health.markers.to_string()),
            plain(transition),
        ]
    });
    paint.table(&heading, rows.collect())
}

/// The phase, and whether the migration has ended there.
fn phase(migration: &MigrationView) -> String {
    match &migration.retirement {
        None => migration.phase.to_owned(),
        Some(end) if end.state == "done" => format!("{}, retired", migration.phase),
        Some(_) => format!("{}, retiring", migration.phase),
    }
}

/// One migration in detail.
pub(crate) fn status(migration: &MigrationView, paint: Paint) -> String {
    let health = &migration.health;
    let title = format!(
        "{}  {}\n",
        paint.text(Tone::Strong, &migration.name),
        paint.text(Tone::Strong, &phase(migration))
    );
    let secondary = migration
        .secondary
        .map_or_else(String::new, |side| format!(", {side} follows"));
    let rows = vec![
        line(
            "primary",
            plain(format!("{}{secondary}", migration.primary)),
        ),
        line(
            "revision",
            plain(format!(
                "{} (epoch {})",
                migration.revision, migration.epoch
            )),
        ),
        line(
            "sidecars",
            cell(tones::unless(health.nacked_sidecars > 0), acks(health)),
        ),
        line("markers", plain(markers(health))),
        line(
            "set aside",
            cell(tones::unless(health.quarantined > 0), set_aside(health)),
        ),
        line("compared reads", super::comparisons(&health.comparisons)),
        line("backfill", plain(backfill(health))),
        line("legacy", fence(health.legacy_fence.as_ref())),
        line("new", fence(health.new_fence.as_ref())),
        line("entities", plain(entities(migration))),
    ];
    let mut text = title + &paint.columns(rows);
    if let Some(transition) = &migration.transition {
        text.push('\n');
        text.push_str(&super::transition(transition, paint));
    }
    if let Some(end) = &migration.retirement {
        text.push('\n');
        text.push_str(&super::retirement(end, paint));
    }
    text
}

fn line(name: &str, value: Cell) -> Vec<Cell> {
    vec![cell(Tone::Dim, format!("  {name}")), value]
}

fn sidecars(health: &HealthView) -> String {
    format!("{}/{}", health.acked_sidecars, health.live_sidecars)
}

fn acks(health: &HealthView) -> String {
    let live = health.live_sidecars;
    let mut text = format!("{live} live, {} on this revision", health.acked_sidecars);
    if health.nacked_sidecars > 0 {
        put!(text, ", {} refuse it", health.nacked_sidecars);
    }
    text
}

fn markers(health: &HealthView) -> String {
    match (health.markers, health.oldest_marker_age_ms) {
        (0, _) => "none outstanding".to_owned(),
        (markers, None) => format!("{markers} outstanding"),
        (markers, Some(age)) => {
            format!(
                "{markers} outstanding, the oldest for {}",
                words::millis(age)
            )
        }
    }
}

fn set_aside(health: &HealthView) -> String {
    match health.quarantined {
        0 => "none".to_owned(),
        keys => format!("{} that the secondary refuses", words::count(keys, "key")),
    }
}

fn backfill(health: &HealthView) -> String {
    let word = if health.backfill_complete {
        "complete"
    } else {
        "not complete"
    };
    word.to_owned()
}

fn fence(fence: Option<&FenceView>) -> Cell {
    match fence {
        Some(fence) => cell(
            tones::role(fence.role),
            format!("{} {}", fence.role, fence.epoch),
        ),
        None => cell(Tone::Dim, "not reported"),
    }
}

fn entities(migration: &MigrationView) -> String {
    let names: Vec<&str> = migration
        .settings
        .entities
        .iter()
        .map(|entity| entity.name.as_str())
        .collect();
    names.join(", ")
}
