//! How an error travels: a `tonic::Status` whose details are
//! `google.rpc.ErrorInfo` (always), and `BadRequest`, `PreconditionFailure`
//! and `RetryInfo` where they apply.
//!
//! A server makes one with [`Refusal`]; a client reads one with
//! [`reason_of`], [`kind_of`], [`is_retryable`] and their neighbours. What a
//! reason means by default is one table, [`Nature::of`].

mod nature;
mod read;
mod refusal;

#[cfg(test)]
mod tests;

pub use nature::Nature;
pub use read::{
    fields_of, is_retryable, kind_of, metadata_of, preconditions_of, reason_of, retry_after,
    side_of,
};
pub use refusal::Refusal;

use crate::v1::{ErrorKind, ErrorReason};

/// The domain of every `ErrorInfo` of ours.
pub const DOMAIN: &str = "dualwrite.dev";

/// Metadata of `ErrorInfo` that says whose fault it is.
pub const KIND: &str = "kind";

/// Metadata of `ErrorInfo` that says whether the same request may succeed later.
pub const RETRYABLE: &str = "retryable";

/// Metadata of `ErrorInfo` that names the database at fault, where it is one.
pub const SIDE: &str = "side";

/// One field of a request that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldViolation {
    /// Where, as in `mutations[0].upsert.values.price`.
    pub path: String,
    /// What is wrong, and what would be right.
    pub message: String,
}

/// One condition that the state of things does not meet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreconditionViolation {
    /// The kind of condition, as in `guard`.
    pub kind: String,
    /// Which one, as in `markers`.
    pub subject: String,
    /// The figure, the limit, and what to do about it.
    pub message: String,
}

/// A reason as it travels: `STALE_REVISION`.
#[must_use]
pub fn reason_name(reason: ErrorReason) -> &'static str {
    let name = reason.as_str_name();
    name.strip_prefix("ERROR_REASON_").unwrap_or(name)
}

/// The reason that a travelling name stands for.
#[must_use]
pub fn parse_reason(name: &str) -> Option<ErrorReason> {
    ErrorReason::from_str_name(&format!("ERROR_REASON_{name}"))
}

/// A kind as it travels: `primary`.
#[must_use]
pub const fn kind_name(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::Unspecified => "unspecified",
        ErrorKind::Primary => "primary",
        ErrorKind::Secondary => "secondary",
        ErrorKind::Validation => "validation",
        ErrorKind::Configuration => "configuration",
    }
}

/// The kind that a travelling name stands for.
#[must_use]
pub fn parse_kind(name: &str) -> Option<ErrorKind> {
    [
        ErrorKind::Primary,
        ErrorKind::Secondary,
        ErrorKind::Validation,
        ErrorKind::Configuration,
    ]
    .into_iter()
    .find(|kind| kind_name(*kind) == name)
}
