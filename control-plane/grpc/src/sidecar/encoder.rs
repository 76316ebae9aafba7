//! Messages become frames. Updates are encoded once for all their receivers.

use std::sync::atomic::{AtomicU64, Ordering};

use dualwrite_control_app::publish::Published;
use dualwrite_core::snapshot::Snapshot;
use dualwrite_proto::v1;
use dualwrite_proto::v1::session_response::Kind;
use prost::Message;

use super::frame::Frame;

/// Makes frames, and counts the updates that it had to encode.
#[derive(Debug, Default)]
pub(super) struct Encoder {
    updates: AtomicU64,
}

impl Encoder {
    /// The frame of an update: whoever asks first encodes it.
    pub(super) fn update(&self, published: &Published) -> Frame {
        let encoded = published.encoded(|snapshot| {
            self.updates.fetch_add(1, Ordering::Relaxed);
            update(snapshot).encode_to_vec()
        });
        Frame::shared(encoded)
    }

    /// The frame of what is meant for one session.
    pub(super) fn own(message: &v1::SessionResponse) -> Frame {
        Frame::own(message.encode_to_vec())
    }

    pub(super) fn count(&self) -> u64 {
        self.updates.load(Ordering::Relaxed)
    }
}

fn update(snapshot: &Snapshot) -> v1::SessionResponse {
    let snapshot = Some(v1::Snapshot::from(snapshot));
    v1::SessionResponse {
        kind: Some(Kind::Update(v1::SnapshotUpdate { snapshot })),
    }
}
