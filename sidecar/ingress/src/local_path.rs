//! What a person asks one sidecar directly.

use std::future::Future;

use dualwrite_core::diagnosis::Finding;
use dualwrite_core::propose::Proposal;
use dualwrite_engine::{Engine, IntrospectError};

/// The part of a sidecar that a person reaches without a control plane.
pub trait LocalPath: Send + Sync + 'static {
    /// What it finds of both databases and of itself, in the order in which it
    /// was looked at.
    fn diagnose(&self) -> impl Future<Output = Vec<Finding>> + Send;

    /// A manifest of this name (else of the service's) proposed from what both
    /// databases look like; with `tables`, from these of legacy alone.
    ///
    /// # Errors
    /// [`IntrospectError`]: a database that cannot be looked at.
    fn introspect(
        &self,
        name: Option<String>,
        tables: &[String],
    ) -> impl Future<Output = Result<Proposal, IntrospectError>> + Send;
}

impl LocalPath for Engine {
    async fn diagnose(&self) -> Vec<Finding> {
        Engine::diagnose(self).await
    }

    async fn introspect(
        &self,
        name: Option<String>,
        tables: &[String],
    ) -> Result<Proposal, IntrospectError> {
        Engine::introspect(self, name.as_deref(), tables).await
    }
}
