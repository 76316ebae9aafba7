//! What operators call: etags, pages, names in the history, refusals.

use dualwrite_process::auth::ACTOR_HEADER;
use dualwrite_proto::status::{fields_of, metadata_of, reason_of};
use dualwrite_proto::v1;
use dualwrite_proto::v1::ErrorReason;
use tonic::{Code, Request};

use crate::support::{Plane, set_batch_size, soon, spec};

#[tokio::test]
async fn what_was_applied_can_be_read_and_applying_it_again_changes_nothing() {
    let plane = Plane::with_cart().await;
    let mut operator = plane.operator().await;
    let request = v1::GetMigrationRequest {
        name: "cart".into(),
    };
    let got = soon(operator.get_migration(request))
        .await
        .unwrap()
        .into_inner();
    let migration = got.migration.unwrap();
    assert_eq!((migration.revision, migration.etag.as_str()), (1, "1"));
    assert_eq!(migration.spec.unwrap().entities, spec().entities);
    assert!(migration.create_time.unwrap().seconds > 0);

    let request = v1::ApplyMigrationRequest {
        name: "cart".into(),
        spec: Some(spec()),
        ..Default::default()
    };
    let again = soon(operator.apply_migration(request))
        .await
        .unwrap()
        .into_inner();
    assert!(!again.created && !again.changed);
    assert_eq!(again.migration.unwrap().revision, 1);
}

#[tokio::test]
async fn a_dry_run_creates_nothing() {
    let plane = Plane::start().await;
    let mut operator = plane.operator().await;
    let request = v1::ApplyMigrationRequest {
        name: "cart".into(),
        spec: Some(spec()),
        validate_only: true,
        ..Default::default()
    };
    let answer = soon(operator.apply_migration(request))
        .await
        .unwrap()
        .into_inner();
    assert!(answer.created && answer.changed);
    let request = v1::GetMigrationRequest {
        name: "cart".into(),
    };
    let status = soon(operator.get_migration(request)).await.unwrap_err();
    assert_eq!(reason_of(&status), Some(ErrorReason::MigrationNotFound));
}

#[tokio::test]
async fn a_list_comes_in_pages() {
    let plane = Plane::start().await;
    for name in ["alpha", "beta", "gamma", "delta"] {
        plane.apply(name).await;
    }
    let mut operator = plane.operator().await;
    let mut names = Vec::new();
    let mut page_token = String::new();
    loop {
        let request = v1::ListMigrationsRequest {
            page_size: 3,
            page_token,
        };
        let page = soon(operator.list_migrations(request))
            .await
            .unwrap()
            .into_inner();
        assert!(page.migrations.len() <= 3);
        names.extend(page.migrations.into_iter().map(|migration| migration.name));
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    assert_eq!(names, ["alpha", "beta", "delta", "gamma"]);

    let request = v1::ListMigrationsRequest {
        page_size: 3,
        page_token: "2".into(),
    };
    let status = soon(operator.list_migrations(request)).await.unwrap_err();
    assert_eq!(reason_of(&status), Some(ErrorReason::PageTokenInvalid));
}

#[tokio::test]
async fn whoever_was_too_late_changes_nothing_and_learns_what_there_is() {
    let plane = Plane::with_cart().await;
    plane.set_batch_size(7).await;
    let mut operator = plane.operator().await;
    let request = v1::UpdateFlagsRequest {
        etag: "1".into(),
        ..set_batch_size(9)
    };
    let status = soon(operator.update_flags(request)).await.unwrap_err();
    assert_eq!(status.code(), Code::Aborted);
    assert_eq!(reason_of(&status), Some(ErrorReason::StaleRevision));
    assert_eq!(metadata_of(&status)["revision"], "2");

    let request = v1::UpdateFlagsRequest {
        etag: "latest".into(),
        ..set_batch_size(9)
    };
    let status = soon(operator.update_flags(request)).await.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument);
    assert_eq!(fields_of(&status)[0].path, "etag");
}

#[tokio::test]
async fn wrong_flags_are_told_by_their_names() {
    let plane = Plane::with_cart().await;
    let mut operator = plane.operator().await;
    let mask = |path: &str| {
        Some(prost_types::FieldMask {
            paths: vec![path.into()],
        })
    };
    let mut refused = async |request: v1::UpdateFlagsRequest| {
        soon(operator.update_flags(request)).await.unwrap_err()
    };

    let request = v1::UpdateFlagsRequest {
        update_mask: mask("batchsize"),
        ..set_batch_size(9)
    };
    let status = refused(request).await;
    assert_eq!(reason_of(&status), Some(ErrorReason::UnknownFlag));
    assert!(
        status.message().contains("batch_size"),
        "{}",
        status.message()
    );

    let status = refused(set_batch_size(9000)).await;
    assert_eq!(reason_of(&status), Some(ErrorReason::InvalidFlag));
    assert_eq!(fields_of(&status)[0].path, "flags.batch_size");

    let request = v1::UpdateFlagsRequest {
        update_mask: None,
        ..set_batch_size(9)
    };
    assert_eq!(
        reason_of(&refused(request).await),
        Some(ErrorReason::InvalidFlag)
    );
}

