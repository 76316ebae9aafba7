//! Heartbeats: the revision held and the fences as last read, every interval
//! and at once when a fence changes.

use dualwrite_proto::v1;
use dualwrite_proto::v1::session_request::Kind;

use super::{Ended, Session};
use crate::wire;

impl Session<'_> {
    pub(super) async fn send_heartbeats(&self) -> Ended {
        let mut interval = self.interval.subscribe();
        let mut fences = self.shared.engine.fence_changes();
        loop {
            fences.mark_unchanged();
            self.out.send(Kind::Heartbeat(self.heartbeat())).await;
            let pause = *interval.borrow_and_update();
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                Ok(()) = fences.changed() => {}
                // A shorter interval counts at once.
                Ok(()) = interval.changed() => {}
            }
        }
    }

    fn heartbeat(&self) -> v1::SidecarHeartbeat {
        let (legacy, new) = self.shared.engine.fences();
        v1::SidecarHeartbeat {
            revision: self.shared.adopter.revision(),
            legacy_fence: wire::fence(&legacy),
            new_fence: wire::fence(&new),
        }
    }
}
