//! The settings of a migration at one revision.

use dualwrite_core::plan::Plan;
use dualwrite_core::snapshot::Snapshot;
use dualwrite_core::spec::Spec;

use super::{WireError, phase};
use crate::v1;

impl TryFrom<v1::Snapshot> for Snapshot {
    type Error = WireError;

    fn try_from(wire: v1::Snapshot) -> Result<Self, WireError> {
        let spec = wire
            .spec
            .ok_or_else(|| WireError::at("spec", "is not given"))?;
        let plan = wire.plan.map(Plan::try_from).transpose();
        Ok(Self {
            service: wire.service,
            revision: wire.revision,
            epoch: wire.epoch,
            phase: phase(wire.phase, "phase")?,
            marking: wire.marking,
            spec: Spec::try_from(spec).map_err(|error| error.under("spec"))?,
            plan: plan.map_err(|error| error.under("plan"))?,
            retired: wire.retirement.is_some(),
        })
    }
}

impl From<&Snapshot> for v1::Snapshot {
    fn from(snapshot: &Snapshot) -> Self {
        Self {
            service: snapshot.service.clone(),
            revision: snapshot.revision,
            phase: v1::Phase::from(snapshot.phase).into(),
            epoch: snapshot.epoch,
            spec: Some(v1::MigrationSpec::from(&snapshot.spec)),
            marking: snapshot.marking,
            plan: snapshot.plan.as_ref().map(v1::Plan::from),
            // That it was decided is all that a sidecar needs to know.
            retirement: snapshot.retired.then(v1::Retirement::default),
        }
    }
}
