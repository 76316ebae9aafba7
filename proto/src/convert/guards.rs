//! The limits that a transition must keep.

use dualwrite_core::guard::GuardPolicy;

use super::{WireError, duration};
use crate::v1;

impl TryFrom<v1::Guards> for GuardPolicy {
    type Error = WireError;

    /// Durations that are left out have their default; zero turns a guard off.
    fn try_from(wire: v1::Guards) -> Result<Self, WireError> {
        let default = Self::default();
        Ok(Self {
            max_markers: wire.max_markers,
            max_marker_age: duration::from_wire(
                wire.max_marker_age,
                "max_marker_age",
                default.max_marker_age,
            )?,
            max_secondary_error_percent: wire.max_secondary_error_percent,
            error_window: duration::from_wire(
                wire.error_window,
                "error_window",
                default.error_window,
            )?,
            require_backfill: wire.require_backfill,
            max_validation_age: duration::from_wire(
                wire.max_validation_age,
                "max_validation_age",
                default.max_validation_age,
            )?,
            min_sidecars: wire.min_sidecars,
        })
    }
}

impl From<&GuardPolicy> for v1::Guards {
    fn from(policy: &GuardPolicy) -> Self {
        Self {
            max_markers: policy.max_markers,
            max_marker_age: Some(duration::to_wire(policy.max_marker_age)),
            max_secondary_error_percent: policy.max_secondary_error_percent,
            error_window: Some(duration::to_wire(policy.error_window)),
            require_backfill: policy.require_backfill,
            max_validation_age: Some(duration::to_wire(policy.max_validation_age)),
            min_sidecars: policy.min_sidecars,
        }
    }
}
