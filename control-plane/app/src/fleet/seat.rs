//! The two halves of a session.

use std::fmt;
use std::sync::{Arc, OnceLock};

use tokio::sync::{mpsc, watch};

use super::{Command, HearError, Heard, Service};
use crate::app::ControlPlane;
use crate::publish::Published;

/// Where what a sidecar says is heard. The session ends when it is dropped.
pub struct Seat {
    pub(super) plane: ControlPlane,
    pub(super) service: Arc<Service>,
    pub(super) session: String,
}

/// What a sidecar is told.
pub struct Commands {
    pub(super) updates: watch::Receiver<Option<Arc<Published>>>,
    pub(super) directed: mpsc::Receiver<Command>,
    pub(super) end: Arc<OnceLock<End>>,
}

/// Why the control plane ended a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// It was not heard of for [`super::SILENT_AFTER`].
    Silent,
    /// The same instance joined again.
    Replaced,
    /// The migration was deleted.
    Deleted,
    /// The sidecar left, or its seat was dropped.
    Left,
}

impl Seat {
    /// Takes in what the sidecar said.
    ///
    /// # Errors
    /// [`HearError`]: it could not be taken in, and the session should be
    /// ended, so that the sidecar connects again and what it held is given out
    /// anew.
    pub async fn heard(&self, heard: Heard) -> Result<(), HearError> {
        super::hear::hear(&self.plane, &self.service, &self.session, heard).await
    }

    /// Notes that settings were sent to this sidecar.
    pub fn delivered(&self) {
        let deliveries = &self.plane.counts().deliveries;
        deliveries.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    }

    /// The newest revision that is published, for heartbeats; 0 when the
    /// migration was deleted.
    #[must_use]
    pub fn revision(&self) -> u64 {
        self.service
            .published()
            .map_or(0, |published| published.revision)
    }

    /// The session's identifier, for logs.
    #[must_use]
    pub fn session(&self) -> &str {
        &self.session
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.service.end(&self.session, End::Left);
        self.plane.wake();
    }
}

impl Commands {
    /// Waits for the next command. Of settings only the newest is given. It is
    /// safe to drop the future: nothing is lost.
    ///
    /// # Errors
    /// [`End`], when the control plane has ended the session.
    pub async fn next(&mut self) -> Result<Command, End> {
        tokio::select! {
            biased;
            changed = self.updates.changed() => {
                let newest = self.updates.borrow_and_update().clone();
                newest.filter(|_| changed.is_ok()).map(Command::Update).ok_or(End::Deleted)
            }
            directed = self.directed.recv() => {
                directed.ok_or_else(|| self.end.get().copied().unwrap_or(End::Left))
            }
        }
    }
}

impl fmt::Debug for Seat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Seat")
            .field("session", &self.session)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Commands {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Commands")
            .field("end", &self.end.get())
            .finish_non_exhaustive()
    }
}
