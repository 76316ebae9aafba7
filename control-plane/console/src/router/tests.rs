use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::body::Body;
use dualwrite_control_app::Setup;
use dualwrite_control_app::fleet::{Commands, Heard, Hello, Seat};
use dualwrite_control_app::model::{Author, Nack};
use dualwrite_control_app::ports::{Ids, SystemClock};
use dualwrite_control_app::verbs::Apply;
use dualwrite_control_store::SqliteStore;
use dualwrite_core::convert::Convert;
use dualwrite_core::spec::{Capture, Column, Entity, Spec, TableName};
use http::{Request, StatusCode};
use http_body_util::BodyExt;
use tower::ServiceExt;

use super::*;

#[derive(Debug, Default)]
struct Numbers(AtomicU64);

impl Ids for Numbers {
    fn next(&self) -> String {
        self.0.fetch_add(1, Ordering::Relaxed).to_string()
    }
}

async fn plane() -> (ControlPlane, SqliteStore) {
    let store = SqliteStore::in_memory().await.unwrap();
    let setup = Setup {
        store: Arc::new(store.clone()),
        clock: Arc::new(SystemClock::new()),
        ids: Arc::new(Numbers::default()),
        transition_limit: dualwrite_control_app::app::TRANSITION_LIMIT,
    };
    (ControlPlane::start(setup).await.unwrap(), store)
}

async fn get(plane: &ControlPlane, path: &str) -> (StatusCode, String) {
    let request = Request::get(path).body(Body::empty()).unwrap();
    let response = router(plane.clone(), "1.2.3", Rpcs::default())
        .oneshot(request)
        .await
        .unwrap();
    assert!(
        response.headers().contains_key(CONTENT_SECURITY_POLICY),
        "{path}"
    );
    let status = response.status();
    let bytes = response.into_body().collect().await.unwrap().to_bytes();
    (status, String::from_utf8(bytes.to_vec()).unwrap())
}

async fn apply(plane: &ControlPlane, reason: &str) {
    let column = |name: &str| Column {
        legacy: name.into(),
        new: name.into(),
        convert: Convert::default(),
        sensitive: false,
    };
    let cart = Entity {
        name: "cart".into(),
        root: true,
        key: vec!["id".into()],
        capture: Capture::None,
        legacy_table: TableName::bare("carts"),
        new_table: TableName::bare("carts"),
        columns: vec![column("id"), column("owner")],
    };
    let request = Apply {
        name: "cart".into(),
        spec: Spec {
            entities: vec![cart],
            ..Spec::default()
        },
        initial_phase: None,
        seen: None,
        author: Author::new("ada", reason),
        validate_only: false,
    };
    plane.apply(request).await.unwrap();
}

async fn sidecar(plane: &ControlPlane, instance: &str) -> (Seat, Commands) {
    let hello = Hello {
        service: "cart".into(),
        instance: instance.into(),
        version: "0.1.0".into(),
        revision: 0,
    };
    plane.join(hello).await.unwrap()
}

#[tokio::test]
async fn a_process_that_works_is_live_and_ready() {
    let (plane, _store) = plane().await;
    assert_eq!(get(&plane, "/livez").await, (StatusCode::OK, "ok\n".into()));
    assert_eq!(
        get(&plane, "/readyz").await,
        (StatusCode::OK, "ok\n".into())
    );
    assert_eq!(
        get(&plane, "/readyz?verbose").await.1,
        "[+]store ok\nreadyz check passed\n"
    );
    let version = get(&plane, "/version").await.1;
    assert_eq!(
        version,
        r#"{"name":"dualwrite-control-plane","version":"1.2.3"}"#
    );
    assert_eq!(get(&plane, "/none").await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn without_its_store_it_is_live_and_not_ready() {
    let (plane, store) = plane().await;
    store.close().await;
    assert_eq!(get(&plane, "/livez").await.0, StatusCode::OK);
    let (status, text) = get(&plane, "/readyz?verbose").await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(text.starts_with("[-]store failed: the store"), "{text}");
    assert!(text.ends_with("readyz check failed\n"), "{text}");
    assert_eq!(get(&plane, "/").await.0, StatusCode::SERVICE_UNAVAILABLE);
}

#[tokio::test]
async fn an_empty_page_says_how_to_begin() {
    let (plane, _store) = plane().await;
    let (status, page) = get(&plane, "/").await;
    assert_eq!(status, StatusCode::OK);
    assert!(page.contains("dualwrite apply -f FILE"), "{page}");
}

#[tokio::test]
async fn the_page_shows_the_migration_its_fleet_and_what_happened() {
    let (plane, _store) = plane().await;
    apply(&plane, "begin").await;
    let (first, _commands) = sidecar(&plane, "cart-1").await;
    first.heard(Heard::Ack { revision: 1 }).await.unwrap();
    let (second, _commands) = sidecar(&plane, "cart-2").await;
    let nack = Nack {
        revision: 1,
        reasons: vec!["no column `owner`".into()],
    };
    second.heard(Heard::Nack(nack)).await.unwrap();

    let page = get(&plane, "/").await.1;
    for part in [
        "<meta http-equiv=\"refresh\" content=\"5\">",
        "<h2>cart</h2>",
        "<b>legacy_only</b>",
        "2 live, 1 on this revision, 1 refuse it",
        "<td>cart-1</td>",
        "refuses 1: no column `owner`",
        "<td>applied</td><td>ada</td><td>begin</td>",
    ] {
        assert!(page.contains(part), "{part} is missing in {page}");
    }
    assert!(
        get(&plane, "/style.css")
            .await
            .1
            .contains("prefers-color-scheme")
    );
}

#[tokio::test]
async fn what_others_wrote_is_never_markup() {
    let (plane, _store) = plane().await;
    apply(&plane, "<script>alert(1)</script>").await;
    let _seated = sidecar(&plane, "<img src=x>").await;
    let page = get(&plane, "/").await.1;
    assert!(
        !page.contains("<script") && !page.contains("<img"),
        "{page}"
    );
    assert!(
        page.contains("&lt;script&gt;") && page.contains("&lt;img src=x&gt;"),
        "{page}"
    );
}
