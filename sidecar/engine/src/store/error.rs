//! What can go wrong in a database, told apart by what the caller does next.

/// An error of the [`Store`](super::Store) port. Messages name tables, columns
/// and constraints, never values, and never a URL.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// The fence is not what the caller expected; nothing happened. Read both
    /// fences again and follow them.
    #[error("the fence is at another epoch or role")]
    Stale,
    /// Serialisation failure or deadlock; nothing happened, repeat the whole
    /// transaction.
    #[error("the transaction met another one and must be repeated: {0}")]
    Conflict(String),
    /// A lock was not to be had in time; nothing happened.
    #[error("a lock was not to be had in time: {0}")]
    Busy(String),
    /// Every connection that this process may use is in use; nothing happened.
    #[error("no connection is free: {0}")]
    Exhausted(String),
    /// A constraint of the table refused the row; nothing happened.
    #[error("{table}: {kind} constraint `{constraint}` refuses the row")]
    Constraint {
        /// What kind of constraint.
        kind: ConstraintKind,
        /// The table, as that side names it.
        table: String,
        /// The constraint's name, or the columns where it has none.
        constraint: String,
    },
    /// The mutation at this place matched no row although it must; nothing
    /// happened.
    #[error("mutation {index} matched no row")]
    NotMatched {
        /// Place in the list of mutations, from 0.
        index: usize,
    },
    /// A receipt of this request stands there already; nothing happened now.
    #[error("this request was executed before")]
    ReceiptExists,
    /// No connection could be had, or it was lost before anything could have
    /// taken effect.
    #[error("the database does not answer: {0}")]
    Unavailable(String),
    /// The connection was lost (or time ran out) when a commit may have taken
    /// effect.
    #[error("the outcome is unknown: {0}")]
    UnknownOutcome(String),
    /// A privilege is missing.
    #[error("permission denied: {0}")]
    Denied(String),
    /// A table, column or type is not what the mapping says.
    #[error("the schema is not what the mapping says: {0}")]
    Schema(String),
    /// A value does not fit its column.
    #[error("a value does not fit its column: {0}")]
    Value(String),
    /// Anything else that the database said.
    #[error("the database refused: {0}")]
    Other(String),
}

impl StoreError {
    /// Whether the whole call may simply be repeated at once.
    #[must_use]
    pub const fn is_transient(&self) -> bool {
        matches!(self, Self::Conflict(_))
    }

    /// Whether the database could not be reached.
    #[must_use]
    pub const fn is_outage(&self) -> bool {
        matches!(self, Self::Unavailable(_) | Self::UnknownOutcome(_))
    }

    /// Whether a row was refused for what other rows hold, so that it may be
    /// taken together with them.
    #[must_use]
    pub const fn hangs_on_others(&self) -> bool {
        matches!(
            self,
            Self::Constraint {
                kind: ConstraintKind::Key | ConstraintKind::Unique | ConstraintKind::ForeignKey,
                ..
            }
        )
    }

    /// The word under which a failure is counted.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Stale => "stale",
            Self::Conflict(_) => "conflict",
            Self::Busy(_) | Self::Exhausted(_) => "timeout",
            Self::Constraint { .. } => "constraint",
            Self::Unavailable(_) | Self::UnknownOutcome(_) => "unavailable",
            Self::Denied(_) => "denied",
            Self::NotMatched { .. }
            | Self::ReceiptExists
            | Self::Schema(_)
            | Self::Value(_)
            | Self::Other(_) => "other",
        }
    }
}

/// What kind of constraint refused a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConstraintKind {
    /// The key of the entity itself: the row is there already.
    Key,
    /// Another unique constraint.
    Unique,
    /// A foreign key.
    ForeignKey,
    /// A NOT NULL column.
    NotNull,
    /// A check constraint, or one of another kind.
    Check,
}

impl std::fmt::Display for ConstraintKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Key => "key",
            Self::Unique => "unique",
            Self::ForeignKey => "foreign key",
            Self::NotNull => "not-null",
            Self::Check => "check",
        })
    }
}

/// How a commit failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CommitError {
    /// It did not take effect.
    #[error("the commit was refused: {0}")]
    Refused(StoreError),
    /// It may have taken effect.
    #[error("the commit's outcome is unknown: {0}")]
    Unknown(String),
}
