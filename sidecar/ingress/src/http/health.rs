//! `GET /dual-write/health`

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use dualwrite_core::side::Side;
use dualwrite_engine::{DatabaseStatus, Status};
use serde_json::{Map, Value, json};

use super::{AdminPath, Http};

pub(super) async fn health<A: AdminPath>(State(http): State<Http<A>>) -> Response {
    let databases = http.admin.databases().await;
    let word = judge(&http.admin.status(), &databases);
    let code = match word {
        Word::Healthy | Word::Degraded => StatusCode::OK,
        Word::Unhealthy => StatusCode::SERVICE_UNAVAILABLE,
    };
    let shown: Map<String, Value> = databases.iter().map(database).collect();
    let body = json!({
        "status": word.as_str(),
        "service": http.service,
        "databases": shown,
    });
    (code, Json(body)).into_response()
}

/// How things are, in a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Word {
    /// Every database that the phase needs answers.
    Healthy,
    /// The primary answers; the secondary does not, and is caught up with later.
    Degraded,
    /// The primary does not answer, or nobody knows yet which it is.
    Unhealthy,
}

impl Word {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Healthy => "healthy",
            Self::Degraded => "degraded",
            Self::Unhealthy => "unhealthy",
        }
    }
}

fn judge(status: &Status, databases: &[DatabaseStatus]) -> Word {
    let answers = |side: Side| {
        let database = databases.iter().find(|database| database.side == side);
        database.is_some_and(|database| database.answered.is_ok())
    };
    let Some(authority) = status.authority else {
        return Word::Unhealthy;
    };
    if !answers(authority.phase.primary()) {
        return Word::Unhealthy;
    }
    if authority.phase.secondary().is_none_or(answers) {
        Word::Healthy
    } else {
        Word::Degraded
    }
}

fn database(database: &DatabaseStatus) -> (String, Value) {
    let latency = database.answered.as_ref().ok();
    let latency = latency.map(|took| took.as_secs_f64() * 1000.0);
    let pool = &database.pool;
    let mut shown = json!({
        "connected": database.answered.is_ok(),
        "latency_ms": latency,
        "pool": {
            "in_use": pool.in_use,
            "idle": pool.idle,
            "max": pool.max,
            "waiting": pool.waiting,
        },
    });
    if let Err(error) = &database.answered {
        shown["error"] = json!(error);
    }
    (database.side.as_str().to_owned(), shown)
}
