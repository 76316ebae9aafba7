//! What was tried and what came of it, as it is kept on disk.
//!
//! One JSON line an event. An operation begins with its [`Intent`] and ends with its [`End`]; the
//! places of both in the file's order of `at` say what was at the same time as what. After the
//! last write, both databases' rows are added as they were found by plain SQL.

mod file;

use std::fmt;

use serde::{Deserialize, Serialize};

pub use file::{Begun, History, read};

/// A kind of row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Entity {
    /// A number that is set, compared, deleted and inserted again.
    Account,
    /// A number that is only ever added to, and never deleted.
    Counter,
    /// A list that is only ever appended to: items, each followed by a comma.
    Journal,
    /// A text that no two rows share, which pairs of rows exchange.
    Seat,
}

/// One row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Key {
    /// Its kind.
    pub entity: Entity,
    /// Its number.
    pub id: u64,
}

/// What a row holds beside its key.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    /// A number.
    Number(i64),
    /// A text.
    Text(String),
}

/// One step of an operation, on one row.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Adds the row; refused when it is there.
    Insert(Value),
    /// Sets the row, whether it is there or not.
    Put(Value),
    /// Adds to the number of a row that is there.
    Add(i64),
    /// Sets the row if it holds the first value.
    Exchange(Value, Value),
    /// Removes a row that is there.
    Delete,
    /// Reads it.
    Read,
}

/// What an operation is to do; all of it, or nothing.
pub type Steps = Vec<(Key, Step)>;

/// What was seen of one step: whether it found what it was to change, and the row after it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Seen {
    /// Whether it changed anything, or found a row.
    pub matched: bool,
    /// The row afterwards.
    pub row: Option<Value>,
}

/// An operation begins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Intent {
    /// The number of the operation.
    pub operation: u64,
    /// When, in the order of everything.
    pub at: u64,
    /// Milliseconds since the history began.
    pub ms: u64,
    /// Who.
    pub writer: u64,
    /// Through which sidecar first.
    pub sidecar: usize,
    /// Under which idempotency key, if under one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub request: Option<String>,
    /// What.
    pub steps: Steps,
}

/// How an operation ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It took effect, and this was answered for each step.
    Acknowledged(Vec<Seen>),
    /// It took effect; what it saw was not told.
    Committed,
    /// A row was there where none may be: it had no effect.
    RowExists,
    /// It had no effect, for this reason.
    Refused(String),
    /// Nobody knows, for this reason: it may have taken effect, or may still do so.
    Unknown(String),
}

/// An operation ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct End {
    /// The number of the operation.
    pub operation: u64,
    /// When, in the order of everything.
    pub at: u64,
    /// Milliseconds since the history began.
    pub ms: u64,
    /// How often it was sent, at least.
    pub tries: u32,
    /// How.
    pub outcome: Outcome,
}

/// A database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// The shared one.
    Legacy,
    /// The service's own.
    New,
}

/// A line of the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// How the run was called: what repeats its schedule.
    Began(String),
    /// An operation begins.
    Intent(Intent),
    /// An operation ends.
    End(End),
    /// A fault, or its end, for people who read the history.
    Fault {
        /// Milliseconds since the history began.
        ms: u64,
        /// What.
        what: String,
    },
    /// A row at the end, as SQL found it.
    Row {
        /// Where.
        side: Side,
        /// Which.
        key: Key,
        /// What it holds.
        value: Value,
    },
    /// Every row of both sides was written down before this line.
    Complete,
}

impl Side {
    /// Both.
    pub const BOTH: [Self; 2] = [Self::Legacy, Self::New];

    /// The other one.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::Legacy => Self::New,
            Self::New => Self::Legacy,
        }
    }

    /// Its name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Legacy => "legacy",
            Self::New => "new",
        }
    }
}

impl Entity {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Account, Self::Counter, Self::Journal, Self::Seat];

    /// Its name in the mapping.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::Counter => "counter",
            Self::Journal => "journal",
            Self::Seat => "seat",
        }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.entity.as_str(), self.id)
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(f, "{number}"),
            Self::Text(text) => write!(f, "{text:?}"),
        }
    }
}
