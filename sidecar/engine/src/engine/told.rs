//! What an engine has to tell: of fences, counts, backlogs and itself.

use std::sync::Arc;
use std::time::Duration;

use dualwrite_core::diagnosis::Finding;
use dualwrite_core::fence::Seen;
use dualwrite_core::probe::is_probe;
use dualwrite_core::propose::Proposal;
use dualwrite_core::side::Side;
use tokio::sync::watch;
use tokio::time::{Instant, timeout};

use super::{BACKLOG_TIMEOUT, Engine, Readiness};
use crate::compare::{EntityComparisons, MismatchedKey};
use crate::error::DataError;
use crate::introspect::IntrospectError;
use crate::meter::{EntityBacklog, EntityDelta};
use crate::status::{DatabaseStatus, Status};
use crate::store::PoolStatus;
use crate::view::Admission;
use crate::{diagnose, introspect, relay, status};

impl Engine {
    /// Both fences as last read: legacy, new.
    #[must_use]
    pub fn fences(&self) -> (Seen, Seen) {
        let view = self.shared.watcher.view();
        (view.legacy.clone(), view.new.clone())
    }

    /// Ticks when what the fences say changes.
    #[must_use]
    pub fn fence_changes(&self) -> watch::Receiver<u64> {
        self.shared.watcher.changes()
    }

    /// Whether writes are taken.
    #[must_use]
    pub fn readiness(&self) -> Readiness {
        match self.shared.watcher.view().admission(&self.shared.service) {
            Admission::Now(_) | Admission::Held => Readiness::Ready,
            Admission::Refused(error) => Readiness::NotReady {
                why: error.to_string(),
            },
        }
    }

    /// Where the migration stands, as this sidecar sees it.
    #[must_use]
    pub fn status(&self) -> Status {
        status::status(&self.shared)
    }

    /// Asks every database that is configured.
    pub async fn databases(&self) -> Vec<DatabaseStatus> {
        status::databases(&self.shared).await
    }

    /// An entity's name (the root entity's when none is named) and the fields
    /// of its key, in order.
    pub async fn key_fields(
        &self,
        entity: Option<&str>,
        deadline: Instant,
    ) -> Result<(Arc<str>, Vec<String>), DataError> {
        status::key_fields(&self.shared, entity, deadline).await
    }

    /// What was counted since the process began.
    #[must_use]
    pub fn totals(&self) -> Vec<EntityDelta> {
        self.shared.meter.totals()
    }

    /// What was counted since the last call.
    #[must_use]
    pub fn drain_deltas(&self) -> Vec<EntityDelta> {
        self.shared.meter.drain()
    }

    /// How the reads that were done on both sides compared, since the start.
    #[must_use]
    pub fn comparisons(&self) -> Vec<EntityComparisons> {
        self.shared.comparing.counts()
    }

    /// The keys whose reads differed last, newest last.
    #[must_use]
    pub fn mismatched_keys(&self) -> Vec<MismatchedKey> {
        self.shared.comparing.mismatched()
    }

    /// How far the copies of each entity are behind; empty while the primary
    /// does not answer.
    pub async fn backlogs(&self) -> Vec<EntityBacklog> {
        let Some(active) = self.shared.watcher.view().active.clone() else {
            return Vec::new();
        };
        if active.plain {
            return Vec::new();
        }
        let Ok(store) = self.shared.store(active.authority.primary) else {
            return Vec::new();
        };
        let tables = relay::tables(&active);
        let asked = timeout(
            BACKLOG_TIMEOUT,
            store.backlog(&self.shared.service, &tables),
        )
        .await;
        let Ok(Ok(backlogs)) = asked else {
            return Vec::new();
        };
        // A probe is no entity of the application.
        let backlogs = backlogs.into_iter();
        let backlogs = backlogs.filter(|backlog| !is_probe(&backlog.entity));
        let told = backlogs.map(|backlog| EntityBacklog {
            oldest_age: if backlog.markers == 0 {
                Duration::ZERO
            } else {
                self.ages.oldest(&backlog.entity)
            },
            entity: backlog.entity,
            markers: backlog.markers,
            quarantined: backlog.quarantined,
        });
        told.collect()
    }

    /// What is found of both databases and of this engine, in the order in
    /// which it was looked at.
    pub async fn diagnose(&self) -> Vec<Finding> {
        diagnose::diagnose(&self.shared).await
    }

    /// A manifest proposed from what both databases look like, under this name
    /// or the service's. With `tables`, only these of legacy are looked at.
    ///
    /// # Errors
    /// [`IntrospectError`]: a database that cannot be looked at.
    pub async fn introspect(
        &self,
        name: Option<&str>,
        tables: &[String],
    ) -> Result<Proposal, IntrospectError> {
        let name = name.unwrap_or(&self.shared.service);
        introspect::introspect(&self.shared, name, tables).await
    }

    /// How busy each database's connections are, and whether it answered last.
    #[must_use]
    pub fn pools(&self) -> Vec<(Side, PoolStatus, bool)> {
        let view = self.shared.watcher.view();
        let each = Side::BOTH.into_iter().filter_map(|side| {
            let store = self.shared.store(side).ok()?;
            Some((side, store.pool(), *view.seen(side) != Seen::Unreachable))
        });
        each.collect()
    }
}
