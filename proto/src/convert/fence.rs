//! Fences. The settings beside a fence do not travel with it: who needs them
//! reads the fence.

use dualwrite_core::fence::Fence;

use super::{WireError, phase, role};
use crate::v1;

impl TryFrom<v1::Fence> for Fence {
    type Error = WireError;

    /// A fence without the settings beside it (`settings` is empty).
    fn try_from(wire: v1::Fence) -> Result<Self, WireError> {
        Ok(Self {
            epoch: wire.epoch,
            role: role(wire.role, "role")?,
            phase: phase(wire.phase, "phase")?,
            plan_id: wire.plan_id,
            settings: String::new(),
        })
    }
}

impl From<&Fence> for v1::Fence {
    fn from(fence: &Fence) -> Self {
        Self {
            epoch: fence.epoch,
            role: v1::Role::from(fence.role).into(),
            phase: v1::Phase::from(fence.phase).into(),
            plan_id: fence.plan_id.clone(),
        }
    }
}
