//! What became of a write whose outcome is unknown.

use dualwrite_proto::v1::get_outcome_response::Settled as Wire;
use dualwrite_proto::v1::{self, ErrorReason};

use crate::call::{Service, call};
use crate::client::DualwriteClient;
use crate::error::Error;

/// What became of a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Settled {
    /// It took effect.
    Committed,
    /// It did not take effect and never will.
    Aborted,
}

pub(crate) async fn ask(client: &DualwriteClient, key: &str) -> Result<Settled, Error> {
    let message = |_| v1::GetOutcomeRequest {
        idempotency_key: key.to_owned(),
    };
    let send = |mut service: Service, request| async move { service.get_outcome(request).await };
    let (answer, _) = call(client, client.timeout(), message, send)
        .await
        .map_err(crate::call::Stopped::into_error)?;
    match answer.settled() {
        Wire::Committed => Ok(Settled::Committed),
        Wire::Aborted => Ok(Settled::Aborted),
        Wire::Unspecified => Err(Error::local(
            ErrorReason::Internal,
            "settled",
            "the sidecar's answer settles nothing; it may be of another version",
        )),
    }
}
