//! Progress of plans, which outlive the session that they came with.

use super::{Ended, Session};

impl Session<'_> {
    pub(super) async fn send_plans(&self) -> Ended {
        let mut progress = self.shared.commands.progress().await;
        while let Some(kind) = progress.recv().await {
            self.out.send(kind).await;
        }
        // The sender lives as long as the link.
        std::future::pending().await
    }
}
