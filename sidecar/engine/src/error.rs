//! What an application is told when its call does not succeed.

use dualwrite_core::side::Side;

/// Why a write, read, list or question did not succeed.
///
/// Each variant is one stable reason on the wire; see [`DataError::kind`] and
/// [`DataError::is_retryable`] for what the caller can do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DataError {
    /// The request is malformed.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// An insert found its key there.
    #[error("{entity}: a row with this key is there already; use `upsert` to replace it")]
    RowExists {
        /// The primary.
        side: Side,
        /// The entity.
        entity: String,
    },
    /// A mutation that must match found no row; nothing was written.
    #[error("mutation {index} on {entity} matched no row, so nothing was written")]
    ConditionNotMet {
        /// The primary.
        side: Side,
        /// The entity.
        entity: String,
        /// Place in the request, from 0.
        index: usize,
    },
    /// A constraint of the primary refused the row.
    #[error("the primary ({side}) refuses the row: {message}")]
    PrimaryConstraint {
        /// The primary.
        side: Side,
        /// Which constraint; no values.
        message: String,
    },
    /// A constraint of the secondary refused the row, and the flags make that
    /// fatal.
    #[error("the secondary ({side}) refuses the row, and it is strict: {message}")]
    SecondaryConstraint {
        /// The secondary.
        side: Side,
        /// Which constraint; no values.
        message: String,
    },
    /// The request was settled as never to happen.
    #[error("this idempotency key was settled as aborted; send the request again under a new key")]
    RequestAborted,
    /// There are no settings yet.
    #[error("no settings yet: {why}")]
    NotReady {
        /// What is missing.
        why: String,
    },
    /// The databases have no fence of this service.
    #[error("the databases have no fence for `{service}`; run `dualwrite-sidecar install`")]
    NotInstalled {
        /// The service.
        service: String,
    },
    /// The mapping does not fit the databases.
    #[error("the mapping does not fit the databases: {why}")]
    MappingRefused {
        /// The database, where it is one of the two.
        side: Option<Side>,
        /// What does not fit.
        why: String,
    },
    /// The primary does not answer.
    #[error("the primary ({side}) does not answer: {message}")]
    PrimaryUnavailable {
        /// The primary.
        side: Side,
        /// What was met.
        message: String,
    },
    /// The secondary does not answer, and the flags make that fatal.
    #[error("the secondary ({side}) does not answer, and it is strict: {message}")]
    SecondaryUnavailable {
        /// The secondary.
        side: Side,
        /// What was met.
        message: String,
    },
    /// The primary answered too late, before anything could have happened.
    #[error("the primary ({side}) did not answer in time: {message}")]
    PrimaryTimeout {
        /// The primary.
        side: Side,
        /// What was waited for.
        message: String,
    },
    /// The secondary answered too late, and the flags make that fatal.
    #[error("the secondary ({side}) did not answer in time, and it is strict: {message}")]
    SecondaryTimeout {
        /// The secondary.
        side: Side,
        /// What was waited for.
        message: String,
    },
    /// Too many calls wait: for a flip, or for a connection.
    #[error("too many calls wait: {limit}")]
    QueueFull {
        /// The database whose connections are waited for; none for a flip.
        side: Option<Side>,
        /// The bound that was met.
        limit: String,
    },
    /// The flip took longer than a write may wait.
    #[error("the flip took longer than a write may wait ({waited_ms} ms)")]
    FlipTooLong {
        /// How long it waited.
        waited_ms: u64,
    },
    /// The caller's deadline passed before anything happened.
    #[error("the deadline passed before anything happened")]
    Deadline,
    /// The commit may or may not have taken effect.
    #[error(
        "the outcome of the commit is unknown; repeat with idempotency key `{request_id}`, or ask for its outcome"
    )]
    OutcomeUnknown {
        /// The database that did not say.
        side: Side,
        /// The idempotency key; empty when the request had none.
        request_id: String,
    },
    /// The commit may or may not have taken effect, and the migration has ended,
    /// so that nothing can tell.
    #[error(
        "the outcome of the commit is unknown, and the migration has ended: no receipts are kept any more; read the row before you write it again"
    )]
    OutcomeLost {
        /// The database that did not say.
        side: Side,
    },
    /// The page token is of another side or epoch.
    #[error("the page token is from before a change of primary; start the list again")]
    PageTokenExpired,
    /// A privilege is missing.
    #[error("permission denied on {side}: {message}")]
    Denied {
        /// The database.
        side: Side,
        /// What was refused.
        message: String,
    },
    /// The sidecar is going away.
    #[error("the sidecar is shutting down")]
    ShuttingDown,
    /// A fault of ours, or an answer of the database that nobody foresaw.
    #[error("{message}")]
    Internal {
        /// What was met.
        message: String,
    },
}

