//! F1 and F2: who may commit, and how authority moves.

use dualwrite_core::fence::{Fence, FenceAt};
use dualwrite_core::side::{Role, Side};

use super::Oracle;
use crate::server::{Commit, Server, Space};
use crate::shop::SERVICE;

impl Oracle {
    /// F1: the fence stands at the commit as its sidecar expects it.
    pub(super) fn judge_fence(&self, side: Side, server: &Server, epoch: u64, role: Role) {
        let stands = server.fence_row(SERVICE).map(|fence| fence.at());
        let wanted = FenceAt { epoch, role };
        if stands != Some(wanted) {
            let stands = stands.map_or_else(|| "none".to_owned(), |at| at.to_string());
            let what = format!("{side} commits under `{wanted}` where the fence says `{stands}`");
            self.broken("F1", what);
        }
    }

    /// F2: a fence grows, and authority is given before it is taken.
    pub(super) fn judge_fence_change(&self, side: Side, end: &Commit) {
        for one in &end.written {
            if !matches!(one.id.space, Space::Fence(_)) {
                continue;
            }
            let before = one.before.as_ref().and_then(|version| version.fence());
            let after = one.after.as_ref().and_then(|version| version.fence());
            let (Some(before), Some(after)) = (before, after) else {
                self.broken("F2", format!("{side}'s fence came or went"));
                continue;
            };
            if !grows(before.at(), after.at()) {
                let what = format!("{side} goes from `{}` to `{}`", before.at(), after.at());
                self.broken("F2", what);
            }
            if after.role == Role::Primary && before.role != Role::Primary {
                self.judge_taking(side, before, after);
            }
        }
    }

    /// A side becomes primary: out of a freeze that is taken back, or after the
    /// other side handed over; and then it holds everything that was accepted.
    fn judge_taking(&self, side: Side, before: &Fence, after: &Fence) {
        let Some(other) = self.server(side.other()) else {
            return;
        };
        let other_fence = other.fence_row(SERVICE);
        let other_at = other_fence.map(|fence| fence.at());
        let handed = other_at.is_some_and(|at| at.role == Role::Handed && at.epoch == after.epoch);
        if before.role != Role::Frozen && !handed {
            let at = other_at.map_or_else(|| "none".to_owned(), |at| at.to_string());
            let what = format!("{side} becomes primary while the other side is `{at}`");
            self.broken("F2", what);
        }
        if other_at.is_some_and(|at| at.role == Role::Primary) {
            self.broken("F2", format!("{side} becomes a second primary"));
        }
        self.judge_truth(side);
    }
}

fn grows(before: FenceAt, after: FenceAt) -> bool {
    let stage = |role: Role| match role {
        Role::Primary => 0,
        Role::Frozen => 1,
        Role::Handed => 2,
        Role::Secondary => 3,
        Role::Off => 4,
    };
    after.epoch > before.epoch
        || (after.epoch == before.epoch && stage(after.role) > stage(before.role))
}
