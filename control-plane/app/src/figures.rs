//! Figures of the control plane itself, for whoever watches over it.

use std::sync::atomic::{AtomicU64, Ordering};

use dualwrite_core::phase::Phase;

use crate::app::ControlPlane;

/// What was told and heard on all sessions since the process began.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    pub(crate) deliveries: AtomicU64,
    pub(crate) acceptances: AtomicU64,
    pub(crate) refusals: AtomicU64,
}

/// How the control plane stands, in figures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figures {
    /// Sessions that are live.
    pub live_sessions: u64,
    /// Sessions that said nothing for too long, and are about to be ended.
    pub silent_sessions: u64,
    /// How many migrations are in each phase; those that have ended are in
    /// none.
    pub migrations: Vec<(Phase, u64)>,
    /// Migrations that have ended, or are about to.
    pub retired: u64,
    /// Transitions under way.
    pub transitions: u64,
    /// Settings that were sent to one sidecar.
    pub deliveries: u64,
    /// Settings that one sidecar accepted.
    pub acceptances: u64,
    /// Settings that one sidecar refused.
    pub refusals: u64,
}

impl ControlPlane {
    /// How it stands, from what is in memory: the store is not asked.
    #[must_use]
    pub fn figures(&self) -> Figures {
        let steady = self.at().steady;
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        let counts = self.counts();
        let mut figures = Figures {
            live_sessions: 0,
            silent_sessions: 0,
            migrations: Phase::ALL.map(|phase| (phase, 0)).to_vec(),
            retired: 0,
            transitions: 0,
            deliveries: read(&counts.deliveries),
            acceptances: read(&counts.acceptances),
            refusals: read(&counts.refusals),
        };
        for service in self.registry().all() {
            let (live, silent) = service.counted(steady);
            figures.live_sessions += live;
            figures.silent_sessions += silent;
            let Some(published) = service.published() else {
                continue;
            };
            let told = &published.snapshot;
            figures.transitions += u64::from(told.plan.is_some());
            if told.retired {
                figures.retired += 1;
            } else if let Some((_, count)) = figures
                .migrations
                .iter_mut()
                .find(|(phase, _)| *phase == told.phase)
            {
                *count += 1;
            }
        }
        figures
    }
}
