//! What the service asks of the engine.

use std::future::Future;

use dualwrite_engine::Engine;
use dualwrite_engine::error::DataError;
use dualwrite_engine::request::{
    ListReply, ListRequest, ReadReply, ReadRequest, SettledOutcome, WriteReply, WriteRequest,
};
use tokio::time::Instant;

pub use dualwrite_engine::Readiness;

/// The part of the engine that applications reach.
pub trait DataPath: Send + Sync + 'static {
    /// Executes mutations in one transaction on each side.
    fn write(
        &self,
        request: WriteRequest,
        deadline: Instant,
    ) -> impl Future<Output = Result<WriteReply, DataError>> + Send;

    /// Reads one row.
    fn read(
        &self,
        request: ReadRequest,
        deadline: Instant,
    ) -> impl Future<Output = Result<ReadReply, DataError>> + Send;

    /// Reads a page of rows.
    fn list(
        &self,
        request: ListRequest,
        deadline: Instant,
    ) -> impl Future<Output = Result<ListReply, DataError>> + Send;

    /// Settles a request whose outcome is unknown.
    fn outcome(
        &self,
        request_id: &str,
        deadline: Instant,
    ) -> impl Future<Output = Result<SettledOutcome, DataError>> + Send;
}

impl DataPath for Engine {
    async fn write(
        &self,
        request: WriteRequest,
        deadline: Instant,
    ) -> Result<WriteReply, DataError> {
        Engine::write(self, request, deadline).await
    }

    async fn read(&self, request: ReadRequest, deadline: Instant) -> Result<ReadReply, DataError> {
        Engine::read(self, request, deadline).await
    }

    async fn list(&self, request: ListRequest, deadline: Instant) -> Result<ListReply, DataError> {
        Engine::list(self, request, deadline).await
    }

    async fn outcome(
        &self,
        request_id: &str,
        deadline: Instant,
    ) -> Result<SettledOutcome, DataError> {
        Engine::outcome(self, request_id, deadline).await
    }
}
