//! A migration with what is shown beside it.

use dualwrite_control_app::model::{Health, MigrationView};
use dualwrite_proto::v1;

use super::fence::fence;
use super::metrics;
use super::retirement::retirement;
use super::time::{duration, timestamp};
use super::transition::transition;
use crate::etag;

pub(crate) fn migration(view: &MigrationView) -> v1::Migration {
    let MigrationView {
        migration,
        transition: running,
        health,
    } = view;
    v1::Migration {
        name: migration.name.clone(),
        revision: migration.revision,
        phase: v1::Phase::from(migration.phase).into(),
        epoch: migration.epoch,
        spec: Some(v1::MigrationSpec::from(&migration.spec)),
        create_time: Some(timestamp(migration.created)),
        update_time: Some(timestamp(migration.updated)),
        transition: running.as_ref().map(transition),
        health: Some(fleet(health, migration.backfill_complete())),
        etag: etag::of(migration.revision),
        retirement: migration.retirement.as_ref().map(retirement),
    }
}

fn fleet(health: &Health, backfill_complete: bool) -> v1::MigrationHealth {
    let Health {
        live,
        acked,
        nacked,
        markers,
        oldest_marker,
        quarantined,
        legacy_fence,
        new_fence,
        comparisons,
    } = health;
    v1::MigrationHealth {
        live_sidecars: *live,
        acked_sidecars: *acked,
        nacked_sidecars: *nacked,
        markers: *markers,
        oldest_marker_age: Some(duration(*oldest_marker)),
        quarantined: *quarantined,
        backfill_complete,
        legacy_fence: legacy_fence.as_ref().map(fence),
        new_fence: new_fence.as_ref().map(fence),
        comparisons: comparisons.iter().map(metrics::compared).collect(),
    }
}
