//! RetireMigration.

use dualwrite_control_app::ControlPlane;
use dualwrite_control_app::model::Author;
use dualwrite_control_app::verbs::Retire;
use dualwrite_proto::convert::verdict;
use dualwrite_proto::v1;

use super::{Answer, Waiting};
use crate::{etag, wire};

pub(super) async fn retire(
    plane: &ControlPlane,
    author: Author,
    waiting: Waiting<'_>,
    request: v1::RetireMigrationRequest,
) -> Answer<v1::RetireMigrationResponse> {
    let v1::RetireMigrationRequest {
        name,
        etag,
        reason: _,
        validate_only,
    } = request;
    let request = Retire {
        name: name.clone(),
        seen: etag::seen(&etag)?,
        author,
        dry_run: validate_only,
    };
    let mut answer = plane.retire(request).await?;
    if !validate_only {
        let ended = plane.wait_retired(&name, waiting.patience());
        waiting
            .unless_draining(async {
                answer.migration = ended.await?;
                Ok(())
            })
            .await?;
    }
    Ok(v1::RetireMigrationResponse {
        migration: Some(wire::migration(&answer.migration)),
        verdict: Some(verdict(&answer.verdict, &[])),
    })
}
