//! A fence as a sidecar reports it.

use dualwrite_core::fence::{Fence, Seen};
use dualwrite_core::phase::Phase;
use dualwrite_core::side::Role;

/// A fence as a sidecar last read it, without the settings beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FenceReport {
    /// See [`Fence::epoch`].
    pub epoch: u64,
    /// See [`Fence::role`].
    pub role: Role,
    /// See [`Fence::phase`].
    pub phase: Phase,
    /// See [`Fence::plan_id`].
    pub plan_id: String,
}

impl FenceReport {
    /// Where this stands in the order in which one side's fence moves: a later
    /// report never has a smaller one.
    #[must_use]
    pub const fn progress(&self) -> (u64, u8) {
        let stage = match self.role {
            Role::Frozen => 0,
            Role::Handed => 1,
            Role::Secondary => 2,
            Role::Primary => 3,
            Role::Off => 4,
        };
        (self.epoch, stage)
    }

    /// What [`dualwrite_core::authority::observe`] reads; nothing reported
    /// counts as unreachable.
    #[must_use]
    pub fn seen(report: Option<&Self>) -> Seen {
        report.map_or(Seen::Unreachable, |report| {
            Seen::Fence(Fence {
                epoch: report.epoch,
                role: report.role,
                phase: report.phase,
                plan_id: report.plan_id.clone(),
                settings: String::new(),
            })
        })
    }
}
