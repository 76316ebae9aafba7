//! Where the fences say another epoch or phase than what is stored, the fences
//! win: sidecars finished or took back a flip without us, or a database was
//! installed in another phase.

use std::sync::Arc;

use dualwrite_core::fence::EpochSettings;

use super::reading::Reading;
use super::{ReconcileError, enter};
use crate::app::ControlPlane;
use crate::change::{Change, place};
use crate::fleet::{SILENT_AFTER, Service};
use crate::model::{Author, EventKind, Migration};
use crate::ports::StoreError;

impl ControlPlane {
    /// Looks at the fences of every service; one that fails does not hold up
    /// the others.
    pub(super) async fn follow_fences(&self) -> Result<(), ReconcileError> {
        let mut failed = None;
        for service in self.registry().all() {
            let looked = match self.adopt_service(&service).await {
                Ok(()) => self.straighten(&service).await,
                Err(error) => Err(error),
            };
            failed = looked.err().or(failed);
        }
        failed.map_or(Ok(()), Err)
    }

    /// Takes in what the fences of one service say, unless a transition is
    /// under way, which has its own ways to end.
    pub(crate) async fn adopt(&self, name: &str) -> Result<(), ReconcileError> {
        match self.service(name) {
            Some(service) => self.adopt_service(&service).await,
            None => Ok(()),
        }
    }

    async fn adopt_service(&self, service: &Arc<Service>) -> Result<(), ReconcileError> {
        let Some(reading) = Reading::of(service, self.at().steady) else {
            return Ok(());
        };
        let Some(published) = service.published() else {
            return Ok(());
        };
        let told = &published.snapshot;
        let same = told.epoch == reading.authority.epoch && told.phase == reading.authority.phase;
        if same || told.plan.is_some() || told.retired {
            return Ok(());
        }
        let mut change = Change::open::<ReconcileError>(self, service.name(), None).await?;
        if change.running.is_some() || !outranks(&reading, &change.migration) {
            return Ok(());
        }
        let author = Author::ourselves("the fences say otherwise, and they decide");
        let before = place(&change.migration);
        follow(&mut change, &reading).await?;
        change.revise::<ReconcileError>(&author).await?;
        let after = place(&change.migration);
        tracing::info!(
            service = service.name(),
            before,
            after,
            "followed the fences"
        );
        change
            .note(EventKind::TransitionResolved, &author, before, after)
            .await?;
        change.commit(self).await?;
        Ok(())
    }
}

/// Whether the fences say something that is not merely old. A lower epoch is
/// what a fleet reports that has not read the fences since; it is believed
/// only when every report is newer than what is stored and both sides agree
/// (both databases were installed anew).
fn outranks(reading: &Reading, migration: &Migration) -> bool {
    let (said, stored) = (&reading.authority, migration);
    if said.epoch > stored.epoch {
        return true;
    }
    if said.epoch == stored.epoch {
        return said.phase != stored.phase;
    }
    let fresh = reading.oldest > stored.updated.after(SILENT_AFTER);
    fresh && reading.at_rest() && reading.other.is_some()
}

/// The settings that stand beside the fences now. The reports do not carry
/// them: they are those of the plan that wrote the fence, or those of today in
/// the phase that the fence says. `None` when a plan wrote it that is not ours.
pub(super) async fn settings_of(
    change: &mut Change,
    reading: &Reading,
) -> Result<Option<EpochSettings>, StoreError> {
    let phase = reading.authority.phase;
    let now = change.migration.epoch_settings();
    let today = if now.phase == phase {
        now
    } else {
        now.moved_to(phase)
    };
    if reading.plan_id.is_empty() {
        return Ok(Some(today));
    }
    let plan = change.work.transition(&reading.plan_id).await?;
    let Some(plan) = plan.map(|transition| transition.plan) else {
        return Ok(None);
    };
    let reached = plan.to_phase == phase && plan.to_epoch == reading.authority.epoch;
    let planned = EpochSettings::from_json(&plan.settings)
        .ok()
        .filter(|_| reached);
    Ok(Some(planned.unwrap_or(today)))
}

/// Enters the epoch that the fences say.
pub(super) async fn follow(change: &mut Change, reading: &Reading) -> Result<(), StoreError> {
    let epoch = reading.authority.epoch;
    let known = settings_of(change, reading).await?;
    let now = change.migration.epoch_settings();
    let settings = known
        .clone()
        .unwrap_or_else(|| now.moved_to(reading.authority.phase));
    enter(change, epoch, &settings).await?;
    if known.is_none() {
        change.migration.doubt();
    }
    Ok(())
}
