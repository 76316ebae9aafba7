//! GetSnapshot: what a session would be told, once.

use std::sync::Arc;

use dualwrite_proto::v1;
use futures_util::future::BoxFuture;
use tonic::server::UnaryService;
use tonic::{Request, Response, Status};

use super::Shared;
use crate::refusal::Refused;

pub(super) struct SnapshotCall(pub(super) Arc<Shared>);

impl UnaryService<v1::GetSnapshotRequest> for SnapshotCall {
    type Response = v1::GetSnapshotResponse;
    type Future = BoxFuture<'static, Result<Response<Self::Response>, Status>>;

    fn call(&mut self, request: Request<v1::GetSnapshotRequest>) -> Self::Future {
        let answer = self.get(&request.get_ref().service);
        Box::pin(async move { Ok(Response::new(answer?)) })
    }
}

impl SnapshotCall {
    fn get(&self, service: &str) -> Result<v1::GetSnapshotResponse, Refused> {
        let published = self.0.plane.snapshot(service)?;
        let snapshot = Some(v1::Snapshot::from(&published.snapshot));
        Ok(v1::GetSnapshotResponse { snapshot })
    }
}