/// What is wrong with a request.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Invalid {
    /// No such entity.
    #[error("mutations[{index}]: no entity `{entity}`; entities are {known}")]
    UnknownEntity {
        /// Place in the request.
        index: usize,
        /// What was asked for.
        entity: String,
        /// What there is.
        known: String,
    },
    /// No such field.
    #[error("mutations[{index}]: {entity} has no field `{field}`{hint}")]
    UnknownField {
        /// Place in the request.
        index: usize,
        /// The entity.
        entity: String,
        /// What was asked for.
        field: String,
        /// What may have been meant.
        hint: String,
    },
    /// A value of the wrong type.
    #[error("mutations[{index}]: {entity}.{field}: {problem}")]
    WrongType {
        /// Place in the request.
        index: usize,
        /// The entity.
        entity: String,
        /// The field.
        field: String,
        /// Expected and got.
        problem: String,
    },
    /// A field of the key is not given, or is null.
    #[error("mutations[{index}]: {entity} needs its key field `{field}` with a value")]
    MissingKey {
        /// Place in the request.
        index: usize,
        /// The entity.
        entity: String,
        /// The field.
        field: String,
    },
    /// A key may not be changed.
    #[error(
        "mutations[{index}]: `{field}` is a key of {entity} and cannot be set, incremented or a condition; delete and insert instead"
    )]
    KeyChange {
        /// Place in the request.
        index: usize,
        /// The entity.
        entity: String,
        /// The field.
        field: String,
    },
    /// Nothing to do.
    #[error("a write needs at least one mutation, and an update at least one field to change")]
    EmptyWrite,
    /// Over a bound.
    #[error("{what} is over the bound of {limit}")]
    TooLarge {
        /// What.
        what: String,
        /// The bound.
        limit: u64,
    },
    /// The idempotency key was used for another request.
    #[error(
        "idempotency key `{request_id}` was used for another request; use a new key for a new request"
    )]
    IdempotencyMismatch {
        /// The key.
        request_id: String,
    },
    /// A page token that this service never gave.
    #[error("the page token is not one that `List` gave for this request")]
    PageToken,
    /// An idempotency key that is empty or too long.
    #[error("an idempotency key has 1 to 200 characters")]
    IdempotencyKey,
}

/// Whose fault it is, in the four kinds that an application tells apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// The primary failed.
    Primary,
    /// The secondary failed and the flags make that fatal.
    Secondary,
    /// The request does not fit, or the sides do not agree.
    Validation,
    /// Settings, privileges or fences are wrong.
    Configuration,
}

