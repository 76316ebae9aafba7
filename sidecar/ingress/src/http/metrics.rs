//! `GET /dual-write/metrics`: what was counted since the process began, for
//! people. For a scraper there is `/metrics`.

use std::collections::BTreeSet;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use dualwrite_core::side::Side;
use dualwrite_core::tally::{Delta, Tally};
use dualwrite_engine::{EntityBacklog, EntityComparisons, EntityDelta, Status};
use serde_json::{Map, Value, json};

use super::{AdminPath, Http};

pub(super) async fn metrics<A: AdminPath>(State(http): State<Http<A>>) -> Json<Value> {
    let backlogs = http.admin.backlogs().await;
    let counted = Counted {
        totals: http.admin.totals(),
        backlogs,
        comparisons: http.admin.comparisons(),
    };
    Json(body(&http.service, &counted, &http.admin.status()))
}

/// What was counted and what stands, of all entities.
struct Counted {
    totals: Vec<EntityDelta>,
    backlogs: Vec<EntityBacklog>,
    comparisons: Vec<EntityComparisons>,
}

fn body(service: &str, counted: &Counted, status: &Status) -> Value {
    let done = counted.totals.iter().map(|total| &*total.entity);
    let behind = counted.backlogs.iter().map(|backlog| &*backlog.entity);
    let compared = counted.comparisons.iter().map(|one| &*one.entity);
    let names: BTreeSet<&str> = done.chain(behind).chain(compared).collect();
    let entities: Map<String, Value> = names
        .into_iter()
        .map(|name| (name.to_owned(), entity(name, counted)))
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

fn entity(name: &str, counted: &Counted) -> Value {
    let of = |side: Side| {
        let mut totals = counted.totals.iter();
        let found = totals.find(|total| &*total.entity == name && total.side == side);
        operations(found.map(|total| total.delta.clone()).unwrap_or_default())
    };
    let mut backlogs = counted.backlogs.iter();
    let backlog = backlogs.find(|backlog| &*backlog.entity == name);
    let mut compared = counted.comparisons.iter();
    let compared = compared.find(|one| &*one.entity == name);
    json!({
        "legacy": of(Side::Legacy),
        "new": of(Side::New),
        "markers": backlog.map(|backlog| json!({
            "outstanding": backlog.markers,
            "oldest_age_seconds": backlog.oldest_age.as_secs_f64(),
            "quarantined": backlog.quarantined,
        })),
        "compared_reads": compared.map(|one| Map::from_iter(
            one.counts.each().map(|(outcome, count)| (outcome.to_owned(), json!(count))),
        )),
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
