//! Errors over HTTP: one form for all of them.

use axum::Json;
use axum::http::{Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use dualwrite_core::side::Side;
use dualwrite_engine::error::DataError;
use dualwrite_proto::status::{SIDE, is_retryable, kind_name, kind_of, reason_name, reason_of};
use dualwrite_proto::v1::{ErrorKind, ErrorReason};
use serde_json::json;
use tonic::{Code, Status};

use crate::refusal::refusal;

/// An error on its way out.
#[derive(Debug)]
pub(super) struct HttpError {
    status: StatusCode,
    kind: &'static str,
    reason: &'static str,
    message: String,
    retryable: bool,
    side: Option<Side>,
}

impl HttpError {
    /// The request is not what it should be.
    pub(super) fn invalid(reason: ErrorReason, message: impl Into<String>) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            kind: kind_name(ErrorKind::Validation),
            reason: reason_name(reason),
            message: message.into(),
            retryable: false,
            side: None,
        }
    }

    /// Whoever asks may not.
    pub(super) fn forbidden(message: impl Into<String>) -> Self {
        Self {
            status: StatusCode::FORBIDDEN,
            kind: kind_name(ErrorKind::Configuration),
            reason: reason_name(ErrorReason::PermissionDenied),
            message: message.into(),
            retryable: false,
            side: None,
        }
    }
}

impl From<DataError> for HttpError {
    fn from(error: DataError) -> Self {
        let status = Status::from(refusal(&error));
        // Over HTTP there is one key and no list of mutations to point into.
        let message = status.message();
        let message = message.strip_prefix("mutations[0]: ").unwrap_or(message);
        Self {
            status: code(status.code()),
            kind: kind_name(kind_of(&status).unwrap_or(ErrorKind::Unspecified)),
            reason: reason_name(reason_of(&status).unwrap_or(ErrorReason::Internal)),
            message: message.to_owned(),
            retryable: is_retryable(&status),
            side: error.side(),
        }
    }
}

impl IntoResponse for HttpError {
    fn into_response(self) -> Response {
        let Self {
            status,
            kind,
            reason,
            message,
            retryable,
            side,
        } = self;
        let mut error = json!({
            "kind": kind,
            "reason": reason,
            "message": message,
            "retryable": retryable,
        });
        if let Some(side) = side {
            error[SIDE] = json!(side.as_str());
        }
        (status, Json(json!({ "error": error }))).into_response()
    }
}

/// The codes of docs/errors.md.
fn code(code: Code) -> StatusCode {
    match code {
        Code::InvalidArgument | Code::OutOfRange => StatusCode::BAD_REQUEST,
        Code::NotFound => StatusCode::NOT_FOUND,
        Code::AlreadyExists | Code::Aborted | Code::FailedPrecondition => StatusCode::CONFLICT,
        Code::Unavailable | Code::ResourceExhausted => StatusCode::SERVICE_UNAVAILABLE,
        Code::DeadlineExceeded => StatusCode::GATEWAY_TIMEOUT,
        Code::PermissionDenied | Code::Unauthenticated => StatusCode::FORBIDDEN,
        Code::Ok
        | Code::Cancelled
        | Code::Unknown
        | Code::Unimplemented
        | Code::Internal
        | Code::DataLoss => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// Nothing is here.
pub(super) async fn unknown_path(uri: Uri) -> Response {
    let known = "/dual-write/status, /dual-write/health, /dual-write/metrics, \
                 /dual-write/validate-sync/{entity}/{key}, /dual-write/test-operation, \
                 /metrics, /livez, /readyz, /version";
    HttpError {
        status: StatusCode::NOT_FOUND,
        kind: kind_name(ErrorKind::Validation),
        reason: "UNKNOWN_PATH",
        message: format!("there is nothing at {}; paths are {known}", uri.path()),
        retryable: false,
        side: None,
    }
    .into_response()
}

/// Something is here, for another method.
pub(super) async fn wrong_method(method: Method, uri: Uri) -> Response {
    HttpError {
        status: StatusCode::METHOD_NOT_ALLOWED,
        kind: kind_name(ErrorKind::Validation),
        reason: "WRONG_METHOD",
        message: format!(
            "{} does not take {method}: what only looks takes GET, what checks or tests takes POST",
            uri.path()
        ),
        retryable: false,
        side: None,
    }
    .into_response()
}
