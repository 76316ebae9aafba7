//! Input that is wrong, through the SDK and on the sidecar's command line.

use dualwrite_client::{DualwriteClient, ErrorReason, Write, fields};
use dualwrite_tests::Scene;
use dualwrite_tests::process::Program;

#[tokio::test(flavor = "multi_thread")]
async fn each_wrong_write_has_its_reason_and_says_what_would_be_right() {
    let scene = Scene::dual_write(true, 1).await.unwrap();
    let client = DualwriteClient::connect(&scene.sidecar_urls().unwrap()[0]).unwrap();
    let key = || fields! { id: 1 };
    let write = || client.write();
    let cases: Vec<(Write, ErrorReason, &str)> = vec![
        (
            write().upsert("basket", key()),
            ErrorReason::UnknownEntity,
            "cart_item",
        ),
        (
            write().update("cart", key(), fields! { stat: "x" }),
            ErrorReason::UnknownColumn,
            "state",
        ),
        (
            write().update("cart", key(), fields! { status: "x" }),
            ErrorReason::UnknownColumn,
            "status",
        ),
        (
            write().update("cart", key(), fields! { total: "much" }),
            ErrorReason::WrongType,
            "total",
        ),
        (
            write().update("cart", key(), fields! { total: "1.005" }),
            ErrorReason::WrongType,
            "total",
        ),
        (
            write().update("cart", key(), fields! { id: 2 }),
            ErrorReason::KeyChange,
            "delete and insert",
        ),
        (
            write().upsert("cart", fields! { state: "open" }),
            ErrorReason::MissingKey,
            "id",
        ),
        (
            write().delete("cart_item", fields! { cart_id: 1 }),
            ErrorReason::MissingKey,
            "product_id",
        ),
        (write(), ErrorReason::EmptyWrite, "at least one"),
        (
            write().insert("cart", fields! { id: 1, user_id: "u" }),
            ErrorReason::RowExists,
            "upsert",
        ),
        (
            write()
                .update("cart", fields! { id: -5 }, fields! { state: "x" })
                .must_match(),
            ErrorReason::ConditionNotMet,
            "matched no row",
        ),
        (
            write().delete("cart", key()),
            ErrorReason::PrimaryConstraint,
            "foreign key",
        ),
    ];
    for (write, reason, says) in cases {
        let error = write.send().await.unwrap_err();
        assert_eq!(error.reason(), Some(reason), "{error}");
        assert!(error.to_string().contains(says), "{reason:?} says: {error}");
        assert!(!error.is_retryable(), "{reason:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_primary_that_is_away_is_said_by_name_and_may_be_tried_again() {
    let mut scene = Scene::dual_write(true, 1).await.unwrap();
    let url = scene.sidecar_urls().unwrap()[0].clone();
    let builder = DualwriteClient::builder().endpoint(url);
    let client = builder
        .timeout(std::time::Duration::from_secs(2))
        .connect()
        .unwrap();
    let dualwrite_tests::cart::Databases::Postgres { legacy, .. } = &mut scene.databases else {
        panic!("PostgreSQL was asked for");
    };
    legacy.stop().await.unwrap();
    let visit = fields! { id: "user-1" };
    let error = client
        .write()
        .increment("user", visit, fields! { visits: 1 })
        .send()
        .await
        .unwrap_err();
    let reasons = [
        ErrorReason::PrimaryUnavailable,
        ErrorReason::OutcomeUnknown,
        ErrorReason::PrimaryTimeout,
    ];
    assert!(
        error
            .reason()
            .is_some_and(|reason| reasons.contains(&reason)),
        "{error:?}"
    );
    assert!(error.is_retryable());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_url_is_a_usage_error_that_hides_the_password() {
    let cases = [
        ("postgres//user:hunter2@localhost/db", "postgresql://"),
        ("mongodb://user:hunter2@localhost/db", "sqlite"),
        ("postgresql://user:hunter2@localhost:port/db", "port"),
    ];
    for (url, says) in cases {
        let program = Program::named("dualwrite-sidecar").unwrap();
        let arguments = [
            "run",
            "--service",
            "cart",
            "--legacy-url",
            url,
            "--listen",
            "127.0.0.1:0",
        ];
        let output = program
            .args(arguments)
            .args(["--http-listen", "127.0.0.1:0"])
            .run()
            .await
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{url}: {said}");
        assert!(said.contains(says), "{url} said: {said}");
        assert!(!said.contains("hunter2"), "{said}");
    }
}
