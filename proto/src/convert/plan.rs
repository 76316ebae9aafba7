//! Transitions, as they are sent to their executor.

use dualwrite_core::plan::Plan;

use super::{WireError, phase, plan_kind, side};
use crate::v1;

impl TryFrom<v1::Plan> for Plan {
    type Error = WireError;

    fn try_from(wire: v1::Plan) -> Result<Self, WireError> {
        if wire.plan_id.is_empty() {
            return Err(WireError::at("plan_id", "is empty; every plan has an id"));
        }
        Ok(Self {
            kind: plan_kind(wire.kind, "kind")?,
            from_phase: phase(wire.from_phase, "from_phase")?,
            to_phase: phase(wire.to_phase, "to_phase")?,
            from_epoch: wire.from_epoch,
            to_epoch: wire.to_epoch,
            primary: side(wire.primary, "primary")?,
            plan_id: wire.plan_id,
            settings: wire.settings,
            aborting: wire.aborting,
        })
    }
}

impl From<&Plan> for v1::Plan {
    fn from(plan: &Plan) -> Self {
        Self {
            plan_id: plan.plan_id.clone(),
            kind: v1::PlanKind::from(plan.kind).into(),
            from_phase: v1::Phase::from(plan.from_phase).into(),
            to_phase: v1::Phase::from(plan.to_phase).into(),
            from_epoch: plan.from_epoch,
            to_epoch: plan.to_epoch,
            primary: v1::Side::from(plan.primary).into(),
            settings: plan.settings.clone(),
            aborting: plan.aborting,
        }
    }
}
