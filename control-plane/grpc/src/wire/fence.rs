//! Fences as sidecars report them.

use dualwrite_control_app::model::FenceReport;
use dualwrite_core::fence::Fence;
use dualwrite_proto::{WireError, v1};

pub(super) fn fence(report: &FenceReport) -> v1::Fence {
    let FenceReport {
        epoch,
        role,
        phase,
        plan_id,
    } = report;
    v1::Fence {
        epoch: *epoch,
        role: v1::Role::from(*role).into(),
        phase: v1::Phase::from(*phase).into(),
        plan_id: plan_id.clone(),
    }
}

/// The fence in a field called `path`; none when nothing could be read.
pub(super) fn read_fence(
    wire: Option<v1::Fence>,
    path: &str,
) -> Result<Option<FenceReport>, WireError> {
    let fence = wire
        .map(Fence::try_from)
        .transpose()
        .map_err(|error| error.under(path))?;
    Ok(fence.map(
        |Fence {
             epoch,
             role,
             phase,
             plan_id,
             settings: _,
         }| FenceReport {
            epoch,
            role,
            phase,
            plan_id,
        },
    ))
}
