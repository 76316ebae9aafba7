//! DiagnoseMigration.

use dualwrite_control_app::ControlPlane;
use dualwrite_proto::v1;
use tonic::{Response, Status};

use crate::refusal::Refused;

/// Metadata with the control plane's clock, in milliseconds since 1970: what a
/// caller compares its own with.
const TIME: &str = "dualwrite-time-ms";

pub(super) async fn diagnose(
    plane: &ControlPlane,
    request: v1::DiagnoseMigrationRequest,
) -> Result<Response<v1::DiagnoseMigrationResponse>, Status> {
    let v1::DiagnoseMigrationRequest { name } = request;
    let diagnosis = plane.diagnose(&name).await.map_err(Refused::from)?;
    let findings = diagnosis.findings.iter().map(v1::Finding::from).collect();
    let mut response = Response::new(v1::DiagnoseMigrationResponse { findings });
    if let Ok(time) = diagnosis.time.0.to_string().parse() {
        response.metadata_mut().insert(TIME, time);
    }
    Ok(response)
}
