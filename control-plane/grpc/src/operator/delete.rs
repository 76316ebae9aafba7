//! DeleteMigration.

use dualwrite_control_app::ControlPlane;
use dualwrite_control_app::model::Author;
use dualwrite_control_app::verbs::Delete;
use dualwrite_proto::v1;

use super::Answer;
use crate::etag;

pub(super) async fn delete(
    plane: &ControlPlane,
    author: Author,
    request: v1::DeleteMigrationRequest,
) -> Answer<v1::DeleteMigrationResponse> {
    let seen = etag::seen(&request.etag)?;
    plane
        .delete(Delete {
            name: request.name,
            seen,
            author,
        })
        .await?;
    Ok(v1::DeleteMigrationResponse {})
}
