//! A change of phase, or of what the fence holds.

use dualwrite_core::plan::Plan;

use super::Millis;

/// One change of phase, or of what the fence holds, from its start to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transition {
    /// The service.
    pub migration: String,
    /// What is to be done; any sidecar can execute any part of it.
    pub plan: Plan,
    /// How far it has come.
    pub state: TransitionState,
    /// The instance that executes it now, if one was named.
    pub executor: Option<String>,
    /// The steps that executors told of, in order.
    pub steps: Vec<StepRecord>,
    /// When it began.
    pub started: Millis,
    /// When it is taken back if it has not ended.
    pub deadline: Millis,
    /// When it ended.
    pub ended: Option<Millis>,
    /// Why it was asked for.
    pub reason: String,
    /// Who asked for it.
    pub actor: String,
    /// Whether guards were overridden.
    pub forced: bool,
    /// Why it was taken back or resolved otherwise; empty when it went well.
    pub outcome: String,
}

/// One observed step.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct StepRecord {
    /// One of the words of [`dualwrite_core::plan::StepName`].
    pub name: String,
    /// What the executor said of it.
    pub detail: String,
    /// When it was heard of.
    pub at: Millis,
}

/// How far a transition has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TransitionState {
    /// Under way to its phase.
    Running,
    /// Being taken back to where it was.
    Aborting,
    /// It reached its phase.
    Done,
    /// It is back where it was.
    Aborted,
    /// The fences went another way than the plan: they win.
    Resolved,
}

impl TransitionState {
    /// Every state, for tables and tests.
    pub const ALL: [Self; 5] = [
        Self::Running,
        Self::Aborting,
        Self::Done,
        Self::Aborted,
        Self::Resolved,
    ];

    /// The word that is stored and shown.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Aborting => "aborting",
            Self::Done => "done",
            Self::Aborted => "aborted",
            Self::Resolved => "resolved_by_sidecars",
        }
    }

    /// The state that a word stands for.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }

    /// Whether nothing more will happen to it.
    #[must_use]
    pub const fn ended(self) -> bool {
        match self {
            Self::Running | Self::Aborting => false,
            Self::Done | Self::Aborted | Self::Resolved => true,
        }
    }
}
