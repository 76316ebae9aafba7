use dualwrite_core::side::Side;
use dualwrite_proto::status;
use tonic::{Code, Status};

use super::*;

/// One error with the reason and code that it travels under.
type Case = (DataError, &'static str, Code);

/// Every error there is.
fn table() -> Vec<Case> {
    [malformed(), refused(), away(), others()].concat()
}

fn text() -> String {
    "x".to_owned()
}

fn cases<E: Into<DataError>>(code: Code, errors: Vec<(E, &'static str)>) -> Vec<Case> {
    let case = |(error, reason): (E, &'static str)| (error.into(), reason, code);
    errors.into_iter().map(case).collect()
}

fn malformed() -> Vec<Case> {
    let index = 1;
    let (entity, field) = (text(), text());
    let known = Invalid::UnknownEntity {
        index,
        entity: text(),
        known: text(),
    };
    let column = Invalid::UnknownField {
        index,
        entity: text(),
        field: text(),
        hint: text(),
    };
    let wrong = Invalid::WrongType {
        index,
        entity: text(),
        field: text(),
        problem: text(),
    };
    let missing = Invalid::MissingKey {
        index,
        entity: text(),
        field: text(),
    };
    let mismatch = Invalid::IdempotencyMismatch { request_id: text() };
    let errors = vec![
        (known, "UNKNOWN_ENTITY"),
        (column, "UNKNOWN_COLUMN"),
        (wrong, "WRONG_TYPE"),
        (missing, "MISSING_KEY"),
        (
            Invalid::KeyChange {
                index,
                entity,
                field,
            },
            "KEY_CHANGE",
        ),
        (Invalid::EmptyWrite, "EMPTY_WRITE"),
        (
            Invalid::TooLarge {
                what: text(),
                limit: 7,
            },
            "TOO_LARGE",
        ),
        (mismatch, "IDEMPOTENCY_MISMATCH"),
        (Invalid::PageToken, "PAGE_TOKEN_INVALID"),
        (Invalid::IdempotencyKey, "WRONG_TYPE"),
    ];
    cases(Code::InvalidArgument, errors)
}

fn refused() -> Vec<Case> {
    let side = Side::New;
    let condition = DataError::ConditionNotMet {
        side,
        entity: text(),
        index: 2,
    };
    let mapping = DataError::MappingRefused {
        side: Some(side),
        why: text(),
    };
    let primary = DataError::PrimaryConstraint {
        side,
        message: text(),
    };
    let secondary = DataError::SecondaryConstraint {
        side,
        message: text(),
    };
    let denied = DataError::Denied {
        side,
        message: text(),
    };
    let errors = vec![
        (condition, "CONDITION_NOT_MET"),
        (primary, "PRIMARY_CONSTRAINT"),
        (secondary, "SECONDARY_CONSTRAINT"),
        (DataError::RequestAborted, "REQUEST_ABORTED"),
        (DataError::NotInstalled { service: text() }, "FENCE_MISSING"),
        (mapping, "MAPPING_REFUSED"),
        (DataError::PageTokenExpired, "PAGE_TOKEN_EXPIRED"),
        (denied, "PERMISSION_DENIED"),
    ];
    cases(Code::FailedPrecondition, errors)
}

fn away() -> Vec<Case> {
    let side = Side::Legacy;
    let message = text;
    let errors = vec![
        (DataError::NotReady { why: text() }, "NO_SNAPSHOT"),
        (
            DataError::PrimaryUnavailable {
                side,
                message: message(),
            },
            "PRIMARY_UNAVAILABLE",
        ),
        (
            DataError::SecondaryUnavailable {
                side,
                message: message(),
            },
            "SECONDARY_UNAVAILABLE",
        ),
        (
            DataError::PrimaryTimeout {
                side,
                message: message(),
            },
            "PRIMARY_TIMEOUT",
        ),
        (
            DataError::SecondaryTimeout {
                side,
                message: message(),
            },
            "SECONDARY_TIMEOUT",
        ),
        (DataError::ShuttingDown, "SHUTTING_DOWN"),
    ];
    cases(Code::Unavailable, errors)
}

fn others() -> Vec<Case> {
    let side = Side::Legacy;
    let unknown = DataError::OutcomeUnknown {
        side,
        request_id: text(),
    };
    let full = DataError::QueueFull {
        side: Some(side),
        limit: text(),
    };
    let exists = DataError::RowExists {
        side,
        entity: text(),
    };
    vec![
        (exists, "ROW_EXISTS", Code::AlreadyExists),
        (full, "QUEUE_FULL", Code::ResourceExhausted),
        (
            DataError::FlipTooLong { waited_ms: 5 },
            "FLIP_TOO_LONG",
            Code::ResourceExhausted,
        ),
        (DataError::Deadline, "DEADLINE", Code::DeadlineExceeded),
        (unknown, "OUTCOME_UNKNOWN", Code::Unknown),
        (
            DataError::OutcomeLost { side },
            "OUTCOME_LOST",
            Code::DataLoss,
        ),
        (
            DataError::Internal { message: text() },
            "INTERNAL",
            Code::Internal,
        ),
    ]
}

fn status_of(error: &DataError) -> Status {
    refusal(error).into_status()
}

#[test]
fn each_error_has_its_reason_code_kind_and_retryability() {
    for (error, reason, code) in table() {
        let status = status_of(&error);
        let met = status::reason_of(&status).unwrap();
        assert_eq!(status::reason_name(met), reason, "{error:?}");
        assert_eq!(status.code(), code, "{error:?}");
        assert_eq!(
            status::kind_of(&status),
            Some(kind(error.kind())),
            "{error:?}"
        );
        assert_eq!(
            status::is_retryable(&status),
            error.is_retryable(),
            "{error:?}"
        );
        assert_eq!(status.message(), error.to_string());
    }
}

#[test]
fn an_invalid_request_names_the_field_and_no_other_error_does() {
    for (error, _, code) in table() {
        let fields = status::fields_of(&status_of(&error));
        assert_eq!(
            fields.len(),
            usize::from(code == Code::InvalidArgument),
            "{error:?}"
        );
    }
    let wrong = Invalid::WrongType {
        index: 3,
        entity: "cart".to_owned(),
        field: "price".to_owned(),
        problem: "expected decimal, got text".to_owned(),
    };
    let fields = status::fields_of(&status_of(&wrong.into()));
    assert_eq!(fields[0].path, "mutations[3].price");
    assert!(fields[0].message.contains("expected decimal"));
}

#[test]
fn only_what_waits_for_a_flip_says_when_to_come_back() {
    for (error, reason, _) in table() {
        let delayed = status::retry_after(&status_of(&error)).is_some();
        assert_eq!(
            delayed,
            ["QUEUE_FULL", "FLIP_TOO_LONG"].contains(&reason),
            "{error:?}"
        );
    }
}

#[test]
fn an_unknown_outcome_carries_its_key_when_there_is_one() {
    let key = |request_id: &str| {
        let error = DataError::OutcomeUnknown {
            side: Side::Legacy,
            request_id: request_id.to_owned(),
        };
        status::metadata_of(&status_of(&error))
            .get(IDEMPOTENCY_KEY)
            .cloned()
    };
    assert_eq!(key("r1").as_deref(), Some("r1"));
    assert_eq!(key(""), None);
}
