//! GetMigration.

use dualwrite_control_app::ControlPlane;
use dualwrite_proto::v1;

use super::Answer;
use crate::wire;

pub(super) async fn get(
    plane: &ControlPlane,
    request: v1::GetMigrationRequest,
) -> Answer<v1::GetMigrationResponse> {
    let view = plane.get(&request.name).await?;
    Ok(v1::GetMigrationResponse {
        migration: Some(wire::migration(&view)),
    })
}
