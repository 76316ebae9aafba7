//! One connected sidecar.

use std::sync::{Arc, OnceLock};

use tokio::sync::mpsc;

use super::{Command, End, PoolUse, SILENT_AFTER};
use crate::model::{Backlog, Compared, FenceReport, Millis, Nack, Sidecar, SidecarRecord};

/// One connected sidecar, as last heard of.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) instance: String,
    pub(super) version: String,
    /// Time of day.
    pub(super) connected: Millis,
    /// Time of day.
    pub(super) last_seen: Millis,
    /// Steady time.
    pub(super) last_heard: Millis,
    pub(super) acked: u64,
    pub(super) nack: Option<Nack>,
    pub(super) legacy: Option<FenceReport>,
    pub(super) new: Option<FenceReport>,
    /// Time of day at which fences were last reported.
    pub(super) fences_at: Millis,
    pub(super) backlogs: Vec<Backlog>,
    /// Steady time of the last report, if there was one.
    pub(super) reported: Option<Millis>,
    pub(super) pools: Vec<PoolUse>,
    pub(super) comparisons: Vec<Compared>,
    pub(super) queue: mpsc::Sender<Command>,
    pub(super) end: Arc<OnceLock<End>>,
}

/// What reconcilers and guards look at in a live session.
#[derive(Debug, Clone)]
pub(crate) struct LiveSession {
    pub(crate) session: String,
    pub(crate) instance: String,
    pub(crate) version: String,
    pub(crate) acked: u64,
    pub(crate) nack: Option<Nack>,
    pub(crate) legacy: Option<FenceReport>,
    pub(crate) new: Option<FenceReport>,
    pub(crate) fences_at: Millis,
}

impl Session {
    pub(super) fn live(&self, steady: Millis) -> bool {
        steady.since(self.last_heard) < SILENT_AFTER
    }

    /// Whether it has accepted a revision, or a later one, or refused it.
    pub(super) fn has_answered(&self, revision: u64) -> bool {
        let refused = self.nack.as_ref();
        self.acked >= revision || refused.is_some_and(|nack| nack.revision >= revision)
    }

    /// Takes in that a revision is held. Whoever holds one has accepted it.
    pub(super) fn holds(&mut self, revision: u64) {
        self.acked = self.acked.max(revision);
        if self
            .nack
            .as_ref()
            .is_some_and(|nack| nack.revision <= revision)
        {
            self.nack = None;
        }
    }

    pub(super) fn view(&self, session: &str) -> LiveSession {
        LiveSession {
            session: session.to_owned(),
            instance: self.instance.clone(),
            version: self.version.clone(),
            acked: self.acked,
            nack: self.nack.clone(),
            legacy: self.legacy.clone(),
            new: self.new.clone(),
            fences_at: self.fences_at,
        }
    }

    pub(super) fn shown(&self, live: bool) -> Sidecar {
        Sidecar {
            instance: self.instance.clone(),
            version: self.version.clone(),
            live,
            acked: self.acked,
            nack: self.nack.clone(),
            connected: self.connected,
            last_seen: self.last_seen,
            legacy_fence: self.legacy.clone(),
            new_fence: self.new.clone(),
            markers: self.backlogs.iter().map(|backlog| backlog.markers).sum(),
        }
    }

    pub(super) fn record(&self, service: &str) -> SidecarRecord {
        SidecarRecord {
            migration: service.to_owned(),
            instance: self.instance.clone(),
            version: self.version.clone(),
            connected: self.connected,
            last_seen: self.last_seen,
            acked: self.acked,
        }
    }
}
