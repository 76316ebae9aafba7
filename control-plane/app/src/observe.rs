//! What is known when a transition is asked for.

use dualwrite_core::guard::Observed;

use crate::app::ControlPlane;
use crate::change::Change;
use crate::error::refusals;
use crate::fleet::oldest;
use crate::model::JobState;
use crate::ports::StoreError;

/// Gathers what the guards judge: what is stored, and what the live fleet
/// reports. What nobody reported lately stays unknown.
pub(crate) async fn observe(
    plane: &ControlPlane,
    change: &mut Change,
) -> Result<Observed, StoreError> {
    let migration = &change.migration;
    let jobs = change.work.open_jobs().await?;
    let running_jobs = jobs
        .iter()
        .filter(|job| job.migration == migration.name)
        .filter(|job| matches!(job.state, JobState::Planning | JobState::Running))
        .map(|job| job.id.clone());
    let mut observed = Observed {
        transition: change
            .running
            .as_ref()
            .map(|running| running.plan.plan_id.clone()),
        running_jobs: running_jobs.collect(),
        backfill_complete: Some(migration.backfill_complete()),
        ..Observed::default()
    };
    let Some(service) = plane.service(&migration.name) else {
        return Ok(observed);
    };
    let at = plane.at();
    let health = service.health(at.steady, migration.revision);
    let live = service.live(at.steady);
    observed.live_sidecars = health.live;
    observed.acked_sidecars = health.acked;
    observed.refusals = refusals(
        live.iter()
            .filter_map(|session| Some((&*session.instance, session.nack.as_ref()?))),
    );
    if let Some(backlogs) = service.backlogs(at.steady) {
        observed.markers = Some(health.markers);
        observed.oldest_marker_age = Some(oldest(&backlogs));
        observed.quarantined = Some(health.quarantined);
    }
    // Operations are not counted while metrics are off, and none counted is not
    // none failed.
    observed.secondary = migration
        .phase
        .secondary()
        .filter(|_| migration.spec.flags.metrics_enabled)
        .and_then(|side| service.errors(side, migration.spec.guards.error_window, at));
    Ok(observed)
}
