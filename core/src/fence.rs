//! What a database says about who may write to it.
//!
//! Each side holds one fence row a service. A transaction commits only if that
//! row held, at the epoch and in the role that the writer expected, at a point
//! protected by a lock until its commit. So a fence, and nothing else, decides
//! who may write; whatever a control plane says is a hint to read it again.

use serde::{Deserialize, Serialize};

use crate::phase::Phase;
use crate::side::Role;
use crate::spec::Entity;

/// The epoch that an installation starts with.
pub const FIRST_EPOCH: u64 = 1;

/// One fence row, whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fence {
    /// Number of the period in which authority, and what writers must leave
    /// behind, are fixed.
    pub epoch: u64,
    /// What this side allows in that epoch.
    pub role: Role,
    /// The phase of that epoch. While `frozen` or `handed`: the phase that the
    /// flip goes to.
    pub phase: Phase,
    /// The plan that wrote the row; empty after an installation.
    pub plan_id: String,
    /// [`EpochSettings`] as JSON, so that a sidecar with neither a control
    /// plane nor a disk can still start.
    pub settings: String,
}

impl Fence {
    /// The part that a compare-and-set compares.
    #[must_use]
    pub const fn at(&self) -> FenceAt {
        FenceAt {
            epoch: self.epoch,
            role: self.role,
        }
    }
}

/// Epoch and role: what a compare-and-set on a fence compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct FenceAt {
    /// See [`Fence::epoch`].
    pub epoch: u64,
    /// See [`Fence::role`].
    pub role: Role,
}

impl std::fmt::Display for FenceAt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.role, self.epoch)
    }
}

/// What one look at a side's fence gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seen {
    /// The row.
    Fence(Fence),
    /// The database answered, and there is no fence of this service.
    Missing,
    /// The database did not answer: anything may stand there.
    Unreachable,
}

impl Seen {
    /// The row, if one was read.
    #[must_use]
    pub const fn fence(&self) -> Option<&Fence> {
        match self {
            Self::Fence(fence) => Some(fence),
            Self::Missing | Self::Unreachable => None,
        }
    }

    /// Epoch and role, if a row was read.
    #[must_use]
    pub fn at(&self) -> Option<FenceAt> {
        self.fence().map(Fence::at)
    }
}

/// The settings of a migration that only an epoch can change, because every
/// accepted writer must agree on them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EpochSettings {
    /// The service.
    pub service: String,
    /// The phase of the epoch.
    pub phase: Phase,
    /// Whether each write leaves a marker.
    pub marking: bool,
    /// Whether markers are kept while there is no secondary.
    pub keep_markers: bool,
    /// Whether the primary ever changed. Until it did, the side that is not
    /// primary holds no receipts, and nobody needs to look there.
    #[serde(default)]
    pub flipped: bool,
    /// The entities and their mapping.
    pub entities: Vec<Entity>,
}

impl EpochSettings {
    /// The settings of a fresh installation.
    #[must_use]
    pub fn initial(service: &str, phase: Phase, keep_markers: bool, entities: Vec<Entity>) -> Self {
        let marking = marking(phase, keep_markers, Before::Installed);
        Self {
            service: service.to_owned(),
            phase,
            marking,
            keep_markers,
            flipped: false,
            entities,
        }
    }

    /// The settings after a step to `phase`.
    #[must_use]
    pub fn moved_to(&self, phase: Phase) -> Self {
        let marking = marking(phase, self.keep_markers, Before::Left(self.marking));
        let flipped = self.flipped || self.phase.primary() != phase.primary();
        Self {
            phase,
            marking,
            flipped,
            ..self.clone()
        }
    }

    /// The text that stands beside the fence.
    #[must_use]
    pub fn to_json(&self) -> String {
        // Plain data with text keys: serialising it has no way to fail.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Reads the text that stands beside a fence.
    ///
    /// # Errors
    /// [`SettingsError`] when it is not what [`EpochSettings::to_json`] writes.
    pub fn from_json(text: &str) -> Result<Self, SettingsError> {
        serde_json::from_str(text).map_err(|error| SettingsError(error.to_string()))
    }
}

/// Settings beside a fence that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "the settings beside the fence cannot be read ({0}); run `dualwrite-sidecar install` of a matching version"
)]
pub struct SettingsError(String);

/// What stood before the epoch whose marking is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Before {
    Installed,
    /// An epoch that left markers, or not.
    Left(bool),
}

/// Whether the writes of an epoch leave markers.
///
/// Always while there is a secondary. In `new_only` when markers are kept. In
/// `legacy_only` only when it was reached backwards out of an epoch that left
/// them: a first `legacy_only` is followed by a full backfill anyway.
const fn marking(phase: Phase, keep_markers: bool, before: Before) -> bool {
    match phase {
        Phase::DualWrite | Phase::NewPrimary => true,
        Phase::NewOnly => keep_markers,
        Phase::LegacyOnly => keep_markers && matches!(before, Before::Left(true)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn initial(phase: Phase, keep: bool) -> EpochSettings {
        EpochSettings::initial("cart", phase, keep, Vec::new())
    }

    #[test]
    fn a_first_legacy_only_leaves_no_markers_and_a_later_one_keeps_them() {
        let first = initial(Phase::LegacyOnly, true);
        assert!(!first.marking);
        let dual = first.moved_to(Phase::DualWrite);
        assert!(dual.marking);
        assert!(dual.moved_to(Phase::LegacyOnly).marking);
    }

    #[test]
    fn without_keep_markers_only_the_phases_with_a_secondary_leave_them() {
        let mut settings = initial(Phase::LegacyOnly, false);
        let expected = [
            (Phase::DualWrite, true),
            (Phase::NewPrimary, true),
            (Phase::NewOnly, false),
            (Phase::NewPrimary, true),
            (Phase::DualWrite, true),
            (Phase::LegacyOnly, false),
        ];
        for (phase, marking) in expected {
            settings = settings.moved_to(phase);
            assert_eq!(settings.marking, marking, "{phase}");
        }
    }

    #[test]
    fn a_change_of_primary_is_remembered() {
        let dual = initial(Phase::LegacyOnly, true).moved_to(Phase::DualWrite);
        assert!(!dual.flipped);
        let back = dual.moved_to(Phase::NewPrimary).moved_to(Phase::DualWrite);
        assert!(back.flipped);
    }

    #[test]
    fn settings_survive_the_row_beside_the_fence() {
        let settings = initial(Phase::DualWrite, true);
        assert_eq!(EpochSettings::from_json(&settings.to_json()), Ok(settings));
        assert!(EpochSettings::from_json("{}").is_err());
    }
}
