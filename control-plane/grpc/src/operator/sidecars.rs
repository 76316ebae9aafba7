//! ListSidecars.

use dualwrite_control_app::ControlPlane;
use dualwrite_proto::v1;

use super::Answer;
use crate::wire;

pub(super) async fn list(
    plane: &ControlPlane,
    request: v1::ListSidecarsRequest,
) -> Answer<v1::ListSidecarsResponse> {
    let sidecars = plane.list_sidecars(&request.name).await?;
    Ok(v1::ListSidecarsResponse {
        sidecars: sidecars.iter().map(wire::sidecar).collect(),
    })
}
