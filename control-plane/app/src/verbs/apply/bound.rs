//! A change of what the fence holds: entities, their mapping, kept markers.

use dualwrite_core::fence::{EpochSettings, FIRST_EPOCH};
use dualwrite_core::phase::Phase;
use dualwrite_core::plan::PlanKind;
use dualwrite_core::spec::Spec;

use super::{Apply, ApplyError};
use crate::app::ControlPlane;
use crate::change::Change;
use crate::error::SpecChangeRefused;
use crate::model::{JobState, Migration, Sidecar};
use crate::ports::StoreError;
use crate::reconcile::{Intent, begin, enter};
use crate::verbs::deciding::at_rest;

/// Whether a spec changes what the fence holds.
pub(super) fn changes(migration: &Migration, spec: &Spec) -> bool {
    let now = &migration.spec;
    now.entities != spec.entities || now.keep_markers != spec.keep_markers
}

/// Begins the transition to the epoch that holds the new spec.
pub(super) async fn change(
    plane: &ControlPlane,
    change: &mut Change,
    request: &Apply,
) -> Result<(), ApplyError> {
    at_rest(change)?;
    let now = change.migration.epoch_settings();
    let settings = EpochSettings {
        entities: request.spec.entities.clone(),
        keep_markers: request.spec.keep_markers,
        ..now.clone()
    };
    if never_accepted(plane, change).await? {
        // Nobody has put these settings beside a fence: the installation will.
        let first = EpochSettings::initial(
            &now.service,
            now.phase,
            settings.keep_markers,
            settings.entities,
        );
        enter(change, FIRST_EPOCH, &first).await?;
        change.migration.spec.clone_from(&request.spec);
        return change.revise(&request.author).await;
    }
    if let Some(why) = refusal(plane, change, &request.spec).await? {
        return Err(SpecChangeRefused {
            name: request.name.clone(),
            why,
        }
        .into());
    }
    change.migration.spec.clone_from(&request.spec);
    let settings = settings.moved_to(now.phase);
    let intent = Intent {
        kind: PlanKind::Bump,
        settings,
        forced: false,
    };
    begin(plane, change, intent, &request.author).await
}

/// Whether these settings stand beside no fence: no sidecar ever accepted any
/// revision, and none has seen a fence.
async fn never_accepted(plane: &ControlPlane, change: &mut Change) -> Result<bool, StoreError> {
    let name = &change.migration.name;
    if change.migration.epoch != FIRST_EPOCH || !change.migration.settled() {
        return Ok(false);
    }
    let recorded = change
        .work
        .sidecars(name)
        .await?
        .iter()
        .any(|record| record.acked > 0);
    let used =
        |one: &Sidecar| one.acked > 0 || one.legacy_fence.is_some() || one.new_fence.is_some();
    let connected = plane
        .service(name)
        .is_some_and(|service| service.shown(plane.at().steady).iter().any(used));
    Ok(!recorded && !connected)
}

async fn refusal(
    plane: &ControlPlane,
    change: &mut Change,
    spec: &Spec,
) -> Result<Option<String>, StoreError> {
    let migration = &change.migration;
    let added = spec
        .entities
        .iter()
        .find(|entity| migration.spec.entity(&entity.name).is_none());
    if let Some(added) = added.filter(|_| !takes_entities(migration.phase)) {
        return Ok(Some(format!(
            "entity `{}` cannot be added in {}; that is possible in legacy_only and dual_write",
            added.name, migration.phase,
        )));
    }
    let name = &migration.name;
    let live = plane
        .service(name)
        .is_some_and(|service| !service.live(plane.at().steady).is_empty());
    if !live {
        return Ok(Some(
            "entities and keepMarkers are changed through the databases' fences, and no live \
             sidecar is there to do it; start one and apply again"
                .to_owned(),
        ));
    }
    let jobs = change.work.open_jobs().await?;
    let job = jobs
        .iter()
        .filter(|job| job.migration == *name)
        .find(|job| matches!(job.state, JobState::Planning | JobState::Running));
    Ok(job.map(|job| format!("job {} runs; wait for it to end, or cancel it", job.id)))
}

const fn takes_entities(phase: Phase) -> bool {
    match phase {
        Phase::LegacyOnly | Phase::DualWrite => true,
        Phase::NewPrimary | Phase::NewOnly => false,
    }
}
