//! `GET /metrics`: the same figures for a scraper. Labels are of bounded sets
//! (entity, side, outcome, kind, phase, role); a key or a value is never one.

mod families;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use dualwrite_process::figures::{FORM, text};

use super::{AdminPath, Http};

pub(super) async fn metrics<A: AdminPath>(State(http): State<Http<A>>) -> Response {
    let (backlogs, databases) = tokio::join!(http.admin.backlogs(), http.admin.databases());
    let seen = families::Seen {
        service: &http.service,
        version: http.version,
        status: &http.admin.status(),
        totals: &http.admin.totals(),
        comparisons: &http.admin.comparisons(),
        backlogs: &backlogs,
        databases: &databases,
    };
    match text(families::all(&seen)) {
        Ok(text) => ([(header::CONTENT_TYPE, FORM)], text).into_response(),
        Err(error) => {
            let why = format!("the figures cannot be written: {error}\n");
            (StatusCode::INTERNAL_SERVER_ERROR, why).into_response()
        }
    }
}
