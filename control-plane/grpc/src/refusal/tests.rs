//! One line an error: its reason and its code; then what a caller can do with it.

use dualwrite_control_app::error::{
    GuardRefused, IllegalTransition, InvalidName, InvalidPageToken, InvalidSpec, JobNotFound,
    JobRefused, MigrationInUse, MigrationNotFound, NoExecutor, NoTransition, ReasonRequired,
    RevisionNotFound, SpecChangeRefused, StaleRevision, TransitionRunning, UnknownEntity, WrongKey,
};
use dualwrite_control_app::fleet::Unanswered;
use dualwrite_control_app::model::JobState;
use dualwrite_control_app::ports::StoreError;
use dualwrite_core::flags::FlagError;
use dualwrite_core::guard::{Guard, GuardVerdict, Verdict};
use dualwrite_core::phase::Phase;
use dualwrite_core::side::Side;
use dualwrite_core::violation::Violation;
use dualwrite_proto::status::{
    fields_of, is_retryable, kind_of, metadata_of, preconditions_of, reason_of,
};
use tonic::Code;

use super::*;

fn status(error: impl Refuse) -> Status {
    Refused::from(error).into()
}

fn not_found() -> MigrationNotFound {
    MigrationNotFound {
        name: "cart".into(),
    }
}

fn stale() -> StaleRevision {
    StaleRevision {
        name: "cart".into(),
        seen: 3,
        current: 5,
    }
}

fn running() -> TransitionRunning {
    TransitionRunning {
        name: "cart".into(),
        plan_id: "p1".into(),
        from: Phase::DualWrite,
        to: Phase::NewPrimary,
    }
}

fn unavailable() -> StoreError {
    StoreError::Unavailable {
        doing: "read",
        cause: "disk I/O error".into(),
    }
}

fn invalid() -> InvalidSpec {
    let violation = Violation::new("batch_size", "`900` is out of range", "1 to 512");
    InvalidSpec {
        violations: vec![violation],
    }
}

fn refused() -> GuardRefused {
    let verdict = |guard, passed| GuardVerdict {
        guard,
        passed,
        measured: "12".into(),
        limit: "0".into(),
        remedy: "wait for the relay".into(),
        forceable: true,
    };
    let guards = vec![
        verdict(Guard::BackfillComplete, true),
        verdict(Guard::MarkersOutstanding, false),
    ];
    let (from, to) = (Phase::DualWrite, Phase::NewPrimary);
    GuardRefused {
        name: "cart".into(),
        from,
        to,
        verdict: Verdict { guards },
    }
}

fn job_refused() -> JobRefused {
    let (what, why) = ("job 1 cannot be paused".into(), "it is done already".into());
    JobRefused {
        what,
        why,
        state: Some(JobState::Done),
    }
}

/// Checks a table of errors, their reasons and their codes.
fn check<const N: usize>(table: [(Status, ErrorReason, Code); N]) {
    for (status, reason, code) in table {
        assert_eq!(reason_of(&status), Some(reason), "{status:?}");
        assert_eq!(status.code(), code, "{reason:?}");
        assert!(
            !status.message().is_empty() && kind_of(&status).is_some(),
            "{reason:?}"
        );
    }
}

#[test]
fn what_is_malformed() {
    use ErrorReason as R;
    let unknown_flag = FlagError::Unknown {
        name: "batch".into(),
        hint: String::new(),
    };
    let invalid_flag = FlagError::Invalid {
        name: "log_all",
        text: "x".into(),
        expected: "true",
    };
    let (name, entity, hint) = ("cart".into(), "itm".into(), String::new());
    let unknown_entity = UnknownEntity { name, entity, hint };
    let wrong_key = WrongKey {
        entity: "item".into(),
        needed: vec!["id".into()],
        given: vec![],
    };
    let code = Code::InvalidArgument;
    check([
        (status(invalid()), R::InvalidManifest, code),
        (
            status(UpdateFlagsError::Invalid(invalid())),
            R::InvalidFlag,
            code,
        ),
        (
            status(InvalidName { name: "C".into() }),
            R::InvalidName,
            code,
        ),
        (status(ReasonRequired), R::ReasonRequired, code),
        (status(unknown_flag), R::UnknownFlag, code),
        (status(invalid_flag), R::InvalidFlag, code),
        (status(PatchError::Empty), R::InvalidFlag, code),
        (status(unknown_entity), R::UnknownEntity, code),
        (status(wrong_key), R::MissingKey, code),
        (status(InvalidPageToken), R::PageTokenInvalid, code),
        (
            status(WireError::at("to", "is not given")),
            R::WrongType,
            code,
        ),
        (status(JoinError::Nameless), R::WrongService, code),
    ]);
}

