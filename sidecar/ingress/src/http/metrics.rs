//! `GET /dual-write/metrics`: what was counted since the process began, for
//! people. For a scraper there is `/metrics`.

use std::collections::BTreeSet;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use dualwrite_core::side::Side;
use dualwrite_core::tally::{Delta, Tally};
use dualwrite_engine::{EntityBacklog, EntityDelta, Status};
use serde_json::{Map, Value, json};

use super::{AdminPath, Http};

pub(super) async fn metrics<A: AdminPath>(State(http): State<Http<A>>) -> Json<Value> {
    let backlogs = http.admin.backlogs().await;
    let totals = http.admin.totals();
    Json(body(
        &http.service,
        &totals,
        &backlogs,
        &http.admin.status(),
    ))
}

fn body(
    service: &str,
    totals: &[EntityDelta],
    backlogs: &[EntityBacklog],
    status: &Status,
) -> Value {
    let counted = totals.iter().map(|total| &*total.entity);
    let behind = backlogs.iter().map(|backlog| &*backlog.entity);
    let names: BTreeSet<&str> = counted.chain(behind).collect();
    let entities: Map<String, Value> = names
        .into_iter()
        .map(|name| (name.to_owned(), entity(name, totals, backlogs)))
        .collect();
    json!({
        "service": service,
        "metrics_enabled": status.flags.metrics_enabled,
        "entities": entities,
        "validation": {
            "checks": status.checks,
            "differences": status.differences,
        },
    })
}

fn entity(name: &str, totals: &[EntityDelta], backlogs: &[EntityBacklog]) -> Value {
    let of = |side: Side| {
        let mut counted = totals.iter();
        let found = counted.find(|total| &*total.entity == name && total.side == side);
        operations(found.map(|total| total.delta.clone()).unwrap_or_default())
    };
    let backlog = backlogs.iter().find(|backlog| &*backlog.entity == name);
    json!({
        "legacy": of(Side::Legacy),
        "new": of(Side::New),
        "markers": backlog.map(|backlog| json!({
            "outstanding": backlog.markers,
            "oldest_age_seconds": backlog.oldest_age.as_secs_f64(),
            "quarantined": backlog.quarantined,
        })),
    })
}

fn operations(total: Delta) -> Value {
    let failures = total.failed();
    let tally = Tally { total };
    let millis = |time: Option<Duration>| time.map(|time| time.as_secs_f64() * 1000.0);
    json!({
        "attempts": tally.total.attempts,
        "successes": tally.total.successes,
        "failures": failures,
        "success_rate": tally.success_rate().map(|rate| rate * 100.0),
        "average_latency_ms": millis(tally.mean()),
        "p50_latency_ms": millis(tally.percentile(50)),
        "p95_latency_ms": millis(tally.percentile(95)),
        "p99_latency_ms": millis(tally.percentile(99)),
    })
}
