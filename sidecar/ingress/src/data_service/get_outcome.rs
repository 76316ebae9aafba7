//! GetOutcome: settles a request whose outcome is unknown.

use dualwrite_engine::error::{DataError, Invalid};
use dualwrite_engine::request::SettledOutcome;
use dualwrite_proto::v1;
use dualwrite_proto::v1::get_outcome_response::Settled;
use tokio::time::Instant;
use tonic::{Response, Status};

use crate::data_path::DataPath;

pub(super) async fn call<D: DataPath>(
    data: &D,
    message: v1::GetOutcomeRequest,
    deadline: Instant,
) -> Result<Response<v1::GetOutcomeResponse>, Status> {
    let v1::GetOutcomeRequest { idempotency_key } = message;
    if idempotency_key.is_empty() {
        return Err(super::refused(&DataError::Invalid(Invalid::IdempotencyKey)));
    }
    let settled = match data.outcome(&idempotency_key, deadline).await {
        Ok(SettledOutcome::Committed) => Settled::Committed,
        Ok(SettledOutcome::Aborted) => Settled::Aborted,
        Err(error) => return Err(super::refused(&error)),
    };
    Ok(Response::new(v1::GetOutcomeResponse {
        settled: settled.into(),
    }))
}
