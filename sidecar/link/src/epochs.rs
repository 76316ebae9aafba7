//! The largest epoch ever seen, kept on disk.
//!
//! A database that was restored from a backup, or an old primary that comes
//! back after a forced fail-over, shows a fence that is behind. Its own row
//! cannot tell, so this process remembers: a primary at a lower epoch than the
//! largest ever seen is said aloud, and the sidecar does not count as ready.

mod file;

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use dualwrite_core::authority::{Outlook, observe};
use dualwrite_core::fence::Seen;
use dualwrite_core::side::Side;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::port::EnginePort;
use file::EpochFile;
pub use file::EpochFileError;

/// Remembers the largest epoch at which a primary was seen.
#[derive(Debug)]
pub struct EpochGuard {
    file: Option<EpochFile>,
    largest: Mutex<u64>,
    objection: watch::Sender<Option<LowerEpoch>>,
}

/// The primary's fence is behind what was seen before.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "the primary ({side}) is at epoch {found}, but epoch {largest} was seen before: \
         this database was set back or is the wrong one; restore the right one, or delete \
         `epoch.json` in the state folder if the loss is accepted"
)]
pub struct LowerEpoch {
    /// Whose fence.
    pub side: Side,
    /// Its epoch.
    pub found: u64,
    /// The largest ever seen.
    pub largest: u64,
}

impl EpochGuard {
    /// With what is on disk. A file that cannot be read is said aloud and
    /// counts as none.
    #[must_use]
    pub fn open(state_dir: Option<&Path>, service: &str) -> Self {
        let file = state_dir.map(|folder| EpochFile::new(folder, service));
        let largest = match file.as_ref().map(EpochFile::load) {
            None => 0,
            Some(Ok(epoch)) => epoch,
            Some(Err(error)) => {
                tracing::error!(%error, "the largest epoch ever seen is not known");
                0
            }
        };
        Self {
            file,
            largest: Mutex::new(largest),
            objection: watch::Sender::new(None),
        }
    }

    /// What speaks against being ready, as it changes.
    #[must_use]
    pub fn objection(&self) -> watch::Receiver<Option<LowerEpoch>> {
        self.objection.subscribe()
    }

    /// Looks at both fences, now and whenever they change, until `shutdown`.
    pub async fn run(self: Arc<Self>, engine: Arc<dyn EnginePort>, shutdown: CancellationToken) {
        let mut changes = engine.fence_changes();
        loop {
            // Marked as seen first, so that a change during the look is
            // looked at again.
            changes.mark_unchanged();
            let (legacy, new) = engine.fences();
            if let Some(epoch) = self.look(&legacy, &new) {
                self.persist(epoch).await;
            }
            let changed = tokio::select! {
                () = shutdown.cancelled() => return,
                changed = changes.changed() => changed,
            };
            if changed.is_err() {
                return;
            }
        }
    }

    /// Judges what the fences say. Answers the epoch to be written to disk
    /// when it is larger than all before.
    fn look(&self, legacy: &Seen, new: &Seen) -> Option<u64> {
        let (side, found) = claim(legacy, new)?;
        let mut largest = self.largest.lock().unwrap_or_else(PoisonError::into_inner);
        let objection = (found < *largest).then_some(LowerEpoch {
            side,
            found,
            largest: *largest,
        });
        if let Some(lower) = &objection
            && self.objection.borrow().as_ref() != Some(lower)
        {
            tracing::error!(error = %lower, "refusing to be ready");
        }
        self.objection.send_if_modified(|held| {
            let changed = *held != objection;
            *held = objection;
            changed
        });
        (found > *largest).then(|| {
            *largest = found;
            found
        })
    }

    async fn persist(&self, epoch: u64) {
        let Some(file) = self.file.clone() else {
            return;
        };
        let stored = tokio::task::spawn_blocking(move || file.store(epoch)).await;
        if let Ok(Err(error)) = stored {
            tracing::error!(%error, "the largest epoch ever seen is not on disk");
        }
    }
}

/// Who claims to be primary, and the epoch of that side's very fence row.
///
/// Only the primary's row counts: a secondary is opened one epoch ahead of it
/// for a moment, and that is no promise yet.
fn claim(legacy: &Seen, new: &Seen) -> Option<(Side, u64)> {
    let side = match observe(legacy, new) {
        Outlook::Settled(authority) => authority.primary,
        Outlook::Handed { from, .. } => from,
        Outlook::Unknown { .. } | Outlook::NotInstalled => return None,
    };
    let seen = match side {
        Side::Legacy => legacy,
        Side::New => new,
    };
    seen.at().map(|at| (side, at.epoch))
}

#[cfg(test)]
mod tests;
