//! Introspect: a proposal from what both databases look like.

use dualwrite_core::side::Side;
use dualwrite_core::spec::check_name;
use dualwrite_engine::IntrospectError;
use dualwrite_engine::store::StoreError;
use dualwrite_proto::status::Refusal;
use dualwrite_proto::v1;
use dualwrite_proto::v1::ErrorReason;
use tonic::{Response, Status};

use crate::local_path::LocalPath;

pub(super) async fn call<L: LocalPath>(
    local: &L,
    request: v1::IntrospectRequest,
) -> Result<Response<v1::IntrospectResponse>, Status> {
    let v1::IntrospectRequest { tables, name } = request;
    if !name.is_empty() && !check_name(&name) {
        let refusal = Refusal::new(
            ErrorReason::InvalidName,
            format!(
                "`{name}` is no service name; a name is a lower case letter, then up to 30 lower \
                 case letters, digits or _"
            ),
        );
        return Err(refusal.into_status());
    }
    let name = Some(name).filter(|name| !name.is_empty());
    match local.introspect(name, &tables).await {
        Ok(proposal) => Ok(Response::new(v1::IntrospectResponse::from(&proposal))),
        Err(error) => Err(refusal(&error).into_status()),
    }
}

/// Before anything was moved, legacy is the primary.
fn refusal(error: &IntrospectError) -> Refusal {
    let (reason, side) = match error {
        IntrospectError::NoUrl { side } => (away(*side), side),
        IntrospectError::Store { side, error } => (of_store(*side, error), side),
        IntrospectError::TooMany { side, .. } => (ErrorReason::TooLarge, side),
    };
    Refusal::new(reason, error.to_string()).with("side", side.as_str())
}

const fn of_store(side: Side, error: &StoreError) -> ErrorReason {
    match error {
        StoreError::Denied(_) => ErrorReason::PermissionDenied,
        StoreError::Unavailable(_)
        | StoreError::UnknownOutcome(_)
        | StoreError::Exhausted(_)
        | StoreError::Busy(_)
        | StoreError::Conflict(_) => away(side),
        StoreError::Stale
        | StoreError::Constraint { .. }
        | StoreError::NotMatched { .. }
        | StoreError::ReceiptExists
        | StoreError::Schema(_)
        | StoreError::Value(_)
        | StoreError::Other(_) => ErrorReason::Internal,
    }
}

const fn away(side: Side) -> ErrorReason {
    match side {
        Side::Legacy => ErrorReason::PrimaryUnavailable,
        Side::New => ErrorReason::SecondaryUnavailable,
    }
}
