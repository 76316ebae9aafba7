//! What an application asks of the engine, and what it is answered.
//!
//! Entities and fields are named by the mapping (fields after the new side's
//! columns); values are in the field's kind or can be coerced to it.

use std::sync::Arc;
use std::time::Duration;

pub use dualwrite_core::route::Consistency;
use dualwrite_core::side::Side;
use dualwrite_core::value::Value;

/// Mutations of one request at most.
///
/// One transaction holds a lock and a marker for each; a thousand keeps it far
/// below what makes other writers wait noticeably.
pub const MUTATIONS_MAX: usize = 1_000;

/// Rows of one page at most.
pub const PAGE_MAX: u32 = 1_000;

/// Named values, in no particular order.
pub type Fields = Vec<(String, Value)>;

/// An ordered list of mutations, all in one transaction on each side.
#[derive(Debug, Clone, PartialEq)]
pub struct WriteRequest {
    /// In order.
    pub mutations: Vec<RequestMutation>,
    /// Makes retries safe: at most one execution per key and service.
    pub idempotency_key: Option<String>,
    /// 1 (or 0) for the first attempt, more for a retry. Told for the log
    /// alone: any attempt may be a delayed first one, so all are treated alike.
    pub attempt: u32,
    /// When to answer.
    pub wait: Wait,
}

/// When a write answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Wait {
    /// As soon as the primary (and a synchronous secondary) committed.
    #[default]
    Committed,
    /// Also wait for the secondary, up to the deadline.
    Applied,
}

/// One mutation.
#[derive(Debug, Clone, PartialEq)]
pub struct RequestMutation {
    /// The entity's name.
    pub entity: String,
    /// What to do.
    pub change: RequestChange,
    /// Refuse the whole write when it matches no row.
    pub must_match: bool,
}

/// What a mutation does; the key's fields are among `values` or in `key`.
#[derive(Debug, Clone, PartialEq)]
pub enum RequestChange {
    /// Fails if the key is there.
    Insert {
        /// Fields, the key among them.
        values: Fields,
    },
    /// Inserts, or changes the given fields.
    Upsert {
        /// Fields, the key among them.
        values: Fields,
    },
    /// Changes the given fields where `only_if` and `at_least` hold.
    Update {
        /// The key.
        key: Fields,
        /// Fields to set.
        set: Fields,
        /// Fields to add to.
        increment: Fields,
        /// Fields that must equal these values.
        only_if: Fields,
        /// Fields that must be at least these values; NULL never is.
        at_least: Fields,
    },
    /// Removes the row where `only_if` and `at_least` hold.
    Delete {
        /// The key.
        key: Fields,
        /// Fields that must equal these values.
        only_if: Fields,
        /// Fields that must be at least these values; NULL never is.
        at_least: Fields,
    },
}

/// A row image: every mapped field with its value.
pub type RowImage = Vec<(Arc<str>, Value)>;

/// What a write came to.
#[derive(Debug, Clone, PartialEq)]
pub struct WriteReply {
    /// One a mutation.
    pub results: Vec<MutationResult>,
    /// What happened on legacy.
    pub legacy: Outcome,
    /// What happened on new.
    pub new: Outcome,
    /// Whether this is the stored outcome of an earlier attempt.
    pub replayed: bool,
}

/// What one mutation came to.
#[derive(Debug, Clone, PartialEq)]
pub struct MutationResult {
    /// Whether it found a row to change.
    pub matched: bool,
    /// The row afterwards.
    pub row: Option<RowImage>,
}

/// What happened on one side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It is there.
    Committed,
    /// It is with the relay and will be there.
    Pending,
    /// The phase does not write there.
    Skipped,
}

/// One row by key.
#[derive(Debug, Clone, PartialEq)]
pub struct ReadRequest {
    /// The entity's name.
    pub entity: String,
    /// The key's fields.
    pub key: Fields,
    /// How old it may be.
    pub consistency: Consistency,
}

/// The row, and who said so.
#[derive(Debug, Clone, PartialEq)]
pub struct ReadReply {
    /// The row, or its absence.
    pub row: Option<RowImage>,
    /// The side that answered.
    pub served_by: Side,
}