#[test]
fn what_is_not_there_or_not_any_more() {
    use ErrorReason as R;
    let no_revision = RevisionNotFound {
        name: "cart".into(),
        revision: 9,
        current: 5,
    };
    check([
        (status(not_found()), R::MigrationNotFound, Code::NotFound),
        (status(no_revision), R::RevisionNotFound, Code::NotFound),
        (
            status(JobNotFound { id: "1".into() }),
            R::JobNotFound,
            Code::NotFound,
        ),
        (status(stale()), R::StaleRevision, Code::Aborted),
        (status(HearError::Ended), R::ShuttingDown, Code::Aborted),
    ]);
}

#[test]
fn what_the_state_of_things_does_not_allow() {
    use ErrorReason as R;
    let name = || "cart".to_owned();
    let (from, to) = (Phase::LegacyOnly, Phase::NewOnly);
    let illegal = IllegalTransition {
        name: name(),
        from,
        to,
        allowed: vec![Phase::DualWrite],
    };
    let in_use = MigrationInUse {
        name: name(),
        why: String::new(),
    };
    let change_refused = SpecChangeRefused {
        name: name(),
        why: String::new(),
    };
    let code = Code::FailedPrecondition;
    check([
        (status(running()), R::TransitionRunning, code),
        (status(illegal), R::IllegalTransition, code),
        (status(Box::new(refused())), R::GuardRefused, code),
        (status(NoExecutor { name: name() }), R::NoExecutor, code),
        (status(NoTransition { name: name() }), R::NoTransition, code),
        (status(in_use), R::MigrationInUse, code),
        (status(change_refused), R::SpecChangeRefused, code),
        (status(job_refused()), R::JobState, code),
    ]);
}

#[test]
fn what_failed_here_or_at_a_sidecar() {
    use ErrorReason as R;
    let damaged = StoreError::Damaged {
        what: "job",
        cause: "unknown state".into(),
    };
    let failed = |reason: &str| {
        ValidateKeyError::from(AskError::from(Unanswered {
            reason: reason.into(),
            side: Some(Side::New),
            why: "away".into(),
        }))
    };
    check([
        (
            status(unavailable()),
            R::StoreUnavailable,
            Code::Unavailable,
        ),
        (status(damaged), R::Internal, Code::Internal),
        (status(failed("")), R::Internal, Code::Internal),
        (
            status(failed("WRONG_TYPE")),
            R::WrongType,
            Code::InvalidArgument,
        ),
        (
            status(failed("NO_SNAPSHOT")),
            R::NoSnapshot,
            Code::Unavailable,
        ),
        (status(too_late()), R::Deadline, Code::DeadlineExceeded),
    ]);
}

#[test]
fn a_use_case_fails_as_its_leaf_does() {
    let table = [
        (status(GetError::from(not_found())), status(not_found())),
        (status(DeleteError::from(stale())), status(stale())),
        (status(ApplyError::from(running())), status(running())),
        (
            status(StartJobError::from(job_refused())),
            status(job_refused()),
        ),
        (
            status(ListError::from(unavailable())),
            status(unavailable()),
        ),
        (status(JoinError::from(not_found())), status(not_found())),
        (
            status(HearError::NotStored(stale().into())),
            status(stale()),
        ),
    ];
    for (outer, leaf) in table {
        assert_eq!(
            (outer.code(), outer.message()),
            (leaf.code(), leaf.message())
        );
        assert_eq!(metadata_of(&outer), metadata_of(&leaf));
    }
}

#[test]
fn whoever_was_too_late_learns_the_revision_that_there_is() {
    let metadata = metadata_of(&status(stale()));
    assert_eq!(metadata["revision"], "5");
    assert_eq!(metadata["seen"], "3");
    assert_eq!(metadata["retryable"], "false");
}

#[test]
fn a_verdict_lists_the_guards_that_refuse_and_no_others() {
    let unmet = preconditions_of(&status(Box::new(refused())));
    assert_eq!(unmet.len(), 1);
    assert_eq!(
        (unmet[0].kind.as_str(), unmet[0].subject.as_str()),
        ("guard", "markers_outstanding")
    );
    assert!(unmet[0].message.contains("12") && unmet[0].message.contains("wait for the relay"));
}

#[test]
fn what_is_wrong_is_told_at_its_path_in_the_request() {
    let fields = fields_of(&status(invalid()));
    assert_eq!(fields[0].path, "spec.batch_size");
    assert!(fields[0].message.contains("900") && fields[0].message.contains("1 to 512"));
    let fields = fields_of(&status(UpdateFlagsError::Invalid(invalid())));
    assert_eq!(fields[0].path, "flags.batch_size");
}

#[test]
fn only_what_passes_by_itself_is_worth_a_repetition() {
    assert!(is_retryable(&status(unavailable())));
    assert!(is_retryable(&status(too_late())));
    assert!(!is_retryable(&status(stale())));
    assert!(!is_retryable(&status(invalid())));
}

fn too_late() -> ValidateKeyError {
    let patience = std::time::Duration::from_secs(10);
    AskError::Deadline { patience }.into()
}
