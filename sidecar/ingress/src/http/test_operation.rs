//! `POST /dual-write/test-operation`: probes of each entity in each mode that
//! the phase allows, in tables of ours.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use dualwrite_core::diagnosis::ShownReport;
use tokio::time::Instant;

use super::error::HttpError;
use super::{AdminPath, Http};

/// How long a run may take.
const BOUND: Duration = Duration::from_secs(50);

/// The report, whether or not all passed: what fails is in it.
pub(super) async fn test_operation<A: AdminPath>(
    State(http): State<Http<A>>,
) -> Result<Json<ShownReport>, HttpError> {
    let report = http.admin.run_test(Instant::now() + BOUND).await?;
    Ok(Json(ShownReport::from(&report)))
}
