//! Requests that make no sense: each has its stable reason on the wire.

use dualwrite_proto::status::{fields_of, metadata_of, preconditions_of, reason_of};
use dualwrite_proto::v1::{self, ErrorReason, JobKind, Phase};
use dualwrite_tests::errors_page::keeps_its_promise;
use dualwrite_tests::{Operator, Scene};
use tonic::Status;

fn step(to: i32) -> v1::TransitionMigrationRequest {
    v1::TransitionMigrationRequest {
        name: "cart".into(),
        to,
        ..v1::TransitionMigrationRequest::default()
    }
}

fn flags(path: &str, batch_size: u32) -> v1::UpdateFlagsRequest {
    v1::UpdateFlagsRequest {
        name: "cart".into(),
        flags: Some(v1::Flags {
            batch_size,
            ..v1::Flags::default()
        }),
        update_mask: Some(prost_types::FieldMask {
            paths: vec![path.into()],
        }),
        ..v1::UpdateFlagsRequest::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_wrong_request_has_its_stable_reason() {
    let scene = Scene::set(false, 1).await.unwrap();
    let operator = &scene.operator;
    let cases: Vec<(Status, ErrorReason, &str)> = [
        phases(operator).await,
        settings(operator).await,
        names(operator).await,
        absent(operator).await,
    ]
    .into_iter()
    .flatten()
    .collect();
    for (status, reason, says) in cases {
        assert_eq!(reason_of(&status), Some(reason), "{status:?}");
        keeps_its_promise(&status).unwrap();
        assert!(
            status.message().contains(says),
            "{reason:?}: {}",
            status.message()
        );
        let metadata = metadata_of(&status);
        assert!(
            metadata.contains_key("kind") && metadata["retryable"] == "false",
            "{metadata:?}"
        );
    }
    let migration = operator.migration().await.unwrap();
    assert_eq!(
        (migration.revision, migration.phase()),
        (2, Phase::LegacyOnly)
    );
}

/// Steps that cannot be.
async fn phases(operator: &Operator) -> Vec<(Status, ErrorReason, &'static str)> {
    let mut api = operator.api();
    let mut refused = async |request| api.transition_migration(request).await.unwrap_err();
    let forced = v1::TransitionMigrationRequest {
        force: true,
        reason: "  ".into(),
        ..step(Phase::DualWrite.into())
    };
    let elsewhere = v1::TransitionMigrationRequest {
        name: "carts".into(),
        ..step(Phase::DualWrite.into())
    };
    vec![
        (refused(step(99)).await, ErrorReason::UnknownPhase, "99"),
        (refused(step(0)).await, ErrorReason::UnknownPhase, "to"),
        (
            refused(step(Phase::NewOnly.into())).await,
            ErrorReason::IllegalTransition,
            "dual_write",
        ),
        (
            refused(step(Phase::LegacyOnly.into())).await,
            ErrorReason::IllegalTransition,
            "dual_write",
        ),
        (
            refused(forced).await,
            ErrorReason::ReasonRequired,
            "need a reason",
        ),
        (
            refused(elsewhere).await,
            ErrorReason::MigrationNotFound,
            "`carts`",
        ),
    ]
}

/// Flags and revisions that cannot be. Leaves revision 2.
async fn settings(operator: &Operator) -> Vec<(Status, ErrorReason, &'static str)> {
    let mut api = operator.api();
    api.update_flags(flags("batch_size", 99)).await.unwrap();
    let stale = v1::UpdateFlagsRequest {
        etag: "1".into(),
        ..flags("batch_size", 98)
    };
    let stale_step = v1::TransitionMigrationRequest {
        etag: "1".into(),
        ..step(Phase::DualWrite.into())
    };
    let too_late = v1::RestoreRevisionRequest {
        name: "cart".into(),
        revision: 1,
        etag: "1".into(),
        ..v1::RestoreRevisionRequest::default()
    };
    let never = v1::RestoreRevisionRequest {
        revision: 99,
        etag: String::new(),
        ..too_late.clone()
    };
    let out_of_range = api
        .update_flags(flags("batch_size", 9_999))
        .await
        .unwrap_err();
    assert_eq!(fields_of(&out_of_range)[0].path, "flags.batch_size");
    let stale = api.update_flags(stale).await.unwrap_err();
    assert_eq!(
        metadata_of(&stale)["revision"],
        "2",
        "it says what there is"
    );
    vec![
        (stale, ErrorReason::StaleRevision, "revision 2"),
        (
            api.transition_migration(stale_step).await.unwrap_err(),
            ErrorReason::StaleRevision,
            "revision 2",
        ),
        (
            api.restore_revision(too_late).await.unwrap_err(),
            ErrorReason::StaleRevision,
            "revision 2",
        ),
        (
            api.restore_revision(never).await.unwrap_err(),
            ErrorReason::RevisionNotFound,
            "1 to 2",
        ),
        (
            api.update_flags(flags("batch_sise", 1)).await.unwrap_err(),
            ErrorReason::UnknownFlag,
            "did you mean `batch_size`",
        ),
        (out_of_range, ErrorReason::InvalidFlag, "1 to 512"),
    ]
}

/// Names that cannot be.
async fn names(operator: &Operator) -> Vec<(Status, ErrorReason, &'static str)> {
    let mut api = operator.api();
    let spec = operator.migration().await.unwrap().spec;
    let named = v1::ApplyMigrationRequest {
        name: "Cart!".into(),
        spec: spec.clone(),
        ..v1::ApplyMigrationRequest::default()
    };
    let mut odd = spec.unwrap();
    odd.entities[0].key = vec!["idd".into()];
    let odd = v1::ApplyMigrationRequest {
        name: "cart".into(),
        spec: Some(odd),
        ..v1::ApplyMigrationRequest::default()
    };
    let odd = api.apply_migration(odd).await.unwrap_err();
    assert_eq!(fields_of(&odd)[0].path, "spec.entities[0].key[0]");
    vec![
        (odd, ErrorReason::InvalidManifest, "`idd` is no column"),
        (
            api.apply_migration(named).await.unwrap_err(),
            ErrorReason::InvalidName,
            "lower case letter",
        ),
    ]
}

/// Things that are asked for and not there.
async fn absent(operator: &Operator) -> Vec<(Status, ErrorReason, &'static str)> {
    let mut api = operator.api();
    let key = |entity: &str, field: &str| v1::ValidateKeyRequest {
        name: "cart".into(),
        entity: entity.into(),
        key: [(field.to_owned(), "1".to_owned())].into(),
    };
    let backfill = v1::StartJobRequest {
        name: "cart".into(),
        kind: JobKind::Backfill.into(),
        ..v1::StartJobRequest::default()
    };
    let page = v1::ListEventsRequest {
        name: "cart".into(),
        page_token: "yesterday".into(),
        ..v1::ListEventsRequest::default()
    };
    let abort = v1::AbortTransitionRequest {
        name: "cart".into(),
        ..v1::AbortTransitionRequest::default()
    };
    let job = v1::GetJobRequest { id: "j-1".into() };
    vec![
        (
            api.validate_key(key("basket", "id")).await.unwrap_err(),
            ErrorReason::UnknownEntity,
            "cart_item",
        ),
        (
            api.validate_key(key("cart_item", "cart_id"))
                .await
                .unwrap_err(),
            ErrorReason::MissingKey,
            "product_id",
        ),
        (
            api.start_job(backfill).await.unwrap_err(),
            ErrorReason::JobState,
            "secondary",
        ),
        (
            api.get_job(job).await.unwrap_err(),
            ErrorReason::JobNotFound,
            "j-1",
        ),
        (
            api.list_events(page).await.unwrap_err(),
            ErrorReason::PageTokenInvalid,
            "page",
        ),
        (
            api.abort_transition(abort).await.unwrap_err(),
            ErrorReason::NoTransition,
            "no transition",
        ),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guards_refusal_carries_the_list_of_guards() {
    let scene = Scene::set(false, 1).await.unwrap();
    scene
        .operator
        .phase(Phase::DualWrite, "open")
        .await
        .unwrap();
    scene.operator.measured(Phase::NewPrimary).await.unwrap();
    let request = step(Phase::NewPrimary.into());
    let status = scene
        .operator
        .api()
        .transition_migration(request)
        .await
        .unwrap_err();
    assert_eq!(reason_of(&status), Some(ErrorReason::GuardRefused));
    let unmet = preconditions_of(&status);
    assert_eq!(unmet.len(), 1, "{unmet:?}");
    assert_eq!(
        (&*unmet[0].kind, &*unmet[0].subject),
        ("guard", "backfill_complete")
    );
    assert!(
        unmet[0].message.contains("dualwrite backfill start"),
        "{unmet:?}"
    );
}
