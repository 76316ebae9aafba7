//! The settings of a migration at one revision, as a sidecar holds them.

use serde::{Deserialize, Serialize};

use crate::phase::Phase;
use crate::plan::Plan;
use crate::spec::Spec;

/// The settings of a migration at one revision.
///
/// Phase, epoch and plan are hints to look at the fences, never an authority.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Snapshot {
    /// The service.
    pub service: String,
    /// Number of this version of the settings; 0 where they were read beside a
    /// fence, which knows none.
    pub revision: u64,
    /// The epoch that the control plane knows of.
    pub epoch: u64,
    /// The phase that the control plane knows of.
    pub phase: Phase,
    /// Whether writes of that epoch leave markers even without a secondary.
    pub marking: bool,
    /// The settings.
    pub spec: Spec,
    /// The transition under way.
    pub plan: Option<Plan>,
    /// Whether the end of the migration was decided: from then on the service
    /// runs on its new database alone, without fences and markers of ours.
    #[serde(default)]
    pub retired: bool,
}
