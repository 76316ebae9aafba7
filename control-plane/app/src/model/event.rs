//! The history of a migration.

use super::Millis;

/// One entry of a migration's history: who did what, when and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Grows with time; given by the store (0 before).
    pub id: u64,
    /// The service.
    pub migration: String,
    /// The revision that it left.
    pub revision: u64,
    /// When.
    pub time: Millis,
    /// Who; `control-plane` for what it did by itself.
    pub actor: String,
    /// What.
    pub kind: EventKind,
    /// Why, in the actor's words.
    pub reason: String,
    /// What stood before, in few words.
    pub before: String,
    /// What stands after, in few words.
    pub after: String,
}

/// What an event tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EventKind {
    /// A manifest was applied.
    Applied,
    /// Flags were changed.
    FlagsChanged,
    /// A transition began.
    TransitionStarted,
    /// A transition reached its phase.
    TransitionDone,
    /// A transition was taken back.
    TransitionAborted,
    /// The fences went another way than what was stored, and were followed.
    TransitionResolved,
    /// A guard refused a transition.
    TransitionRefused,
    /// Flags and guards of an older revision were made current.
    Restored,
    /// The migration was deleted.
    Deleted,
    /// The end of the migration was decided.
    Retiring,
    /// Everything of ours is gone.
    Retired,
    /// A job began.
    JobStarted,
    /// A job was paused, resumed or cancelled, or failed.
    JobChanged,
    /// A job ended well.
    JobDone,
}

impl EventKind {
    /// Every kind, for tables and tests.
    pub const ALL: [Self; 14] = [
        Self::Applied,
        Self::FlagsChanged,
        Self::TransitionStarted,
        Self::TransitionDone,
        Self::TransitionAborted,
        Self::TransitionResolved,
        Self::TransitionRefused,
        Self::Restored,
        Self::Deleted,
        Self::Retiring,
        Self::Retired,
        Self::JobStarted,
        Self::JobChanged,
        Self::JobDone,
    ];

    /// The word that is stored and shown.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::FlagsChanged => "flags_changed",
            Self::TransitionStarted => "transition_started",
            Self::TransitionDone => "transition_done",
            Self::TransitionAborted => "transition_aborted",
            Self::TransitionResolved => "transition_resolved",
            Self::TransitionRefused => "transition_refused",
            Self::Restored => "restored",
            Self::Deleted => "deleted",
            Self::Retiring => "retiring",
            Self::Retired => "retired",
            Self::JobStarted => "job_started",
            Self::JobChanged => "job_changed",
            Self::JobDone => "job_done",
        }
    }

    /// The kind that a word stands for.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}
