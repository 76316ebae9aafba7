//! How an update is judged: wire to core, against both schemas, onto the disk,
//! into the engine. What is refused changes nothing.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use dualwrite_core::fence::Seen;
use dualwrite_core::side::Side;
use dualwrite_core::snapshot::Snapshot;
use dualwrite_core::spec::Entity;
use dualwrite_proto::v1;

use crate::held::Held;
use crate::installing::{self, Installing};
use crate::port::EnginePort;

/// How long the first look at the fences may take before installing goes on
/// without it.
const FIRST_LOOK_BOUND: Duration = Duration::from_secs(3);

/// Between looks while the end of a migration does not hold yet, for the new
/// database does not answer.
const END_RETRY: Duration = Duration::from_millis(200);

/// Judges updates and keeps the last good one.
#[derive(Debug)]
pub(crate) struct Adopter {
    service: String,
    installing: Installing,
    engine: Arc<dyn EnginePort>,
    held: Mutex<Held>,
}

/// Why an update is not adopted, one sentence a problem.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refused(pub(crate) Vec<String>);

impl Adopter {
    /// Starts from what is on disk, if there is something.
    pub(crate) fn start(
        service: &str,
        installing: Installing,
        engine: Arc<dyn EnginePort>,
        held: Held,
    ) -> Self {
        if let Some(snapshot) = held.snapshot() {
            tracing::info!(
                revision = snapshot.revision,
                "starting from the snapshot on disk"
            );
            // A plan that was under way then is looked for in the fences.
            engine.adopt(snapshot.revision, snapshot.spec.flags.clone(), false);
            if snapshot.retired {
                engine.end_migration(&snapshot.spec.entities);
            }
        }
        Self {
            service: service.to_owned(),
            installing,
            engine,
            held: Mutex::new(held),
        }
    }

    /// The revision of the last good snapshot, 0 for none.
    pub(crate) fn revision(&self) -> u64 {
        self.held().revision()
    }

    /// Finds out whether an update can be adopted. Changes nothing that a
    /// newer update would have to take back, so it may be dropped half-way.
    pub(crate) async fn examine(&self, update: v1::Snapshot) -> Result<Snapshot, Refused> {
        let snapshot =
            Snapshot::try_from(update).map_err(|error| Refused(vec![error.to_string()]))?;
        if snapshot.service != self.service {
            let (expected, got) = (&self.service, &snapshot.service);
            let reason =
                format!("the snapshot is of `{got}`; this sidecar belongs to `{expected}`");
            return Err(Refused(vec![reason]));
        }
        let entities = &snapshot.spec.entities;
        if snapshot.retired {
            let checked = self.engine.check_mapping_of_new(entities).await;
            return checked.map(|()| snapshot).map_err(Refused);
        }
        if self.held().is_retired() {
            return Err(Refused(vec![resurrected(&self.service)]));
        }
        if !self.held().has_checked(entities) {
            self.engine.check_mapping(entities).await.map_err(Refused)?;
            self.install(&snapshot).await?;
        }
        Ok(snapshot)
    }

    /// Makes a snapshot that passed the current one.
    pub(crate) async fn adopt(&self, snapshot: Snapshot) {
        let before = self.revision();
        let revision = snapshot.revision;
        if revision < before {
            tracing::warn!(
                before,
                revision,
                "the control plane went back to an older revision"
            );
        }
        let flags = snapshot.spec.flags.clone();
        let plan_running = snapshot.plan.is_some();
        let ended = snapshot.retired.then(|| snapshot.spec.entities.clone());
        let to_disk = self.held().keep(snapshot);
        if let Some((file, snapshot)) = to_disk {
            let stored = tokio::task::spawn_blocking(move || file.store(&snapshot)).await;
            if let Ok(Err(error)) = stored {
                tracing::error!(%error, "the snapshot is not on disk: a restart without the control plane would not have it");
            }
        }
        self.engine.adopt(revision, flags, plan_running);
        if let Some(entities) = ended {
            self.end(&entities).await;
        }
        tracing::info!(revision, plan_running, "adopted a snapshot");
    }

    /// Ends the migration here. Only when that holds is it accepted: the
    /// control plane takes it as leave to remove the fences.
    async fn end(&self, entities: &[Entity]) {
        self.engine.end_migration(entities);
        while !self.engine.look().await {
            tokio::time::sleep(END_RETRY).await;
        }
    }

    async fn install(&self, snapshot: &Snapshot) -> Result<(), Refused> {
        let refused = |reason| Refused(vec![reason]);
        match self.installing {
            Installing::Never => Ok(()),
            Installing::Auto => {
                let configured = self.look_at_fences().await;
                match installing::settings(snapshot, &configured).map_err(refused)? {
                    Some(settings) => self.engine.install(&settings).await.map_err(refused),
                    None => Ok(()),
                }
            }
        }
    }

    /// What the fences of the configured sides say; waits for the first look
    /// at them, but not for a database that is away.
    async fn look_at_fences(&self) -> Vec<(Side, Seen)> {
        let mut changes = self.engine.fence_changes();
        let first_look = tokio::time::timeout(FIRST_LOOK_BOUND, async {
            while self.engine.fences() == (Seen::Unreachable, Seen::Unreachable) {
                if changes.changed().await.is_err() {
                    break;
                }
            }
        });
        // When time is up, what is known is what is known.
        drop(first_look.await);
        let (legacy, new) = self.engine.fences();
        let pools = self.engine.pools();
        let seen = |side| match side {
            Side::Legacy => legacy.clone(),
            Side::New => new.clone(),
        };
        pools
            .into_iter()
            .map(|(side, _, _)| (side, seen(side)))
            .collect()
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Why a migration that has ended here does not begin again.
fn resurrected(service: &str) -> String {
    format!(
        "the migration of `{service}` has ended here, and the control plane says that it goes on: it \
         was set back; restore its newest state, or delete `snapshot.json` in the state folder and \
         install anew if the migration is to begin again"
    )
}
