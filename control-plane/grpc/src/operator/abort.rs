//! AbortTransition.

use dualwrite_control_app::ControlPlane;
use dualwrite_control_app::model::Author;
use dualwrite_control_app::verbs::Abort;
use dualwrite_proto::v1;

use super::Answer;
use crate::wire;

pub(super) async fn abort(
    plane: &ControlPlane,
    author: Author,
    request: v1::AbortTransitionRequest,
) -> Answer<v1::AbortTransitionResponse> {
    let transition = plane
        .abort(Abort {
            name: request.name,
            author,
        })
        .await?;
    Ok(v1::AbortTransitionResponse {
        transition: Some(wire::transition(&transition)),
    })
}
