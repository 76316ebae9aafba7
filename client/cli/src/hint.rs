//! What can be done about a refusal, by its reason.

use dualwrite_proto::status;
use dualwrite_proto::v1::ErrorReason;
use tonic::{Code, Status};

/// Hints, with `{name}` for the migration's name.
const HINTS: [(ErrorReason, &str); 15] = [
    (
        ErrorReason::MigrationNotFound,
        "`dualwrite apply -f FILE` makes one",
    ),
    (
        ErrorReason::StaleRevision,
        "somebody changed it meanwhile; look again with `dualwrite status {name}`",
    ),
    (
        ErrorReason::GuardRefused,
        "`--dry-run` shows every guard; `--force --reason TEXT` overrides those that can be",
    ),
    (
        ErrorReason::IllegalTransition,
        "`dualwrite phase get {name}` shows where it is",
    ),
    (
        ErrorReason::TransitionRunning,
        "follow it with `dualwrite status {name} --watch`, \
         or take it back with `dualwrite phase abort {name}`",
    ),
    (
        ErrorReason::NoExecutor,
        "`dualwrite sidecars {name}` shows who is connected",
    ),
    (
        ErrorReason::JobNotFound,
        "`dualwrite jobs {name}` shows the jobs",
    ),
    (
        ErrorReason::JobState,
        "`dualwrite jobs {name}` shows the jobs",
    ),
    (
        ErrorReason::RevisionNotFound,
        "`dualwrite history {name}` shows the revisions",
    ),
    (ErrorReason::ReasonRequired, "add `--reason TEXT`"),
    (
        ErrorReason::UnknownFlag,
        "`dualwrite flags get {name}` shows them all",
    ),
    (
        ErrorReason::InvalidFlag,
        "`dualwrite flags get {name}` shows them all",
    ),
    (
        ErrorReason::InvalidManifest,
        "`dualwrite config check FILE` says where in the file",
    ),
    (ErrorReason::StoreUnavailable, "try again in a moment"),
    (ErrorReason::ShuttingDown, "try again in a moment"),
];

/// What can be done about it, if that is known.
pub(crate) fn hint(status: &Status, reason: Option<ErrorReason>) -> Option<String> {
    let Some(reason) = reason else {
        return stranger(status.code()).map(str::to_owned);
    };
    let metadata = status::metadata_of(status);
    let name = metadata.get("migration").map_or("NAME", String::as_str);
    match HINTS.iter().find(|(known, _)| *known == reason) {
        Some((_, hint)) => Some(hint.replace("{name}", name)),
        None => status::is_retryable(status).then(|| "it may work when tried again".to_owned()),
    }
}

/// A hint for an answer that is not of a control plane.
const fn stranger(code: Code) -> Option<&'static str> {
    match code {
        Code::Unavailable => Some(
            "is the control plane running there? Say where it is with --endpoint URL \
             or DUALWRITE_ENDPOINT",
        ),
        Code::Unimplemented => Some(
            "what answers there is no control plane of this version; \
             its gRPC port is 7400 unless told otherwise",
        ),
        Code::Unauthenticated | Code::PermissionDenied => {
            Some("identify yourself with --token-file FILE or DUALWRITE_TOKEN_FILE")
        }
        Code::DeadlineExceeded | Code::Cancelled => {
            Some("it took too long; it may be done all the same: look at `dualwrite status NAME`")
        }
        Code::Ok
        | Code::Unknown
        | Code::InvalidArgument
        | Code::NotFound
        | Code::AlreadyExists
        | Code::ResourceExhausted
        | Code::FailedPrecondition
        | Code::Aborted
        | Code::OutOfRange
        | Code::Internal
        | Code::DataLoss => None,
    }
}
