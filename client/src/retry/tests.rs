use std::time::Duration;

use dualwrite_proto::status::Refusal;
use dualwrite_proto::v1::ErrorReason;
use tonic::{Code, Status};

use super::*;

fn told(reason: ErrorReason) -> Judgement {
    judge(&Refusal::new(reason, "").into_status())
}

const RETRY: Option<Duration> = Some(Duration::ZERO);

#[test]
fn what_a_sidecar_tells_is_retried_only_where_it_helps() {
    let table = [
        (ErrorReason::PrimaryUnavailable, RETRY, false),
        (ErrorReason::NoSnapshot, RETRY, false),
        (ErrorReason::OutcomeUnknown, RETRY, true),
        (ErrorReason::QueueFull, None, false),
        (ErrorReason::StaleRevision, None, false),
        (ErrorReason::ConditionNotMet, None, false),
        (ErrorReason::RowExists, None, false),
        (ErrorReason::IdempotencyMismatch, None, false),
        (ErrorReason::Deadline, None, false),
        (ErrorReason::Internal, None, false),
    ];
    for (reason, retry, in_doubt) in table {
        assert_eq!(told(reason), Judgement { retry, in_doubt }, "{reason:?}");
    }
}

#[test]
fn a_full_queue_is_tried_again_when_it_says_when() {
    let later = Duration::from_millis(70);
    let status = Refusal::new(ErrorReason::QueueFull, "")
        .retry_after(later)
        .into_status();
    assert_eq!(
        judge(&status),
        Judgement {
            retry: Some(later),
            in_doubt: false
        }
    );
}

#[test]
fn an_abort_is_tried_again_when_it_says_so() {
    let status = Refusal::new(ErrorReason::StaleRevision, "")
        .retryable(true)
        .into_status();
    assert_eq!(
        judge(&status),
        Judgement {
            retry: RETRY,
            in_doubt: false
        }
    );
}

#[test]
fn strangers_leave_a_write_in_doubt_unless_they_refused_it() {
    let table = [
        (Code::Unavailable, RETRY, true),
        (Code::Internal, None, true),
        (Code::Unimplemented, None, false),
        (Code::Unauthenticated, None, false),
    ];
    for (code, retry, in_doubt) in table {
        assert_eq!(
            judge(&Status::new(code, "")),
            Judgement { retry, in_doubt },
            "{code:?}"
        );
    }
}

#[test]
fn what_broke_off_is_tried_again_and_what_was_never_sent_is_in_no_doubt() {
    let broken = Status::from_error(Box::new(std::io::Error::other("reset")));
    assert_eq!(
        judge(&broken),
        Judgement {
            retry: RETRY,
            in_doubt: true
        }
    );

    let refused = tonic::ConnectError(Box::new(std::io::Error::other("refused")));
    let unsent = Status::from_error(Box::new(refused));
    assert_eq!(
        judge(&unsent),
        Judgement {
            retry: RETRY,
            in_doubt: false
        }
    );
}

#[test]
fn pauses_double_up_to_the_longest_and_are_spread() {
    let backoff = Backoff {
        first: Duration::from_millis(20),
        longest: Duration::from_millis(100),
    };
    let whole: Vec<Duration> = (1..=5).map(|attempt| backoff.pause(attempt, 1.0)).collect();
    assert_eq!(whole, [20, 40, 80, 100, 100].map(Duration::from_millis));
    assert_eq!(backoff.pause(1, 0.0), Duration::from_millis(10));
    assert_eq!(backoff.pause(u32::MAX, 1.0), Duration::from_millis(100));
}
