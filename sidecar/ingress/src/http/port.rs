//! What the routes ask of the engine.

use std::future::Future;
use std::sync::Arc;

use dualwrite_core::diagnosis::TestReport;
use dualwrite_engine::error::DataError;
use dualwrite_engine::request::{Fields, KeyCheck};
use dualwrite_engine::{
    DatabaseStatus, Engine, EntityBacklog, EntityComparisons, EntityDelta, Status,
};
use tokio::time::Instant;

/// The part of the engine that is read over HTTP.
pub trait AdminPath: Send + Sync + 'static {
    /// Where the migration stands.
    fn status(&self) -> Status;

    /// What was counted since the process began.
    fn totals(&self) -> Vec<EntityDelta>;

    /// How the reads that were done on both sides compared, since then.
    fn comparisons(&self) -> Vec<EntityComparisons>;

    /// Asks every database that is configured.
    fn databases(&self) -> impl Future<Output = Vec<DatabaseStatus>> + Send;

    /// How far the copies are behind.
    fn backlogs(&self) -> impl Future<Output = Vec<EntityBacklog>> + Send;

    /// An entity's name (the root entity's when none is named) and the fields
    /// of its key, in order.
    fn key_fields(
        &self,
        entity: Option<&str>,
        deadline: Instant,
    ) -> impl Future<Output = Result<(Arc<str>, Vec<String>), DataError>> + Send;

    /// The exact check of one key.
    fn check_key(
        &self,
        entity: &str,
        key: Fields,
        deadline: Instant,
    ) -> impl Future<Output = Result<KeyCheck, DataError>> + Send;

    /// Probes each entity in each mode that the phase allows.
    fn run_test(
        &self,
        deadline: Instant,
    ) -> impl Future<Output = Result<TestReport, DataError>> + Send;
}

impl AdminPath for Engine {
    fn status(&self) -> Status {
        Engine::status(self)
    }

    fn totals(&self) -> Vec<EntityDelta> {
        Engine::totals(self)
    }

    fn comparisons(&self) -> Vec<EntityComparisons> {
        Engine::comparisons(self)
    }

    async fn databases(&self) -> Vec<DatabaseStatus> {
        Engine::databases(self).await
    }

    async fn backlogs(&self) -> Vec<EntityBacklog> {
        Engine::backlogs(self).await
    }

    async fn key_fields(
        &self,
        entity: Option<&str>,
        deadline: Instant,
    ) -> Result<(Arc<str>, Vec<String>), DataError> {
        Engine::key_fields(self, entity, deadline).await
    }

    async fn check_key(
        &self,
        entity: &str,
        key: Fields,
        deadline: Instant,
    ) -> Result<KeyCheck, DataError> {
        Engine::check_key(self, Some(entity), key, deadline).await
    }

    async fn run_test(&self, deadline: Instant) -> Result<TestReport, DataError> {
        Engine::run_test(self, deadline).await
    }
}
