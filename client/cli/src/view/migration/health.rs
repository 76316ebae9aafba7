//! What live sidecars report.

use dualwrite_proto::v1;
use serde::Serialize;

use crate::view::words::{millis, phase, role, some};

/// What live sidecars report, summed up.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(crate) struct HealthView {
    pub(crate) live_sidecars: u32,
    pub(crate) acked_sidecars: u32,
    pub(crate) nacked_sidecars: u32,
    pub(crate) markers: u64,
    pub(crate) oldest_marker_age_ms: Option<u64>,
    pub(crate) quarantined: u64,
    pub(crate) backfill_complete: bool,
    pub(crate) legacy_fence: Option<FenceView>,
    pub(crate) new_fence: Option<FenceView>,
    pub(crate) comparisons: Vec<ComparisonsView>,
}

/// How reads of an entity that were done on both sides compared, since the
/// sidecars began.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(crate) struct ComparisonsView {
    pub(crate) entity: String,
    pub(crate) matches: u64,
    pub(crate) mismatches: u64,
    pub(crate) skipped: u64,
    pub(crate) shed: u64,
    pub(crate) failed: u64,
}

/// What one database says about who may write to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct FenceView {
    pub(crate) role: &'static str,
    pub(crate) epoch: u64,
    pub(crate) phase: &'static str,
    pub(crate) plan_id: Option<String>,
}

impl From<v1::MigrationHealth> for HealthView {
    fn from(health: v1::MigrationHealth) -> Self {
        Self {
            live_sidecars: health.live_sidecars,
            acked_sidecars: health.acked_sidecars,
            nacked_sidecars: health.nacked_sidecars,
            markers: health.markers,
            oldest_marker_age_ms: millis(health.oldest_marker_age),
            quarantined: health.quarantined,
            backfill_complete: health.backfill_complete,
            legacy_fence: health.legacy_fence.map(FenceView::from),
            new_fence: health.new_fence.map(FenceView::from),
            comparisons: health
                .comparisons
                .into_iter()
                .map(ComparisonsView::from)
                .collect(),
        }
    }
}

impl From<v1::ReadComparisons> for ComparisonsView {
    fn from(compared: v1::ReadComparisons) -> Self {
        let v1::ReadComparisons {
            entity,
            matches,
            mismatches,
            skipped,
            shed,
            failed,
        } = compared;
        Self {
            entity,
            matches,
            mismatches,
            skipped,
            shed,
            failed,
        }
    }
}

impl From<v1::Fence> for FenceView {
    fn from(fence: v1::Fence) -> Self {
        Self {
            role: role(fence.role),
            epoch: fence.epoch,
            phase: phase(fence.phase),
            plan_id: some(fence.plan_id),
        }
    }
}
