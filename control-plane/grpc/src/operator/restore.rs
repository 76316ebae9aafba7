//! RestoreRevision.

use dualwrite_control_app::ControlPlane;
use dualwrite_control_app::model::Author;
use dualwrite_control_app::verbs::RestoreRevision;
use dualwrite_proto::v1;

use super::Answer;
use crate::{etag, wire};

pub(super) async fn restore(
    plane: &ControlPlane,
    author: Author,
    request: v1::RestoreRevisionRequest,
) -> Answer<v1::RestoreRevisionResponse> {
    let v1::RestoreRevisionRequest {
        name,
        revision,
        etag,
        reason: _,
    } = request;
    let seen = etag::seen(&etag)?;
    let view = plane
        .restore_revision(RestoreRevision {
            name,
            revision,
            seen,
            author,
        })
        .await?;
    Ok(v1::RestoreRevisionResponse {
        migration: Some(wire::migration(&view)),
    })
}
