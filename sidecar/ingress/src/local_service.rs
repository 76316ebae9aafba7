//! `dualwrite.v1.LocalService`: one file per call.

mod diagnose;
mod introspect;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use dualwrite_proto::status::Refusal;
use dualwrite_proto::v1;
use dualwrite_proto::v1::ErrorReason;
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
        only_this_host(&request)?;
        introspect::call(&*self.local, request.into_inner()).await
    }

    async fn diagnose(
        &self,
        request: Request<v1::DiagnoseRequest>,
    ) -> Result<Response<v1::DiagnoseResponse>, Status> {
        only_this_host(&request)?;
        Ok(diagnose::call(&*self.local).await)
    }
}

/// Lets through who is on this host, whatever address the listener has: a
/// whole schema is told here, and what is set of its server. Whoever comes over
/// a Unix socket has no address, and is here.
fn only_this_host<T>(request: &Request<T>) -> Result<(), Status> {
    match request.remote_addr() {
        Some(peer) if !peer.ip().to_canonical().is_loopback() => {
            let refusal = Refusal::new(
                ErrorReason::PermissionDenied,
                format!(
                    "a sidecar tells of its databases on its own host alone, and this call came \
                     from {}; ask from inside the pod, or through a port-forward",
                    peer.ip()
                ),
            );
            Err(refusal.into_status())
        }
        Some(_) | None => Ok(()),
    }
}
