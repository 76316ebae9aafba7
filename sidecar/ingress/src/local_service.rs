//! `dualwrite.v1.LocalService`: one file per call.

mod diagnose;
mod introspect;

use std::sync::Arc;

use dualwrite_proto::v1;
use dualwrite_proto::v1::local_service_server::LocalService;
use tonic::{Request, Response, Status};

use crate::local_path::LocalPath;

/// The service that a person asks, over whatever answers.
#[derive(Debug)]
pub struct LocalIngress<L> {
    local: Arc<L>,
}

impl<L> LocalIngress<L> {
    /// The service over this sidecar.
    pub fn new(local: Arc<L>) -> Self {
        Self { local }
    }
}

#[tonic::async_trait]
impl<L: LocalPath> LocalService for LocalIngress<L> {
    async fn introspect(
        &self,
        request: Request<v1::IntrospectRequest>,
    ) -> Result<Response<v1::IntrospectResponse>, Status> {
        introspect::call(&*self.local, request.into_inner()).await
    }

    async fn diagnose(
        &self,
        _request: Request<v1::DiagnoseRequest>,
    ) -> Result<Response<v1::DiagnoseResponse>, Status> {
        Ok(diagnose::call(&*self.local).await)
    }
}
