//! `GET /dual-write/status`

use axum::Json;
use axum::extract::State;
use dualwrite_core::flags::Flags;
use dualwrite_core::phase::Phase;
use dualwrite_core::side::Side;
use dualwrite_engine::Status;
use serde_json::{Map, Value, json};

use super::{AdminPath, Http};

pub(super) async fn status<A: AdminPath>(State(http): State<Http<A>>) -> Json<Value> {
    Json(body(&http.service, &http.admin.status()))
}

fn body(service: &str, status: &Status) -> Value {
    let phase = status.authority.map(|authority| authority.phase);
    let writes = |side: Side| {
        phase.is_some_and(|phase| phase.primary() == side || phase.secondary() == Some(side))
    };
    json!({
        "service": service,
        "dual_write_enabled": phase.is_some_and(|phase| phase.secondary().is_some()),
        "phase": phase.map(Phase::as_str),
        "primary": phase.map(|phase| phase.primary().as_str()),
        "write_to_legacy": writes(Side::Legacy),
        "write_to_new": writes(Side::New),
        "epoch": status.authority.map(|authority| authority.epoch),
        "revision": status.revision,
        "flags": flags(&status.flags),
    })
}

/// Each flag under its name, as the kind of JSON that its text is.
fn flags(flags: &Flags) -> Map<String, Value> {
    let each = Flags::names().iter().filter_map(|name| {
        let text = flags.get(name).ok()?;
        let value = serde_json::from_str(&text).unwrap_or(Value::String(text));
        Some(((*name).to_owned(), value))
    });
    each.collect()
}
