//! ValidateKey.

use dualwrite_control_app::ControlPlane;
use dualwrite_control_app::verbs::ValidateKey;
use dualwrite_proto::v1;

use super::Answer;
use crate::wire;

pub(super) async fn validate(
    plane: &ControlPlane,
    request: v1::ValidateKeyRequest,
) -> Answer<v1::ValidateKeyResponse> {
    let v1::ValidateKeyRequest { name, entity, key } = request;
    let check = plane
        .validate_key(ValidateKey { name, entity, key })
        .await?;
    Ok(v1::ValidateKeyResponse {
        check: Some(wire::key_check(&check)),
    })
}
