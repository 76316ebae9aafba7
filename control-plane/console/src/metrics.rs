//! `GET /metrics`: figures of the control plane itself. What sidecars do is told
//! by each of them.

use axum::response::{IntoResponse, Response};
use dualwrite_control_app::ControlPlane;
use dualwrite_control_app::figures::Figures;
use dualwrite_process::Rpcs;
use dualwrite_process::figures::{FORM, Family, float, text};
use http::StatusCode;
use http::header::CONTENT_TYPE;

/// All families, as a scraper reads them.
pub(crate) async fn metrics(plane: &ControlPlane, rpcs: &Rpcs, version: &str) -> Response {
    let figures = plane.figures();
    // A store that does not answer has no size; the rest is told all the same.
    let size = plane.about_store().await.map(|about| about.bytes).ok();
    let families = [
        sessions(&figures),
        migrations(&figures),
        retired(&figures),
        transitions(&figures),
        deliveries(&figures),
        answers(&figures),
        calls(rpcs),
        store_failures(plane),
        store_duration(plane),
        store_size(size),
        build(version),
    ];
    match text(families) {
        Ok(text) => ([(CONTENT_TYPE, FORM)], text).into_response(),
        Err(error) => {
            let why = format!("the figures cannot be written: {error}\n");
            (StatusCode::INTERNAL_SERVER_ERROR, why).into_response()
        }
    }
}

fn sessions(figures: &Figures) -> Family {
    let help = "Sessions of sidecars, by whether they were heard of lately.";
    let mut family = Family::gauge("dualwrite_sessions", help);
    family.set(&[("state", "live")], float(figures.live_sessions));
    family.set(&[("state", "silent")], float(figures.silent_sessions));
    family
}

fn migrations(figures: &Figures) -> Family {
    let help = "Migrations that go on, by phase.";
    let mut family = Family::gauge("dualwrite_migrations", help);
    for (phase, count) in &figures.migrations {
        family.set(&[("phase", phase.as_str())], float(*count));
    }
    family
}

fn retired(figures: &Figures) -> Family {
    let help = "Migrations that have ended, or are about to.";
    let mut family = Family::gauge("dualwrite_retired_migrations", help);
    family.set(&[], float(figures.retired));
    family
}

fn transitions(figures: &Figures) -> Family {
    let help = "Transitions under way.";
    let mut family = Family::gauge("dualwrite_transitions", help);
    family.set(&[], float(figures.transitions));
    family
}

fn deliveries(figures: &Figures) -> Family {
    let help = "Settings that were sent, each to one sidecar.";
    let mut family = Family::counter("dualwrite_deliveries_total", help);
    family.count(&[], figures.deliveries);
    family
}

fn answers(figures: &Figures) -> Family {
    let help = "What sidecars said to settings that they were sent.";
    let mut family = Family::counter("dualwrite_delivery_answers_total", help);
    family.count(&[("answer", "accepted")], figures.acceptances);
    family.count(&[("answer", "refused")], figures.refusals);
    family
}

fn calls(rpcs: &Rpcs) -> Family {
    let help = "Calls that ended, by method and code of gRPC.";
    let mut family = Family::counter("dualwrite_rpcs_total", help);
    for one in rpcs.counts() {
        family.count(&[("method", &one.method), ("code", one.code)], one.count);
    }
    family
}

fn store_failures(plane: &ControlPlane) -> Family {
    let help = "Operations of the store that failed.";
    let mut family = Family::counter("dualwrite_store_failures_total", help);
    for (operation, delta) in plane.store_timings() {
        family.count(&[("operation", operation)], delta.failed());
    }
    family
}

fn store_duration(plane: &ControlPlane) -> Family {
    let help = "How long operations of the store took, waiting for their turn included.";
    let mut family = Family::histogram("dualwrite_store_duration_seconds", help);
    for (operation, delta) in plane.store_timings() {
        family.observe(&[("operation", operation)], &delta);
    }
    family
}

fn store_size(bytes: Option<u64>) -> Family {
    let help = "How large the store is.";
    let mut family = Family::gauge("dualwrite_store_size_bytes", help);
    if let Some(bytes) = bytes {
        family.set(&[], float(bytes));
    }
    family
}

fn build(version: &str) -> Family {
    let help = "What runs here.";
    let mut family = Family::gauge("dualwrite_build_info", help);
    family.set(&[("version", version)], 1.0);
    family
}
