//! What may be said of a write one attempt of which may have committed.

use dualwrite_core::side::Side;
use tokio::time::Instant;

use crate::error::DataError;
use crate::request::SettledOutcome;
use crate::shared::Shared;

/// The error of a request after a doubtful attempt.
///
/// An error of a later attempt says that this one did nothing; the doubtful one
/// may still be on its way. So either the request is settled, and then the
/// refusal is true, or the outcome is unknown.
pub(super) async fn after(
    shared: &Shared,
    (side, request_id): (Side, &str),
    error: DataError,
    deadline: Instant,
) -> DataError {
    if is_final(&error) {
        return error;
    }
    let refused = is_refusal(&error);
    if refused && super::outcome(shared, request_id, deadline).await == Ok(SettledOutcome::Aborted)
    {
        return error;
    }
    DataError::OutcomeUnknown {
        side,
        request_id: request_id.to_owned(),
    }
}

/// Whether it speaks of the request and not of an attempt.
const fn is_final(error: &DataError) -> bool {
    matches!(
        error,
        DataError::RequestAborted
            | DataError::OutcomeUnknown { .. }
            | DataError::OutcomeLost { .. }
            | DataError::Invalid(_)
    )
}

/// Whether the rows or the settings refuse the request: it is no use to repeat
/// it as things stand, and so it is worth settling.
const fn is_refusal(error: &DataError) -> bool {
    matches!(
        error,
        DataError::RowExists { .. }
            | DataError::ConditionNotMet { .. }
            | DataError::PrimaryConstraint { .. }
            | DataError::SecondaryConstraint { .. }
            | DataError::MappingRefused { .. }
            | DataError::Denied { .. }
    )
}
