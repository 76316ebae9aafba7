//! Long work that sidecars do in shards.

use super::Millis;

/// A backfill, split in shards, resumable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// Its identifier.
    pub id: String,
    /// The service.
    pub migration: String,
    /// What it does.
    pub kind: JobKind,
    /// How far it has come.
    pub state: JobState,
    /// Progress of an earlier epoch does not count.
    pub epoch: u64,
    /// The entities it covers.
    pub entities: Vec<String>,
    /// Rows handled.
    pub rows_done: u64,
    /// Estimate from the planning of the shards.
    pub rows_total: u64,
    /// Shards done.
    pub shards_done: u32,
    /// Shards in all, 0 before they are planned.
    pub shards_total: u32,
    /// When it was asked for.
    pub created: Millis,
    /// When it ended.
    pub ended: Option<Millis>,
    /// Why it failed; the last error of a shard while it runs.
    pub error: String,
    /// Who asked for it.
    pub actor: String,
    /// Why.
    pub reason: String,
    /// Rows per second at most for the whole job, 0 for no limit.
    pub max_rows_per_second: u32,
    /// Keys set aside because the secondary refuses them.
    pub quarantined: u64,
}

/// A job with what is only known while it is watched.
#[derive(Debug, Clone, PartialEq)]
pub struct JobStatus {
    /// The job.
    pub job: Job,
    /// Rows per second over the last reports.
    pub rate: f64,
}

/// What a job does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum JobKind {
    /// Copies what was there before.
    Backfill,
}

impl JobKind {
    /// The word that is stored and shown.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Backfill => "backfill",
        }
    }

    /// The kind that a word stands for.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        (word == Self::Backfill.as_str()).then_some(Self::Backfill)
    }
}

/// How far a job has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum JobState {
    /// Waits for a sidecar to split it in shards.
    Planning,
    /// Sidecars work on its shards.
    Running,
    /// Stopped until it is resumed.
    Paused,
    /// All shards are done.
    Done,
    /// Given up by an operator.
    Cancelled,
    /// It cannot go on.
    Failed,
}

impl JobState {
    /// Every state, for tables and tests.
    pub const ALL: [Self; 6] = [
        Self::Planning,
        Self::Running,
        Self::Paused,
        Self::Done,
        Self::Cancelled,
        Self::Failed,
    ];

    /// The word that is stored and shown.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Planning => "planning",
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Done => "done",
            Self::Cancelled => "cancelled",
            Self::Failed => "failed",
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
            Self::Planning | Self::Running | Self::Paused => false,
            Self::Done | Self::Cancelled | Self::Failed => true,
        }
    }
}
