//! One connected, or recently connected, instance.

use dualwrite_proto::v1;
use serde::Serialize;

use super::migration::FenceView;
use super::words::instant;

/// One instance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct SidecarView {
    pub(crate) instance: String,
    pub(crate) version: String,
    pub(crate) live: bool,
    pub(crate) revision_acked: u64,
    pub(crate) revision_nacked: Option<u64>,
    pub(crate) nack_reasons: Vec<String>,
    pub(crate) connect_time: Option<String>,
    pub(crate) last_seen_time: Option<String>,
    pub(crate) legacy_fence: Option<FenceView>,
    pub(crate) new_fence: Option<FenceView>,
    pub(crate) markers: u64,
}

impl From<v1::Sidecar> for SidecarView {
    fn from(sidecar: v1::Sidecar) -> Self {
        Self {
            instance: sidecar.instance,
            version: sidecar.version,
            live: sidecar.live,
            revision_acked: sidecar.revision_acked,
            revision_nacked: (sidecar.revision_nacked > 0).then_some(sidecar.revision_nacked),
            nack_reasons: sidecar.nack_reasons,
            connect_time: instant(sidecar.connect_time),
            last_seen_time: instant(sidecar.last_seen_time),
            legacy_fence: sidecar.legacy_fence.map(FenceView::from),
            new_fence: sidecar.new_fence.map(FenceView::from),
            markers: sidecar.markers,
        }
    }
}