/// Rows in key order.
#[derive(Debug, Clone, PartialEq)]
pub struct ListRequest {
    /// The entity's name.
    pub entity: String,
    /// Fields that must equal these values.
    pub filter: Fields,
    /// Rows at most; 0 for 100.
    pub page_size: u32,
    /// From the page before; empty for the first.
    pub page_token: String,
}

/// One page.
#[derive(Debug, Clone, PartialEq)]
pub struct ListReply {
    /// In canonical key order.
    pub rows: Vec<RowImage>,
    /// Of the next page; empty at the end.
    pub next_page_token: String,
    /// The side that answered.
    pub served_by: Side,
}

/// What became of a request whose outcome was unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SettledOutcome {
    /// It took effect.
    Committed,
    /// It did not, and never will.
    Aborted,
}

/// The result of the exact check of one key. No values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyCheck {
    /// The entity's name.
    pub entity: Arc<str>,
    /// What was found.
    pub verdict: KeyVerdict,
}

/// What the exact check of one key found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyVerdict {
    /// Both sides hold the same row.
    Equal,
    /// A marker stands: the relay will converge it.
    Pending,
    /// The primary has it, the secondary has not.
    MissingOnSecondary,
    /// The secondary has it, the primary has not.
    ExtraOnSecondary,
    /// Both have it, and these fields differ.
    Different {
        /// Field names.
        fields: Vec<Arc<str>>,
    },
    /// Neither has it.
    AbsentOnBoth,
    /// The phase has no secondary.
    NoSecondary,
}

impl KeyVerdict {
    /// Whether the sides differ, and nothing is on its way to mend it.
    #[must_use]
    pub const fn differs(&self) -> bool {
        match self {
            Self::MissingOnSecondary | Self::ExtraOnSecondary | Self::Different { .. } => true,
            Self::Equal | Self::Pending | Self::AbsentOnBoth | Self::NoSecondary => false,
        }
    }

    /// The word of reports.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Equal => "equal",
            Self::Pending => "pending",
            Self::MissingOnSecondary => "missing_on_secondary",
            Self::ExtraOnSecondary => "extra_on_secondary",
            Self::Different { .. } => "different",
            Self::AbsentOnBoth => "absent_on_both",
            Self::NoSecondary => "no_secondary",
        }
    }
}

/// A range of keys of one entity, `(after, until]`, as canonical key bytes;
/// empty means unbounded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShardRange {
    /// The entity's name.
    pub entity: String,
    /// Exclusive lower bound.
    pub after: Vec<u8>,
    /// Inclusive upper bound.
    pub until: Vec<u8>,
    /// Estimated rows.
    pub rows: u64,
}

/// One leased shard of a backfill.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShardTask {
    /// The job.
    pub job_id: String,
    /// Number within the job.
    pub shard: u32,
    /// What to copy.
    pub range: ShardRange,
    /// Where to go on; empty for the start.
    pub cursor: Vec<u8>,
    /// The epoch in which its progress counts.
    pub epoch: u64,
    /// Rows per second at most, 0 for no limit.
    pub max_rows_per_second: u32,
}

/// How far a shard has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShardEvent {
    /// The job.
    pub job_id: String,
    /// Number within the job.
    pub shard: u32,
    /// Everything up to here is copied.
    pub cursor: Vec<u8>,
    /// Rows handled since the event before.
    pub rows: u64,
    /// Keys set aside since the event before.
    pub quarantined: u64,
    /// The epoch it was copied under.
    pub epoch: u64,
    /// Whether it goes on.
    pub state: ShardState,
}

/// Whether a shard goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ShardState {
    /// It does.
    Running,
    /// The whole range is copied.
    Done,
    /// It cannot go on here; why.
    Failed(String),
}

/// What one plan's executor reports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanEvent {
    /// The plan.
    pub plan_id: String,
    /// The step's word, see `dualwrite_core::plan::StepName`.
    pub step: &'static str,
    /// For people.
    pub detail: String,
    /// Whether it goes on.
    pub outcome: PlanOutcome,
    /// Since the freeze, where there was one.
    pub pause: Option<Duration>,
}

/// Whether a plan goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlanOutcome {
    /// It does.
    Running,
    /// The fences are where the plan wanted them.
    Done,
    /// Everything is back where it was.
    Aborted,
    /// This executor cannot go on; another may, or the fences went another way.
    Failed,
}
