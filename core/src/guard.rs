//! Whether a transition may start: one verdict of several guards, each with
//! what it measured, its limit, and what to do about it.
//!
//! What is not known does not pass. Which guards watch over which transition
//! is one table, in `guard/table.rs`.

mod judge;
mod policy;
mod table;

#[cfg(test)]
mod tests;

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::phase::Phase;

pub use policy::{GuardPolicy, MAX_ERROR_WINDOW};
pub use table::{RETIREMENT, guards_of};

/// One condition of a transition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Guard {
    /// No other transition is under way.
    NoOtherTransition,
    /// No job is running.
    NoRunningJob,
    /// Enough sidecars are live.
    SidecarsLive,
    /// No live sidecar refuses the mapping.
    MappingAccepted,
    /// All live sidecars hold the current revision.
    RevisionAcked,
    /// A backfill is complete since the secondary was last not written.
    BackfillComplete,
    /// The last full validation is clean and fresh.
    ValidationClean,
    /// Few enough markers are outstanding.
    MarkersOutstanding,
    /// The oldest marker is young enough.
    OldestMarkerAge,
    /// Few enough secondary writes fail.
    SecondaryErrorRate,
    /// No key is set aside.
    QuarantineEmpty,
}

impl Guard {
    /// Every guard, in the order of a verdict.
    pub const ALL: [Self; 11] = [
        Self::NoOtherTransition,
        Self::NoRunningJob,
        Self::SidecarsLive,
        Self::MappingAccepted,
        Self::RevisionAcked,
        Self::BackfillComplete,
        Self::ValidationClean,
        Self::MarkersOutstanding,
        Self::OldestMarkerAge,
        Self::SecondaryErrorRate,
        Self::QuarantineEmpty,
    ];

    /// The word that users read.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NoOtherTransition => "no_other_transition",
            Self::NoRunningJob => "no_running_job",
            Self::SidecarsLive => "sidecars_live",
            Self::MappingAccepted => "mapping_accepted",
            Self::RevisionAcked => "revision_acked",
            Self::BackfillComplete => "backfill_complete",
            Self::ValidationClean => "validation_clean",
            Self::MarkersOutstanding => "markers_outstanding",
            Self::OldestMarkerAge => "oldest_marker_age",
            Self::SecondaryErrorRate => "secondary_error_rate",
            Self::QuarantineEmpty => "quarantine_empty",
        }
    }
}

impl fmt::Display for Guard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The transition that is asked for. `from == to` is a change of what the
/// fence holds, in the same phase.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Request {
    /// The phase now.
    pub from: Phase,
    /// The phase asked for.
    pub to: Phase,
}

/// What is known when a transition is asked for. `None` means not known.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Observed {
    /// Id of the transition under way.
    pub transition: Option<String>,
    /// Ids of the jobs that run.
    pub running_jobs: Vec<String>,
    /// Sidecars that were heard of within their bound.
    pub live_sidecars: u32,
    /// Live sidecars that acknowledged the current revision.
    pub acked_sidecars: u32,
    /// Live sidecars whose last word is a refusal, as `instance: reason`.
    pub refusals: Vec<String>,
    /// Whether a backfill is complete since the secondary was last not written.
    pub backfill_complete: Option<bool>,
    /// The last full validation.
    pub validation: Option<Validation>,
    /// Markers outstanding on the primary.
    pub markers: Option<u64>,
    /// Age of the oldest of them; zero when there are none.
    pub oldest_marker_age: Option<Duration>,
    /// Secondary writes over the window of the policy.
    pub secondary: Option<ErrorCount>,
    /// Keys set aside because the secondary refuses them.
    pub quarantined: Option<u64>,
}

/// The last full validation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Validation {
    /// How long ago it ended.
    pub age: Duration,
    /// Differences it found.
    pub differences: u64,
}

/// Attempts and failures over a window. No attempts are no failures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ErrorCount {
    /// Operations.
    pub attempts: u64,
    /// Those that failed.
    pub failures: u64,
}

/// What one guard says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GuardVerdict {
    /// The guard.
    pub guard: Guard,
    /// Whether it lets the transition pass.
    pub passed: bool,
    /// What was measured.
    pub measured: String,
    /// What would be right.
    pub limit: String,
    /// What to do about it; empty when passed.
    pub remedy: String,
    /// Whether force, with a reason, overrides it.
    pub forceable: bool,
}

/// What all guards of a transition say.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Verdict {
    /// One entry a guard, in the order of [`Guard::ALL`].
    pub guards: Vec<GuardVerdict>,
}

impl Verdict {
    /// Whether every guard passed.
    #[must_use]
    pub fn permitted(&self) -> bool {
        self.guards.iter().all(|guard| guard.passed)
    }

    /// Whether every guard passed, or can be overridden by force.
    #[must_use]
    pub fn permitted_by_force(&self) -> bool {
        self.guards
            .iter()
            .all(|guard| guard.passed || guard.forceable)
    }

    /// The guards that did not pass.
    pub fn failed(&self) -> impl Iterator<Item = &GuardVerdict> {
        self.guards.iter().filter(|guard| !guard.passed)
    }

    /// Whether nobody is there to execute the transition: no live sidecar.
    #[must_use]
    pub fn no_executor(&self) -> bool {
        self.failed()
            .any(|guard| guard.guard == Guard::SidecarsLive && !guard.forceable)
    }
}

/// What the guards say of a transition: every guard that watches over it, each
/// judged by itself.
#[must_use]
pub fn permit(observed: &Observed, policy: &GuardPolicy, request: &Request) -> Verdict {
    let guards = guards_of(*request)
        .into_iter()
        .map(|guard| judge::judge(guard, observed, policy))
        .collect();
    Verdict { guards }
}

/// What the guards say of the end of a migration. None of them can be forced:
/// there is no way back.
#[must_use]
pub fn permit_retirement(observed: &Observed, policy: &GuardPolicy) -> Verdict {
    let guards = RETIREMENT
        .into_iter()
        .map(|guard| GuardVerdict {
            forceable: false,
            ..judge::judge(guard, observed, policy)
        })
        .collect();
    Verdict { guards }
}
