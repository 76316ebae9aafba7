//! What is not as it should be beside the fences is put right by a transition
//! to the next epoch, which rewrites both:
//!
//! * the settings beside the fences are not known, for a plan that is not ours
//!   wrote them, or the migration was deleted and applied anew;
//! * the secondary is ahead of the primary, for a change of what the fence
//!   holds was taken back half-way. Nothing is copied meanwhile.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use dualwrite_core::plan::PlanKind;
use dualwrite_core::side::Role;

use super::reading::Reading;
use super::{Intent, ReconcileError, begin};
use crate::app::ControlPlane;
use crate::change::Change;
use crate::fleet::{SILENT_AFTER, Service};
use crate::model::{Author, Millis};
use crate::publish::Published;

/// When each service that is not as it should be is put right (steady time).
#[derive(Debug, Default)]
pub(crate) struct StraightenDesk {
    due: HashMap<String, Millis>,
}

/// Reports of several sidecars, read at different times, can look crooked for
/// a moment.
const FIRST: Duration = SILENT_AFTER;

/// A transition that did not help is not repeated before.
const AGAIN: Duration = Duration::from_mins(2);

impl ControlPlane {
    pub(super) async fn straighten(&self, service: &Arc<Service>) -> Result<(), ReconcileError> {
        let steady = self.at().steady;
        let Some(told) = service
            .published()
            .filter(|told| told.snapshot.plan.is_none() && !told.snapshot.retired)
        else {
            return Ok(());
        };
        let reading = Reading::of(service, steady);
        let Some(why) = reading.and_then(|reading| crooked(&told, &reading)) else {
            self.desk().straighten.due.remove(service.name());
            return Ok(());
        };
        let live = service.live(steady);
        let accepted = live
            .iter()
            .all(|one| one.acked >= told.revision && one.nack.is_none());
        let due = {
            let name = service.name().to_owned();
            let mut desk = self.desk();
            *desk
                .straighten
                .due
                .entry(name)
                .or_insert(steady.after(FIRST))
        };
        if steady < due || !accepted {
            return Ok(());
        }
        let name = service.name().to_owned();
        self.desk().straighten.due.insert(name, steady.after(AGAIN));
        self.put_right(service.name(), why).await
    }

    async fn put_right(&self, name: &str, why: &str) -> Result<(), ReconcileError> {
        let mut change = Change::open::<ReconcileError>(self, name, None).await?;
        if change.running.is_some() {
            return Ok(());
        }
        let now = change.migration.epoch_settings();
        let settings = now.moved_to(now.phase);
        let intent = Intent {
            kind: PlanKind::Bump,
            settings,
            forced: false,
        };
        tracing::warn!(service = name, why, "putting the fences right");
        begin::<ReconcileError>(self, &mut change, intent, &Author::ourselves(why)).await?;
        change.commit(self).await?;
        Ok(())
    }
}

/// What is not as it should be, if anything, while nothing is under way.
fn crooked(told: &Published, reading: &Reading) -> Option<&'static str> {
    let (stored, said) = (&told.snapshot, &reading.authority);
    let agreed = stored.epoch == said.epoch && stored.phase == said.phase;
    if !agreed {
        return None;
    }
    if told.unsettled {
        return Some("it was not known which settings stand beside the fences");
    }
    let ahead = reading
        .other
        .as_ref()
        .is_some_and(|other| other.role == Role::Secondary && other.epoch > said.epoch);
    (ahead && said.phase.secondary().is_some()).then_some("the secondary was ahead of the primary")
}
