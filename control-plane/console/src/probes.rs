//! Probes: for whoever starts, restarts and routes to this process.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::Json;
use axum::extract::{RawQuery, State};
use dualwrite_control_app::ControlPlane;
use dualwrite_control_app::model::PageSize;
use http::StatusCode;
use tokio::time::timeout;

/// How long the store may take to answer. Probes are asked again after a few
/// seconds; one that hangs tells nothing.
const STORE_ANSWERS_WITHIN: Duration = Duration::from_secs(2);

/// The process is there.
pub(crate) async fn livez() -> &'static str {
    "ok\n"
}

/// The process can do its work.
pub(crate) async fn readyz(
    State(plane): State<ControlPlane>,
    RawQuery(query): RawQuery,
) -> (StatusCode, String) {
    let store = store(&plane).await;
    let status = if store.is_ok() {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    let said = match &store {
        Ok(()) => "ok".to_owned(),
        Err(why) => why.clone(),
    };
    let verbose = query.is_some_and(|query| query.split('&').any(|part| part == "verbose"));
    let text = if verbose {
        format!("store: {said}\n")
    } else {
        format!("{said}\n")
    };
    (status, text)
}

/// Whether the store answers; if not, why.
async fn store(plane: &ControlPlane) -> Result<(), String> {
    match timeout(STORE_ANSWERS_WITHIN, plane.list(None, PageSize::new(1))).await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err(format!(
            "the store did not answer within {} s",
            STORE_ANSWERS_WITHIN.as_secs()
        )),
    }
}

/// What is running.
pub(crate) fn version(version: &'static str) -> Json<BTreeMap<&'static str, &'static str>> {
    Json(BTreeMap::from([
        ("name", "dualwrite-control-plane"),
        ("version", version),
    ]))
}