impl DataError {
    /// The stable reason, as it travels: one of those that
    /// `dualwrite/v1/error.proto` names, without its prefix.
    #[must_use]
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::Invalid(invalid) => invalid.reason(),
            Self::RowExists { .. } => "ROW_EXISTS",
            Self::ConditionNotMet { .. } => "CONDITION_NOT_MET",
            Self::PrimaryConstraint { .. } => "PRIMARY_CONSTRAINT",
            Self::SecondaryConstraint { .. } => "SECONDARY_CONSTRAINT",
            Self::RequestAborted => "REQUEST_ABORTED",
            Self::NotReady { .. } => "NO_SNAPSHOT",
            Self::NotInstalled { .. } => "FENCE_MISSING",
            Self::MappingRefused { .. } => "MAPPING_REFUSED",
            Self::PrimaryUnavailable { .. } => "PRIMARY_UNAVAILABLE",
            Self::SecondaryUnavailable { .. } => "SECONDARY_UNAVAILABLE",
            Self::PrimaryTimeout { .. } => "PRIMARY_TIMEOUT",
            Self::SecondaryTimeout { .. } => "SECONDARY_TIMEOUT",
            Self::QueueFull { .. } => "QUEUE_FULL",
            Self::FlipTooLong { .. } => "FLIP_TOO_LONG",
            Self::Deadline => "DEADLINE",
            Self::OutcomeUnknown { .. } => "OUTCOME_UNKNOWN",
            Self::OutcomeLost { .. } => "OUTCOME_LOST",
            Self::PageTokenExpired => "PAGE_TOKEN_EXPIRED",
            Self::Denied { .. } => "PERMISSION_DENIED",
            Self::ShuttingDown => "SHUTTING_DOWN",
            Self::Internal { .. } => "INTERNAL",
        }
    }

    /// Whose fault it is.
    #[must_use]
    pub const fn kind(&self) -> ErrorKind {
        match self {
            Self::Invalid(_) | Self::PageTokenExpired => ErrorKind::Validation,
            Self::RowExists { .. }
            | Self::ConditionNotMet { .. }
            | Self::PrimaryConstraint { .. }
            | Self::PrimaryUnavailable { .. }
            | Self::PrimaryTimeout { .. }
            | Self::QueueFull { .. }
            | Self::FlipTooLong { .. }
            | Self::RequestAborted
            | Self::Deadline
            | Self::OutcomeUnknown { .. }
            | Self::OutcomeLost { .. }
            | Self::ShuttingDown
            | Self::Internal { .. } => ErrorKind::Primary,
            Self::SecondaryConstraint { .. }
            | Self::SecondaryUnavailable { .. }
            | Self::SecondaryTimeout { .. } => ErrorKind::Secondary,
            Self::NotReady { .. }
            | Self::NotInstalled { .. }
            | Self::MappingRefused { .. }
            | Self::Denied { .. } => ErrorKind::Configuration,
        }
    }

    /// The database at fault; none where it is neither.
    #[must_use]
    pub const fn side(&self) -> Option<Side> {
        match self {
            Self::RowExists { side, .. }
            | Self::ConditionNotMet { side, .. }
            | Self::PrimaryConstraint { side, .. }
            | Self::SecondaryConstraint { side, .. }
            | Self::PrimaryUnavailable { side, .. }
            | Self::SecondaryUnavailable { side, .. }
            | Self::PrimaryTimeout { side, .. }
            | Self::SecondaryTimeout { side, .. }
            | Self::OutcomeUnknown { side, .. }
            | Self::OutcomeLost { side }
            | Self::Denied { side, .. } => Some(*side),
            Self::MappingRefused { side, .. } | Self::QueueFull { side, .. } => *side,
            Self::Invalid(_)
            | Self::RequestAborted
            | Self::NotReady { .. }
            | Self::NotInstalled { .. }
            | Self::FlipTooLong { .. }
            | Self::Deadline
            | Self::PageTokenExpired
            | Self::ShuttingDown
            | Self::Internal { .. } => None,
        }
    }

    /// Whether the same request (under the same idempotency key) can succeed
    /// later without anybody changing anything.
    #[must_use]
    pub const fn is_retryable(&self) -> bool {
        match self {
            Self::NotReady { .. }
            | Self::PrimaryUnavailable { .. }
            | Self::SecondaryUnavailable { .. }
            | Self::PrimaryTimeout { .. }
            | Self::SecondaryTimeout { .. }
            | Self::QueueFull { .. }
            | Self::FlipTooLong { .. }
            | Self::Deadline
            | Self::OutcomeUnknown { .. }
            | Self::ShuttingDown => true,
            Self::Invalid(_)
            | Self::RowExists { .. }
            | Self::ConditionNotMet { .. }
            | Self::PrimaryConstraint { .. }
            | Self::SecondaryConstraint { .. }
            | Self::RequestAborted
            | Self::NotInstalled { .. }
            | Self::MappingRefused { .. }
            | Self::OutcomeLost { .. }
            | Self::PageTokenExpired
            | Self::Denied { .. }
            | Self::Internal { .. } => false,
        }
    }
}

impl Invalid {
    const fn reason(&self) -> &'static str {
        match self {
            Self::UnknownEntity { .. } => "UNKNOWN_ENTITY",
            Self::UnknownField { .. } => "UNKNOWN_COLUMN",
            Self::WrongType { .. } | Self::IdempotencyKey => "WRONG_TYPE",
            Self::MissingKey { .. } => "MISSING_KEY",
            Self::KeyChange { .. } => "KEY_CHANGE",
            Self::EmptyWrite => "EMPTY_WRITE",
            Self::TooLarge { .. } => "TOO_LARGE",
            Self::IdempotencyMismatch { .. } => "IDEMPOTENCY_MISMATCH",
            Self::PageToken => "PAGE_TOKEN_INVALID",
        }
    }
}
