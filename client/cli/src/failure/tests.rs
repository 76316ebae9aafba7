use dualwrite_proto::status::Refusal;
use dualwrite_proto::v1::ErrorReason;

use super::*;

fn of(refusal: Refusal) -> Failure {
    Failure::from(refusal.into_status())
}

#[test]
fn exit_codes_are_those_that_are_documented() {
    let codes = [
        Exit::Done,
        Exit::Failed,
        Exit::Usage,
        Exit::Refused,
        Exit::Different,
    ];
    assert_eq!(codes.map(Exit::code), [0, 1, 2, 3, 4]);
}

#[test]
fn each_reason_has_its_exit_code() {
    let table = [
        (ErrorReason::GuardRefused, Exit::Refused),
        (ErrorReason::UnknownFlag, Exit::Usage),
        (ErrorReason::InvalidFlag, Exit::Usage),
        (ErrorReason::ReasonRequired, Exit::Usage),
        (ErrorReason::MissingKey, Exit::Usage),
        (ErrorReason::InvalidManifest, Exit::Failed),
        (ErrorReason::MigrationNotFound, Exit::Failed),
        (ErrorReason::StaleRevision, Exit::Failed),
        (ErrorReason::IllegalTransition, Exit::Failed),
        (ErrorReason::NoExecutor, Exit::Failed),
        (ErrorReason::StoreUnavailable, Exit::Failed),
    ];
    for (reason, exit) in table {
        assert_eq!(of(Refusal::new(reason, "no")).exit, exit, "{reason:?}");
    }
    assert_eq!(
        Failure::from(Status::unavailable("gone")).exit,
        Exit::Failed
    );
    assert_eq!(
        Failure::from(Status::invalid_argument("by a proxy")).exit,
        Exit::Failed
    );
}

#[test]
fn a_refusal_by_guards_names_each() {
    let refusal = Refusal::new(
        ErrorReason::GuardRefused,
        "cart may not go: markers_outstanding is 12; backfill_complete is no",
    )
    .with("migration", "cart")
    .with("from", "dual_write")
    .with("to", "new_primary")
    .precondition(
        "guard",
        "markers_outstanding",
        "measured 12, expected at most 0; wait",
    )
    .precondition(
        "guard",
        "backfill_complete",
        "measured no, expected yes; start one",
    );
    insta::assert_snapshot!(of(refusal).render(Paint::new(false)));
}

#[test]
fn wrong_fields_are_named_unless_the_message_says_it() {
    let refusal = Refusal::new(ErrorReason::InvalidManifest, "the manifest has 2 errors")
        .field("spec.entities[0].key", "is empty; expected at least one")
        .field(
            "spec.flags.batch_size",
            "`0` is out of range; expected 1 to 512",
        );
    insta::assert_snapshot!(of(refusal).render(Paint::new(false)));

    let said =
        Refusal::new(ErrorReason::InvalidName, "`X` is no name").field("name", "`X` is no name");
    assert_eq!(of(said).details, Vec::<String>::new());
}

#[test]
fn hints_name_the_migration() {
    let stale = Refusal::new(ErrorReason::StaleRevision, "cart is at 9").with("migration", "cart");
    let hint = of(stale).hint.unwrap();
    assert!(hint.contains("dualwrite status cart"), "{hint}");
}

#[test]
fn machines_are_told_the_same() {
    let failure = of(Refusal::new(ErrorReason::JobState, "it is done"));
    let json = serde_json::to_value(failure.view()).unwrap();
    insta::assert_json_snapshot!(json);
}
