//! Diagnose: what this sidecar finds of both databases and of itself.

use dualwrite_proto::v1;
use tonic::Response;

use crate::local_path::LocalPath;

pub(super) async fn call<L: LocalPath>(local: &L) -> Response<v1::DiagnoseResponse> {
    let findings = local.diagnose().await;
    Response::new(v1::DiagnoseResponse {
        findings: findings.iter().map(v1::Finding::from).collect(),
    })
}
