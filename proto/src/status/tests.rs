use std::time::Duration;

use tonic::{Code, Status};

use super::*;

/// Every reason that the bindings know.
fn reasons() -> impl Iterator<Item = ErrorReason> {
    (0..=99).filter_map(|number| ErrorReason::try_from(number).ok())
}

#[test]
fn a_refusal_is_read_back_whole() {
    let status = Refusal::new(ErrorReason::GuardRefused, "2 guards refuse the step")
        .with("revision", "7")
        .field("to", "is no neighbour")
        .precondition("guard", "markers", "12 outstanding, limit 0")
        .retry_after(Duration::from_millis(1500))
        .into_status();

    assert_eq!(status.code(), Code::FailedPrecondition);
    assert_eq!(status.message(), "2 guards refuse the step");
    assert_eq!(reason_of(&status), Some(ErrorReason::GuardRefused));
    assert_eq!(kind_of(&status), Some(ErrorKind::Configuration));
    assert!(is_retryable(&status));
    assert_eq!(retry_after(&status), Some(Duration::from_millis(1500)));
    assert_eq!(metadata_of(&status)["revision"], "7");
    assert_eq!(
        fields_of(&status),
        [FieldViolation {
            path: "to".into(),
            message: "is no neighbour".into()
        }]
    );
    assert_eq!(
        preconditions_of(&status),
        [PreconditionViolation {
            kind: "guard".into(),
            subject: "markers".into(),
            message: "12 outstanding, limit 0".into()
        }]
    );
}

#[test]
fn every_reason_travels_by_its_name_and_has_a_kind() {
    let mut count = 0;
    for reason in reasons() {
        let status = Refusal::new(reason, "").into_status();
        assert_eq!(reason_of(&status), Some(reason));
        assert!(kind_of(&status).is_some(), "{reason:?}");
        assert!(
            !reason_name(reason).starts_with("ERROR_REASON"),
            "{reason:?}"
        );
        count += 1;
    }
    assert!(count > 40, "only {count} reasons were tried");
}

#[test]
fn the_code_says_whether_a_retry_can_help() {
    for reason in reasons() {
        let nature = Nature::of(reason);
        let passing = matches!(
            nature.code,
            Code::Unavailable | Code::ResourceExhausted | Code::DeadlineExceeded | Code::Unknown
        );
        assert_eq!(nature.retryable, passing, "{reason:?}");
    }
}

#[test]
fn a_server_that_knows_better_says_so() {
    let status = Refusal::new(ErrorReason::WrongService, "")
        .code(Code::InvalidArgument)
        .kind(ErrorKind::Validation)
        .retryable(true)
        .into_status();
    assert_eq!(status.code(), Code::InvalidArgument);
    assert_eq!(kind_of(&status), Some(ErrorKind::Validation));
    assert!(is_retryable(&status));
}

#[test]
fn a_status_of_somebody_else_has_no_reason() {
    let refused = Status::unavailable("connection refused");
    assert_eq!(reason_of(&refused), None);
    assert!(is_retryable(&refused));
    assert!(!is_retryable(&Status::internal("")));
    assert!(metadata_of(&refused).is_empty());
}
