//! The routes over a fake engine.

use std::net::SocketAddr;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::ConnectInfo;
use axum::http::{Request, StatusCode};
use dualwrite_core::diagnosis::TestReport;
use dualwrite_core::fence::Seen;
use dualwrite_core::flags::Flags;
use dualwrite_core::phase::Phase;
use dualwrite_core::side::Side;
use dualwrite_core::tally::{Comparisons, Delta};
use dualwrite_core::value::Value as Cell;
use dualwrite_engine::error::DataError;
use dualwrite_engine::request::{Fields, KeyCheck, KeyVerdict};
use dualwrite_engine::store::PoolStatus;
use dualwrite_engine::{
    AuthorityStatus, DatabaseStatus, EntityBacklog, EntityComparisons, EntityDelta, Status,
};
use serde_json::{Value, json};
use tokio::time::Instant;
use tower::ServiceExt as _;

use super::*;
use crate::data_path::Readiness;

/// An engine in `dual_write` whose new database may be away.
#[derive(Debug, Default)]
struct Fake {
    new_is_away: bool,
    not_ready: bool,
}

impl AdminPath for Fake {
    fn status(&self) -> Status {
        let authority = AuthorityStatus {
            phase: Phase::DualWrite,
            epoch: 2,
            frozen: false,
        };
        Status {
            authority: (!self.not_ready).then_some(authority),
            fences: (Seen::Missing, Seen::Unreachable),
            revision: 5,
            flags: Flags::default(),
            held_writes: 3,
            checks: 2,
            differences: 1,
        }
    }

    fn totals(&self) -> Vec<EntityDelta> {
        let mut delta = Delta::default();
        delta.record(Ok(()), Duration::from_millis(2));
        delta.record(Ok(()), Duration::from_millis(4));
        vec![EntityDelta {
            entity: "cart".into(),
            side: Side::Legacy,
            delta,
        }]
    }

    fn comparisons(&self) -> Vec<EntityComparisons> {
        vec![EntityComparisons {
            entity: "cart".into(),
            counts: Comparisons {
                matches: 9,
                mismatches: 1,
                ..Comparisons::default()
            },
        }]
    }

    async fn databases(&self) -> Vec<DatabaseStatus> {
        let of = |side, answered| DatabaseStatus {
            side,
            answered,
            pool: PoolStatus::default(),
        };
        let new = if self.new_is_away {
            Err("nobody answers".to_owned())
        } else {
            Ok(Duration::from_micros(1500))
        };
        vec![
            of(Side::Legacy, Ok(Duration::from_micros(500))),
            of(Side::New, new),
        ]
    }

    async fn backlogs(&self) -> Vec<EntityBacklog> {
        vec![EntityBacklog {
            entity: "cart".into(),
            markers: 4,
            oldest_age: Duration::from_millis(1500),
            quarantined: 1,
        }]
    }

    async fn key_fields(
        &self,
        entity: Option<&str>,
        _: Instant,
    ) -> Result<(Arc<str>, Vec<String>), DataError> {
        if self.not_ready {
            let why = "the fences have not been read yet".to_owned();
            return Err(DataError::NotReady { why });
        }
        let names = ["cart_id", "product"].map(str::to_owned);
        Ok((entity.unwrap_or("item").into(), names.to_vec()))
    }

    async fn check_key(
        &self,
        entity: &str,
        key: Fields,
        _: Instant,
    ) -> Result<KeyCheck, DataError> {
        let text = |text: &str| Cell::Text(text.to_owned());
        let expected = [("cart_id", text("7")), ("product", text("a,b é"))];
        assert_eq!(key, expected.map(|(name, value)| (name.to_owned(), value)));
        Ok(KeyCheck {
            entity: entity.into(),
            verdict: KeyVerdict::Different {
                fields: vec!["quantity".into()],
            },
        })
    }

