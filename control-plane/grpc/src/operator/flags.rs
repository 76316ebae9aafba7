//! UpdateFlags.

use std::time::Duration;

use dualwrite_control_app::ControlPlane;
use dualwrite_control_app::model::Author;
use dualwrite_control_app::verbs::UpdateFlags;
use dualwrite_core::flags::Flags;
use dualwrite_proto::convert::PatchError;
use dualwrite_proto::v1;

use super::Answer;
use crate::{etag, wire};

pub(super) async fn update(
    plane: &ControlPlane,
    author: Author,
    patience: Duration,
    request: v1::UpdateFlagsRequest,
) -> Answer<v1::UpdateFlagsResponse> {
    let wait = request.wait;
    let mut view = plane.update_flags(read(author, request)?).await?;
    if wait {
        let (name, revision) = (view.migration.name, view.migration.revision);
        plane.wait_acked(&name, revision, patience).await?;
        view = plane.get(&name).await?;
    }
    Ok(v1::UpdateFlagsResponse {
        migration: Some(wire::migration(&view)),
    })
}

fn read(author: Author, request: v1::UpdateFlagsRequest) -> Answer<UpdateFlags> {
    let v1::UpdateFlagsRequest {
        name,
        flags,
        update_mask,
        etag,
        reason: _,
        wait: _,
    } = request;
    let mask: Vec<String> = update_mask
        .unwrap_or_default()
        .paths
        .into_iter()
        .map(as_typed)
        .collect();
    if mask.is_empty() {
        return Err(PatchError::Empty.into());
    }
    let flags = Flags::try_from(flags.unwrap_or_default()).map_err(PatchError::Invalid)?;
    Ok(UpdateFlags {
        name,
        flags,
        mask,
        seen: etag::seen(&etag)?,
        author,
    })
}

/// The name that users type for a field of the message.
fn as_typed(field: String) -> String {
    if field == "secondary_timeout" {
        "secondary_timeout_ms".to_owned()
    } else {
        field
    }
}
