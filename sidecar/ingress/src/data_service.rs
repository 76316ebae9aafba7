//! `dualwrite.v1.DataService`: one file per call.

mod get_outcome;
mod list;
mod read;
mod write;

use std::sync::Arc;

use dualwrite_core::side::Side;
use dualwrite_engine::error::DataError;
use dualwrite_proto::v1;
use dualwrite_proto::v1::data_service_server::DataService;
use tokio::time::Instant;
use tonic::{Request, Response, Status};

use crate::data_path::DataPath;
use crate::deadline;
use crate::refusal::refusal;

/// The service that applications call, over whatever carries out its calls.
#[derive(Debug)]
pub struct DataIngress<D> {
    data: Arc<D>,
}

impl<D> DataIngress<D> {
    /// The service over this data path.
    pub fn new(data: Arc<D>) -> Self {
        Self { data }
    }
}

#[tonic::async_trait]
impl<D: DataPath> DataService for DataIngress<D> {
    async fn write(
        &self,
        request: Request<v1::WriteRequest>,
    ) -> Result<Response<v1::WriteResponse>, Status> {
        let (message, deadline) = open(request);
        write::call(&*self.data, message, deadline).await
    }

    async fn read(
        &self,
        request: Request<v1::ReadRequest>,
    ) -> Result<Response<v1::ReadResponse>, Status> {
        let (message, deadline) = open(request);
        read::call(&*self.data, message, deadline).await
    }

    async fn list(
        &self,
        request: Request<v1::ListRequest>,
    ) -> Result<Response<v1::ListResponse>, Status> {
        let (message, deadline) = open(request);
        list::call(&*self.data, message, deadline).await
    }

    async fn get_outcome(
        &self,
        request: Request<v1::GetOutcomeRequest>,
    ) -> Result<Response<v1::GetOutcomeResponse>, Status> {
        let (message, deadline) = open(request);
        get_outcome::call(&*self.data, message, deadline).await
    }
}

/// The message, and until when it must be answered.
fn open<T>(request: Request<T>) -> (T, Instant) {
    let deadline = deadline::of(request.metadata(), Instant::now());
    (request.into_inner(), deadline)
}

/// The status of an error of the engine.
fn refused(error: &DataError) -> Status {
    refusal(error).into_status()
}

/// The number of a side on the wire.
fn side(side: Side) -> i32 {
    v1::Side::from(side).into()
}

#[cfg(test)]
mod tests;