#[tokio::test]
async fn both_names_of_the_timeout_are_understood() {
    let plane = Plane::with_cart().await;
    let mut operator = plane.operator().await;
    for (millis, name) in [(20, "secondary_timeout"), (30, "secondary_timeout_ms")] {
        let nanos = millis * 1_000_000;
        let secondary_timeout = Some(prost_types::Duration { seconds: 0, nanos });
        let request = v1::UpdateFlagsRequest {
            flags: Some(v1::Flags {
                secondary_timeout,
                ..Default::default()
            }),
            update_mask: Some(prost_types::FieldMask {
                paths: vec![name.into()],
            }),
            ..set_batch_size(0)
        };
        let answer = soon(operator.update_flags(request))
            .await
            .unwrap()
            .into_inner();
        let flags = answer.migration.unwrap().spec.unwrap().flags.unwrap();
        assert_eq!(flags.secondary_timeout.unwrap().nanos, nanos);
        assert_eq!(flags.batch_size, 100, "what is not named stays");
    }
}

#[tokio::test]
async fn a_wrong_spec_is_told_field_by_field() {
    let plane = Plane::start().await;
    let mut operator = plane.operator().await;
    let mut wrong = spec();
    wrong.entities[0].key = vec!["idd".into()];
    let request = |spec| v1::ApplyMigrationRequest {
        name: "cart".into(),
        spec,
        ..Default::default()
    };
    let status = soon(operator.apply_migration(request(Some(wrong))))
        .await
        .unwrap_err();
    assert_eq!(reason_of(&status), Some(ErrorReason::InvalidManifest));
    assert!(
        fields_of(&status)[0]
            .path
            .starts_with("spec.entities[0].key"),
        "{status:?}"
    );

    let status = soon(operator.apply_migration(request(None)))
        .await
        .unwrap_err();
    assert_eq!(fields_of(&status)[0].path, "spec");

    let named = v1::ApplyMigrationRequest {
        name: "Cart!".into(),
        ..request(Some(spec()))
    };
    let status = soon(operator.apply_migration(named)).await.unwrap_err();
    assert_eq!(reason_of(&status), Some(ErrorReason::InvalidName));
}

#[tokio::test]
async fn the_history_names_who_and_why_newest_first() {
    let plane = Plane::with_cart().await;
    let mut operator = plane.operator().await;
    let change = v1::UpdateFlagsRequest {
        reason: "smaller batches".into(),
        ..set_batch_size(9)
    };
    let mut request = Request::new(change);
    request
        .metadata_mut()
        .insert(ACTOR_HEADER, "ada".parse().unwrap());
    soon(operator.update_flags(request)).await.unwrap();

    let request = v1::ListEventsRequest {
        name: "cart".into(),
        page_size: 1,
        page_token: String::new(),
    };
    let first = soon(operator.list_events(request))
        .await
        .unwrap()
        .into_inner();
    let event = &first.events[0];
    assert_eq!(
        (event.kind.as_str(), event.actor.as_str()),
        ("flags_changed", "ada")
    );
    assert_eq!(
        (event.reason.as_str(), event.revision),
        ("smaller batches", 2)
    );

    let request = v1::ListEventsRequest {
        name: "cart".into(),
        page_size: 1,
        page_token: first.next_page_token.clone(),
    };
    let second = soon(operator.list_events(request))
        .await
        .unwrap()
        .into_inner();
    let event = &second.events[0];
    assert_eq!(
        (event.kind.as_str(), event.actor.as_str()),
        ("applied", "anonymous")
    );

    plane.apply("user").await;
    let request = v1::ListEventsRequest {
        name: "user".into(),
        page_size: 1,
        page_token: first.next_page_token,
    };
    let status = soon(operator.list_events(request)).await.unwrap_err();
    assert_eq!(reason_of(&status), Some(ErrorReason::PageTokenInvalid));
}

#[tokio::test]
async fn an_older_revision_comes_back_as_a_new_one() {
    let plane = Plane::with_cart().await;
    plane.set_batch_size(7).await;
    let mut operator = plane.operator().await;
    let request = |revision| v1::RestoreRevisionRequest {
        name: "cart".into(),
        revision,
        ..Default::default()
    };
    let restored = soon(operator.restore_revision(request(1)))
        .await
        .unwrap()
        .into_inner();
    let migration = restored.migration.unwrap();
    assert_eq!(migration.revision, 3);
    assert_eq!(migration.spec.unwrap().flags.unwrap().batch_size, 100);

    let status = soon(operator.restore_revision(request(40)))
        .await
        .unwrap_err();
    assert_eq!(reason_of(&status), Some(ErrorReason::RevisionNotFound));
}

#[tokio::test]
async fn a_migration_that_is_followed_is_not_deleted() {
    let plane = Plane::with_cart().await;
    let mut operator = plane.operator().await;
    let session = plane.session("cart-1").await;
    let request = v1::DeleteMigrationRequest {
        name: "cart".into(),
        ..Default::default()
    };
    let status = soon(operator.delete_migration(request)).await.unwrap_err();
    assert_eq!(reason_of(&status), Some(ErrorReason::MigrationInUse));
    assert!(status.message().contains("cart-1"), "{}", status.message());
    drop(session);
}
