//! A fleet, one instance a line.

use super::{tones, words};
use crate::paint::{Cell, Paint, Tone, cell, plain};
use crate::view::migration::FenceView;
use crate::view::sidecar::SidecarView;

/// A fleet, one instance a line, and what instances refuse.
pub(crate) fn sidecars(fleet: &[SidecarView], paint: Paint) -> String {
    if fleet.is_empty() {
        return "No sidecar of this service ever connected.\n".to_owned();
    }
    let heading = [
        "INSTANCE",
        "STATE",
        "VERSION",
        "REVISION",
        "LEGACY",
        "NEW",
        "MARKERS",
        "LAST SEEN",
    ];
    let rows = fleet.iter().map(|sidecar| {
        let state = if sidecar.live {
            cell(Tone::Good, "live")
        } else {
            cell(Tone::Bad, "gone")
        };
        vec![
            plain(&sidecar.instance),
            state,
            plain(&sidecar.version),
            revision(sidecar),
            fence(sidecar.legacy_fence.as_ref()),
            fence(sidecar.new_fence.as_ref()),
            plain(sidecar.markers.to_string()),
            plain(words::instant(sidecar.last_seen_time.as_ref())),
        ]
    });
    let mut text = paint.table(&heading, rows.collect());
    for sidecar in fleet {
        for reason in &sidecar.nack_reasons {
            put!(text, "\n{} refuses: {reason}\n", sidecar.instance);
        }
    }
    text
}

fn revision(sidecar: &SidecarView) -> Cell {
    match sidecar.revision_nacked {
        Some(refused) => cell(
            Tone::Bad,
            format!("{}, refuses {refused}", sidecar.revision_acked),
        ),
        None => plain(sidecar.revision_acked.to_string()),
    }
}

fn fence(fence: Option<&FenceView>) -> Cell {
    match fence {
        Some(fence) => cell(
            tones::role(fence.role),
            format!("{} {}", fence.role, fence.epoch),
        ),
        None => cell(Tone::Bad, "unread"),
    }
}
