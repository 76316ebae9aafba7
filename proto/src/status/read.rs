//! Reading a status that a server of ours made, or anybody else.

use std::collections::HashMap;
use std::time::Duration;

use dualwrite_core::side::Side;
use tonic::{Code, Status};
use tonic_types::{ErrorInfo, StatusExt as _};

use super::{
    DOMAIN, FieldViolation, KIND, PreconditionViolation, RETRYABLE, SIDE, parse_kind, parse_reason,
};
use crate::v1::{ErrorKind, ErrorReason};

/// The stable reason, if the status has one of ours. `Unspecified` for a
/// reason that this version does not know.
#[must_use]
pub fn reason_of(status: &Status) -> Option<ErrorReason> {
    info(status).map(|info| parse_reason(&info.reason).unwrap_or(ErrorReason::Unspecified))
}

/// Whose fault it is, if the status says so.
#[must_use]
pub fn kind_of(status: &Status) -> Option<ErrorKind> {
    info(status).and_then(|info| parse_kind(info.metadata.get(KIND)?))
}

/// Whether the same request may succeed later by itself. Without details of
/// ours only `UNAVAILABLE` is: the request met nobody, or nobody ready.
#[must_use]
pub fn is_retryable(status: &Status) -> bool {
    match info(status) {
        Some(info) => info
            .metadata
            .get(RETRYABLE)
            .is_some_and(|word| word == "true"),
        None => status.code() == Code::Unavailable,
    }
}

/// The database at fault, where the error is about one.
#[must_use]
pub fn side_of(status: &Status) -> Option<Side> {
    let mut metadata = info(status)?.metadata;
    let named = metadata.remove(SIDE)?;
    Side::BOTH.into_iter().find(|side| side.as_str() == named)
}

/// All facts for machines, `kind` and `retryable` included; empty without
/// details of ours.
#[must_use]
pub fn metadata_of(status: &Status) -> HashMap<String, String> {
    info(status).map(|info| info.metadata).unwrap_or_default()
}

/// The fields that are wrong.
#[must_use]
pub fn fields_of(status: &Status) -> Vec<FieldViolation> {
    let details = status.get_details_bad_request();
    let fields = details
        .map(|details| details.field_violations)
        .unwrap_or_default();
    fields
        .into_iter()
        .map(|field| FieldViolation {
            path: field.field,
            message: field.description,
        })
        .collect()
}

/// The conditions that are not met.
#[must_use]
pub fn preconditions_of(status: &Status) -> Vec<PreconditionViolation> {
    let details = status.get_details_precondition_failure();
    let unmet = details
        .map(|details| details.violations)
        .unwrap_or_default();
    unmet
        .into_iter()
        .map(|unmet| PreconditionViolation {
            kind: unmet.r#type,
            subject: unmet.subject,
            message: unmet.description,
        })
        .collect()
}

/// When to come back, if the server says so.
#[must_use]
pub fn retry_after(status: &Status) -> Option<Duration> {
    status
        .get_details_retry_info()
        .and_then(|info| info.retry_delay)
}

fn info(status: &Status) -> Option<ErrorInfo> {
    status
        .get_details_error_info()
        .filter(|info| info.domain == DOMAIN)
}
