//! ApplyMigration.

use dualwrite_control_app::ControlPlane;
use dualwrite_control_app::model::Author;
use dualwrite_control_app::verbs::Apply;
use dualwrite_core::spec::Spec;
use dualwrite_proto::convert::optional_phase;
use dualwrite_proto::{WireError, v1};

use super::Answer;
use crate::refusal::UnknownPhase;
use crate::{etag, wire};

pub(super) async fn apply(
    plane: &ControlPlane,
    author: Author,
    request: v1::ApplyMigrationRequest,
) -> Answer<v1::ApplyMigrationResponse> {
    let applied = plane.apply(read(author, request)?).await?;
    Ok(v1::ApplyMigrationResponse {
        migration: Some(wire::migration(&applied.migration)),
        created: applied.created,
        changed: applied.changed,
    })
}

fn read(author: Author, request: v1::ApplyMigrationRequest) -> Answer<Apply> {
    let v1::ApplyMigrationRequest {
        name,
        spec,
        initial_phase,
        etag,
        reason: _,
        validate_only,
    } = request;
    let spec = spec.ok_or_else(|| WireError::at("spec", "is not given"))?;
    Ok(Apply {
        name,
        spec: Spec::try_from(spec).map_err(|error| error.under("spec"))?,
        initial_phase: optional_phase(initial_phase, "initial_phase").map_err(UnknownPhase)?,
        seen: etag::seen(&etag)?,
        author,
        validate_only,
    })
}
