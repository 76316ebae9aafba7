//! UpdateFlags.

use dualwrite_control_app::ControlPlane;
use dualwrite_control_app::model::{Author, MigrationView};
use dualwrite_control_app::verbs::UpdateFlags;
use dualwrite_core::flags::Flags;
use dualwrite_proto::convert::PatchError;
use dualwrite_proto::v1;

use super::{Answer, Waiting};
use crate::{etag, wire};

pub(super) async fn update(
    plane: &ControlPlane,
    author: Author,
    waiting: Waiting<'_>,
    request: v1::UpdateFlagsRequest,
) -> Answer<v1::UpdateFlagsResponse> {
    let wait = request.wait;
    let mut view = plane.update_flags(read(author, request)?).await?;
    if wait {
        waiting
            .unless_draining(wait_for_acks(plane, &mut view, waiting))
            .await?;
    }
    Ok(v1::UpdateFlagsResponse {
        migration: Some(wire::migration(&view)),
    })
}

/// Waits for the live sidecars to have accepted the change, and puts into the
/// view how it stands then.
async fn wait_for_acks(
    plane: &ControlPlane,
    view: &mut MigrationView,
    waiting: Waiting<'_>,
) -> Answer<()> {
    let (name, revision) = (view.migration.name.clone(), view.migration.revision);
    plane
        .wait_acked(&name, revision, waiting.patience())
        .await?;
    *view = plane.get(&name).await?;
    Ok(())
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
