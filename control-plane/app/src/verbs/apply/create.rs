//! The first apply of a name.

use std::collections::BTreeSet;

use dualwrite_core::fence::{EpochSettings, FIRST_EPOCH};
use dualwrite_core::phase::Phase;

use super::{Applied, Apply, ApplyError};
use crate::app::ControlPlane;
use crate::change::{place, revision};
use crate::error::StaleRevision;
use crate::model::{Event, EventKind, Migration, Millis};
use crate::ports::{SaveError, Work};

impl ControlPlane {
    /// Creates a migration. Where one of this name was deleted, its revisions
    /// go on, for a sidecar may still hold one of them.
    pub(super) async fn create(
        &self,
        mut work: Box<dyn Work>,
        deleted: Option<Migration>,
        request: Apply,
    ) -> Result<Applied, ApplyError> {
        if let Some(seen) = request.seen.filter(|seen| *seen != 0) {
            return Err(StaleRevision {
                name: request.name,
                seen,
                current: 0,
            }
            .into());
        }
        let last = deleted.as_ref().map_or(0, |deleted| deleted.revision);
        let mut migration = first(&request, last + 1, self.at().now);
        if deleted.is_some() {
            // What its predecessor left beside the fences is not known.
            migration.doubt();
        }
        let saved = match deleted {
            Some(_) => work.save_migration(&migration, last).await,
            None => work.insert_migration(&migration).await,
        };
        saved.map_err(|error| match error {
            SaveError::Stale(stale) => ApplyError::Stale(stale),
            SaveError::Store(store) => ApplyError::Store(store),
        })?;
        work.append_revision(&revision(&migration, &request.author))
            .await?;
        work.append_event(&applied(&migration, &request)).await?;
        if !request.validate_only {
            work.commit().await?;
            self.publish(&migration, None);
            self.wake();
        }
        let migration = self.shown(migration, None);
        Ok(Applied {
            migration,
            created: true,
            changed: true,
            transition: None,
        })
    }
}

fn first(request: &Apply, revision: u64, now: Millis) -> Migration {
    let spec = request.spec.clone();
    let phase = request.initial_phase.unwrap_or(Phase::LegacyOnly);
    let settings = EpochSettings::initial(
        &request.name,
        phase,
        spec.keep_markers,
        spec.entities.clone(),
    );
    Migration {
        name: request.name.clone(),
        revision,
        phase,
        epoch: FIRST_EPOCH,
        marking: settings.marking,
        spec,
        settings: settings.to_json(),
        backfilled: BTreeSet::new(),
        created: now,
        updated: now,
        deleted: None,
        retirement: None,
    }
}

fn applied(migration: &Migration, request: &Apply) -> Event {
    Event {
        id: 0,
        migration: migration.name.clone(),
        revision: migration.revision,
        time: migration.created,
        actor: request.author.actor.clone(),
        kind: EventKind::Applied,
        reason: request.author.reason.clone(),
        before: String::new(),
        after: place(migration),
    }
}
