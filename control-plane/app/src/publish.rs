//! What every sidecar of a service must know: made once, however many
//! receive it.

use std::sync::{Arc, OnceLock};

use dualwrite_core::plan::Plan;
use dualwrite_core::snapshot::Snapshot;

use crate::model::{Migration, Transition};

/// One version of a service's settings, as it goes out.
#[derive(Debug)]
pub struct Published {
    /// Number of the version.
    pub revision: u64,
    /// The settings.
    pub snapshot: Snapshot,
    /// Whether it is not known which settings stand beside the fences.
    pub(crate) unsettled: bool,
    /// Whether everything of ours is still to be removed.
    pub(crate) removing: bool,
    encoded: OnceLock<Arc<[u8]>>,
}

impl Published {
    /// The version that a migration is at.
    #[must_use]
    pub(crate) fn new(migration: &Migration, transition: Option<&Transition>) -> Self {
        let snapshot = snapshot(migration, transition.map(|running| running.plan.clone()));
        Self {
            revision: migration.revision,
            snapshot,
            unsettled: !migration.settled(),
            removing: migration
                .retirement
                .as_ref()
                .is_some_and(|retirement| retirement.ended.is_none()),
            encoded: OnceLock::new(),
        }
    }

    /// The encoded form, made by whoever asks first and shared by all others.
    #[must_use]
    pub fn encoded(&self, encode: impl FnOnce(&Snapshot) -> Vec<u8>) -> Arc<[u8]> {
        Arc::clone(self.encoded.get_or_init(|| encode(&self.snapshot).into()))
    }
}

fn snapshot(migration: &Migration, plan: Option<Plan>) -> Snapshot {
    Snapshot {
        service: migration.name.clone(),
        revision: migration.revision,
        epoch: migration.epoch,
        phase: migration.phase,
        marking: migration.marking,
        spec: migration.spec.clone(),
        plan,
        retired: migration.retirement.is_some(),
    }
}