    async fn run_test(&self, _: Instant) -> Result<TestReport, DataError> {
        Ok(TestReport::default())
    }
}

const HERE: &str = "127.0.0.1:50000";

async fn ask(fake: Fake, peer: &str, method: &str, path: &str) -> (StatusCode, String) {
    let probes = Probes {
        service: "cart".to_owned(),
        version: "1.2.3",
        readiness: Arc::new(|| Readiness::Ready),
        checks: Arc::new(Vec::new),
    };
    let peer: SocketAddr = peer.parse().unwrap();
    let request = Request::builder().method(method).uri(path);
    let request = request
        .extension(ConnectInfo(peer))
        .header("host", "localhost:7411")
        .body(Body::empty())
        .unwrap();
    let response = routes(Arc::new(fake), probes)
        .oneshot(request)
        .await
        .unwrap();
    let status = response.status();
    let body = to_bytes(response.into_body(), 1 << 20).await.unwrap();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

async fn json_of(fake: Fake, method: &str, path: &str) -> (StatusCode, Value) {
    let (status, body) = ask(fake, HERE, method, path).await;
    (status, serde_json::from_str(&body).unwrap())
}

#[tokio::test]
async fn status_says_who_decides_and_which_flags_are_in_force() {
    let (code, body) = json_of(Fake::default(), "GET", "/dual-write/status").await;
    assert_eq!(code, StatusCode::OK);
    for (name, value) in [
        ("dual_write_enabled", json!(true)),
        ("phase", json!("dual_write")),
        ("primary", json!("legacy")),
        ("write_to_legacy", json!(true)),
        ("write_to_new", json!(true)),
        ("epoch", json!(2)),
        ("revision", json!(5)),
    ] {
        assert_eq!(body[name], value, "{name}");
    }
    assert_eq!(body["flags"]["async_new"], true);
    assert_eq!(body["flags"]["batch_size"], 100);
}

#[tokio::test]
async fn health_is_as_bad_as_the_worst_database_that_is_needed() {
    let (code, body) = json_of(Fake::default(), "GET", "/dual-write/health").await;
    assert_eq!((code, &body["status"]), (StatusCode::OK, &json!("healthy")));
    assert_eq!(body["databases"]["new"]["latency_ms"], 1.5);
    assert_eq!(body["databases"]["new"]["pool"]["max"], 0);
    let away = Fake {
        new_is_away: true,
        ..Fake::default()
    };
    let (code, body) = json_of(away, "GET", "/dual-write/health").await;
    assert_eq!(
        (code, &body["status"]),
        (StatusCode::OK, &json!("degraded"))
    );
    assert_eq!(body["databases"]["new"]["connected"], false);
    let unknown = Fake {
        not_ready: true,
        ..Fake::default()
    };
    let (code, body) = json_of(unknown, "GET", "/dual-write/health").await;
    assert_eq!(code, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(body["status"], "unhealthy");
}

#[tokio::test]
async fn metrics_are_for_people_there_and_for_scrapers_here() {
    let (_, body) = json_of(Fake::default(), "GET", "/dual-write/metrics").await;
    let legacy = &body["entities"]["cart"]["legacy"];
    assert_eq!(legacy["attempts"], 2);
    assert_eq!(legacy["success_rate"], 100.0);
    assert_eq!(legacy["average_latency_ms"], 3.0);
    assert_eq!(body["entities"]["cart"]["markers"]["outstanding"], 4);
    assert_eq!(body["entities"]["cart"]["compared_reads"]["mismatch"], 1);
    assert_eq!(body["validation"]["differences"], 1);
    // Scrapers come from elsewhere.
    let (code, text) = ask(Fake::default(), "10.0.0.9:5", "GET", "/metrics").await;
    assert_eq!(code, StatusCode::OK);
    for line in [
        "# TYPE dualwrite_operations_total counter",
        "dualwrite_operations_total{entity=\"cart\",side=\"legacy\",outcome=\"success\"} 2",
        "dualwrite_operation_duration_seconds_bucket{entity=\"cart\",side=\"legacy\",le=\"0.002\"} 1",
        "dualwrite_operation_duration_seconds_bucket{entity=\"cart\",side=\"legacy\",le=\"+Inf\"} 2",
        "dualwrite_oldest_marker_age_seconds{entity=\"cart\"} 1.5",
        "dualwrite_read_comparisons_total{entity=\"cart\",outcome=\"match\"} 9",
        "dualwrite_held_writes 3",
        "dualwrite_phase{phase=\"dual_write\"} 1",
    ] {
        assert!(text.contains(line), "{line} is not in\n{text}");
    }
}

#[tokio::test]
async fn a_composite_key_is_checked_by_its_parts_in_order() {
    let path = "/dual-write/validate-sync/item/7,a%5C,b%20%C3%A9";
    let (code, body) = json_of(Fake::default(), "POST", path).await;
    let expected = json!({
        "entity": "item",
        "in_sync": false,
        "verdict": "different",
        "columns": ["quantity"],
    });
    assert_eq!((code, body), (StatusCode::OK, expected));
    let (code, body) = json_of(Fake::default(), "POST", "/dual-write/validate-sync/7").await;
    assert_eq!(code, StatusCode::BAD_REQUEST);
    assert_eq!(body["error"]["reason"], "MISSING_KEY");
}

#[tokio::test]
async fn every_error_has_one_form() {
    let unknown = Fake {
        not_ready: true,
        ..Fake::default()
    };
    let (code, body) = json_of(unknown, "POST", "/dual-write/validate-sync/7").await;
    assert_eq!(code, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(body["error"]["kind"], "configuration");
    assert_eq!(body["error"]["reason"], "NO_SNAPSHOT");
    assert_eq!(body["error"]["retryable"], true);
    let table = [
        ("GET", "/nowhere", StatusCode::NOT_FOUND, "UNKNOWN_PATH"),
        (
            "GET",
            "/dual-write/nothing",
            StatusCode::NOT_FOUND,
            "UNKNOWN_PATH",
        ),
        (
            "POST",
            "/dual-write/status",
            StatusCode::METHOD_NOT_ALLOWED,
            "WRONG_METHOD",
        ),
        (
            "GET",
            "/dual-write/test-operation",
            StatusCode::METHOD_NOT_ALLOWED,
            "WRONG_METHOD",
        ),
    ];
    for (method, path, code, reason) in table {
        let (found, body) = json_of(Fake::default(), method, path).await;
        assert_eq!(found, code, "{method} {path}");
        assert_eq!(body["error"]["reason"], reason);
        assert_eq!(body["error"]["retryable"], false);
    }
}

#[tokio::test]
async fn who_is_not_on_this_host_gets_figures_and_probes_alone() {
    let peer = "10.0.0.9:5";
    for (method, path) in [
        ("GET", "/dual-write/status"),
        ("GET", "/dual-write/health"),
        ("GET", "/dual-write/metrics"),
        ("POST", "/dual-write/validate-sync/cart/7"),
        ("POST", "/dual-write/validate-sync/7"),
        ("POST", "/dual-write/test-operation"),
    ] {
        let (code, body) = ask(Fake::default(), peer, method, path).await;
        assert_eq!(code, StatusCode::FORBIDDEN, "{path}");
        let body: Value = serde_json::from_str(&body).unwrap();
        assert_eq!(body["error"]["reason"], "PERMISSION_DENIED");
        let message = body["error"]["message"].as_str().unwrap();
        assert!(message.contains("10.0.0.9"), "{message}");
    }
    for path in ["/livez", "/readyz", "/version", "/metrics"] {
        let (code, _) = ask(Fake::default(), peer, "GET", path).await;
        assert_eq!(code, StatusCode::OK, "{path}");
    }
}
