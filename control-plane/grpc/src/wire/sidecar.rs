//! Sidecars as operators see them.

use dualwrite_control_app::model::{Nack, Sidecar};
use dualwrite_proto::v1;

use super::fence::fence;
use super::time::timestamp;

pub(crate) fn sidecar(sidecar: &Sidecar) -> v1::Sidecar {
    let Sidecar {
        instance,
        version,
        live,
        acked,
        nack,
        connected,
        last_seen,
        legacy_fence,
        new_fence,
        markers,
    } = sidecar;
    let Nack {
        revision: revision_nacked,
        reasons: nack_reasons,
    } = nack.clone().unwrap_or(Nack {
        revision: 0,
        reasons: Vec::new(),
    });
    v1::Sidecar {
        instance: instance.clone(),
        version: version.clone(),
        live: *live,
        revision_acked: *acked,
        revision_nacked,
        nack_reasons,
        connect_time: Some(timestamp(*connected)),
        last_seen_time: Some(timestamp(*last_seen)),
        legacy_fence: legacy_fence.as_ref().map(fence),
        new_fence: new_fence.as_ref().map(fence),
        markers: *markers,
    }
}
