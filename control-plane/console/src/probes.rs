//! Probes: for whoever starts, restarts and routes to this process.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::Json;
use axum::extract::{RawQuery, State};
use dualwrite_control_app::ControlPlane;
use dualwrite_control_app::ports::StoreError;
use dualwrite_process::{Check, checks};
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
    let found = looked_at(&plane).await;
    let status = if checks::passed(&found) {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    if checks::wanted(query.as_deref()) {
        return (status, checks::lines("readyz", &found));
    }
    let failed = found.into_iter().find_map(|check| check.failed);
    (status, format!("{}\n", failed.as_deref().unwrap_or("ok")))
}

/// Whether the store takes changes is no part of it: they wait for their turn,
/// and a long queue is no reason to send sidecars away. (`dualwrite doctor`
/// looks at that too.)
async fn looked_at(plane: &ControlPlane) -> [Check; 1] {
    [Check::new("store", answers(plane.reads()).await)]
}

/// Why the store does not answer, if it does not.
async fn answers(asking: impl Future<Output = Result<(), StoreError>>) -> Option<String> {
    match timeout(STORE_ANSWERS_WITHIN, asking).await {
        Ok(Ok(())) => None,
        Ok(Err(error)) => Some(error.to_string()),
        Err(_) => Some(format!(
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
