//! What is safe to try again, and when. Pure: the loop is in `call.rs`.

use std::error::Error as _;
use std::time::Duration;

use dualwrite_proto::status;
use dualwrite_proto::v1::ErrorReason;
use tonic::{Code, Status};

#[cfg(test)]
mod tests;

/// The pauses between attempts: they double, and each is drawn between its half
/// and its whole so that clients do not come back together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Backoff {
    /// Before the first retry.
    pub(crate) first: Duration,
    /// However many retries there were.
    pub(crate) longest: Duration,
}

impl Default for Backoff {
    /// A sidecar that restarts is back within a second; a flip takes tens of
    /// milliseconds.
    fn default() -> Self {
        Self {
            first: Duration::from_millis(25),
            longest: Duration::from_secs(1),
        }
    }
}

impl Backoff {
    /// The pause after attempt number `attempt`; `draw` is random in `0..1`.
    pub(crate) fn pause(self, attempt: u32, draw: f64) -> Duration {
        let doubled = 1_u32
            .checked_shl(attempt.saturating_sub(1))
            .unwrap_or(u32::MAX);
        let whole = self.first.saturating_mul(doubled).min(self.longest);
        whole / 2 + (whole / 2).mul_f64(draw.clamp(0.0, 1.0))
    }
}

/// What a failed attempt means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Judgement {
    /// Whether another attempt can help, and not before which time.
    pub(crate) retry: Option<Duration>,
    /// Whether the attempt may have taken effect all the same.
    pub(crate) in_doubt: bool,
}

/// Judges a failed attempt of a request that may be repeated (a read, or a
/// write with its idempotency key).
pub(crate) fn judge(status: &Status) -> Judgement {
    match status::reason_of(status) {
        Some(ErrorReason::OutcomeUnknown) => Judgement {
            retry: Some(wait(status)),
            in_doubt: true,
        },
        // Nothing would stop a repetition from happening a second time.
        Some(ErrorReason::OutcomeLost) => Judgement {
            retry: None,
            in_doubt: true,
        },
        Some(_) => Judgement {
            retry: may_repeat(status).then(|| wait(status)),
            in_doubt: false,
        },
        None => judge_stranger(status),
    }
}

/// A failure that a sidecar told the reason of.
fn may_repeat(status: &Status) -> bool {
    let passing = match status.code() {
        Code::Unavailable | Code::Aborted => true,
        // Without a time to come back, coming back only adds to the load.
        Code::ResourceExhausted => status::retry_after(status).is_some(),
        Code::Ok
        | Code::Cancelled
        | Code::Unknown
        | Code::InvalidArgument
        | Code::DeadlineExceeded
        | Code::NotFound
        | Code::AlreadyExists
        | Code::PermissionDenied
        | Code::FailedPrecondition
        | Code::OutOfRange
        | Code::Unimplemented
        | Code::Internal
        | Code::DataLoss
        | Code::Unauthenticated => false,
    };
    passing && status::is_retryable(status)
}

/// A failure that no sidecar told the reason of: the transport's, or that of
/// something in between.
fn judge_stranger(status: &Status) -> Judgement {
    if never_sent(status) {
        return Judgement {
            retry: Some(Duration::ZERO),
            in_doubt: false,
        };
    }
    // A status that came over the wire has no source; one made here has.
    let broke_off = status.source().is_some();
    let (retry, in_doubt) = match status.code() {
        Code::Cancelled | Code::Unknown | Code::Internal => (broke_off, true),
        // A deadline is this attempt's; the loop knows whether the call has more.
        Code::Unavailable | Code::DeadlineExceeded => (true, true),
        Code::Ok | Code::OutOfRange | Code::DataLoss => (false, true),
        Code::InvalidArgument
        | Code::NotFound
        | Code::AlreadyExists
        | Code::PermissionDenied
        | Code::ResourceExhausted
        | Code::FailedPrecondition
        | Code::Aborted
        | Code::Unimplemented
        | Code::Unauthenticated => (false, false),
    };
    Judgement {
        retry: retry.then(|| wait(status)),
        in_doubt,
    }
}

/// Whether there was not even a connection to send the request on.
fn never_sent(status: &Status) -> bool {
    let mut source = status.source();
    while let Some(error) = source {
        if error.is::<tonic::ConnectError>() {
            return true;
        }
        source = error.source();
    }
    false
}

fn wait(status: &Status) -> Duration {
    status::retry_after(status).unwrap_or_default()
}
