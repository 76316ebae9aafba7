//! The one place where an error of the engine becomes a status.

use std::time::Duration;

use dualwrite_engine::error::{DataError, ErrorKind as Kind, Invalid};
use dualwrite_proto::status::{Refusal, SIDE, parse_reason};
use dualwrite_proto::v1::{ErrorKind, ErrorReason};

/// When to come back after the queue of waiting writes was full: about what a
/// flip takes.
const QUEUE_FULL_DELAY: Duration = Duration::from_millis(100);

/// When to come back after a flip took too long: it is taken back after its
/// budget of a few seconds.
const FLIP_DELAY: Duration = Duration::from_millis(500);

/// Metadata that names the request's idempotency key, for the retry.
pub(crate) const IDEMPOTENCY_KEY: &str = "idempotency_key";

/// What the caller is told.
pub fn refusal(error: &DataError) -> Refusal {
    let refusal = Refusal::new(reason(error), error.to_string())
        .kind(kind(error.kind()))
        .retryable(error.is_retryable());
    with_details(refusal, error)
}

/// The stable reason.
fn reason(error: &DataError) -> ErrorReason {
    // A word that the protocol does not know would be a fault of ours; a test
    // goes through them all.
    parse_reason(error.reason()).unwrap_or(ErrorReason::Internal)
}

const fn kind(kind: Kind) -> ErrorKind {
    match kind {
        Kind::Primary => ErrorKind::Primary,
        Kind::Secondary => ErrorKind::Secondary,
        Kind::Validation => ErrorKind::Validation,
        Kind::Configuration => ErrorKind::Configuration,
    }
}

/// Facts for machines beside the message: the database at fault first.
fn with_details(refusal: Refusal, error: &DataError) -> Refusal {
    let refusal = match error.side() {
        Some(side) => refusal.with(SIDE, side.as_str()),
        None => refusal,
    };
    match error {
        DataError::Invalid(invalid) => with_field(refusal, invalid),
        DataError::RowExists { entity, .. } => refusal.with("entity", entity),
        DataError::ConditionNotMet { entity, index, .. } => refusal
            .with("entity", entity)
            .with("mutation", index.to_string()),
        DataError::QueueFull { .. } => refusal.retry_after(QUEUE_FULL_DELAY),
        DataError::FlipTooLong { .. } => refusal.retry_after(FLIP_DELAY),
        DataError::OutcomeUnknown { request_id, .. } if !request_id.is_empty() => {
            refusal.with(IDEMPOTENCY_KEY, request_id)
        }
        DataError::NotInstalled { service } => refusal.with("service", service),
        DataError::PrimaryConstraint { .. }
        | DataError::SecondaryConstraint { .. }
        | DataError::PrimaryUnavailable { .. }
        | DataError::SecondaryUnavailable { .. }
        | DataError::PrimaryTimeout { .. }
        | DataError::SecondaryTimeout { .. }
        | DataError::Denied { .. }
        | DataError::OutcomeUnknown { .. }
        | DataError::OutcomeLost { .. }
        | DataError::RequestAborted
        | DataError::NotReady { .. }
        | DataError::MappingRefused { .. }
        | DataError::Deadline
        | DataError::PageTokenExpired
        | DataError::ShuttingDown
        | DataError::Internal { .. } => refusal,
    }
}

/// The field of the request that is wrong.
fn with_field(refusal: Refusal, invalid: &Invalid) -> Refusal {
    let path = match invalid {
        Invalid::UnknownEntity { index, .. } => format!("mutations[{index}].entity"),
        Invalid::UnknownField { index, field, .. }
        | Invalid::WrongType { index, field, .. }
        | Invalid::MissingKey { index, field, .. }
        | Invalid::KeyChange { index, field, .. } => format!("mutations[{index}].{field}"),
        Invalid::EmptyWrite | Invalid::TooLarge { .. } => "mutations".to_owned(),
        Invalid::IdempotencyMismatch { .. } | Invalid::IdempotencyKey => IDEMPOTENCY_KEY.to_owned(),
        Invalid::PageToken => "page_token".to_owned(),
    };
    let refusal = refusal.field(path, invalid.to_string());
    match invalid {
        Invalid::IdempotencyMismatch { request_id } => refusal.with(IDEMPOTENCY_KEY, request_id),
        Invalid::UnknownEntity { entity, .. } | Invalid::MissingKey { entity, .. } => {
            refusal.with("entity", entity)
        }
        Invalid::UnknownField { entity, field, .. }
        | Invalid::WrongType { entity, field, .. }
        | Invalid::KeyChange { entity, field, .. } => {
            refusal.with("entity", entity).with("field", field)
        }
        Invalid::TooLarge { limit, .. } => refusal.with("limit", limit.to_string()),
        Invalid::EmptyWrite | Invalid::PageToken | Invalid::IdempotencyKey => refusal,
    }
}

#[cfg(test)]
mod tests;
