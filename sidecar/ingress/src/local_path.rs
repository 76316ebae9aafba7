//! What a person asks one sidecar directly.

use std::future::Future;

use dualwrite_core::diagnosis::Finding;
use dualwrite_engine::Engine;

/// The part of a sidecar that a person reaches without a control plane.
pub trait LocalPath: Send + Sync + 'static {
    /// What it finds of both databases and of itself, in the order in which it
    /// was looked at.
    fn diagnose(&self) -> impl Future<Output = Vec<Finding>> + Send;
}

impl LocalPath for Engine {
    async fn diagnose(&self) -> Vec<Finding> {
        Engine::diagnose(self).await
    }
}
