//! What sidecars report, as operators see it.

use dualwrite_proto::v1;
use dualwrite_proto::v1::session_request::Kind as Say;
use dualwrite_proto::v1::session_response::Kind as Told;

use crate::support::{Plane, set_batch_size, soon};
use crate::watching::Watcher;

#[tokio::test]
async fn waiting_for_a_change_ends_when_every_live_sidecar_has_accepted_it() {
    let plane = Plane::with_cart().await;
    let mut first = plane.session("cart-1").await;
    let mut second = plane.session("cart-2").await;
    for session in [&first, &second] {
        session.say(Say::Ack(v1::Ack { revision: 1 })).await;
    }
    let mut operator = plane.operator().await;
    let request = v1::UpdateFlagsRequest {
        wait: true,
        ..set_batch_size(7)
    };
    let update = tokio::spawn(async move { operator.update_flags(request).await });
    assert_eq!(first.update().await.revision, 2);
    assert_eq!(second.update().await.revision, 2);
    first.say(Say::Ack(v1::Ack { revision: 2 })).await;
    let mut watcher = Watcher::of(&plane, "cart").await;
    watcher
        .until(|seen| seen.migration().health().acked_sidecars == 1)
        .await;
    assert!(!update.is_finished(), "one of two is not every one");
    second.say(Say::Ack(v1::Ack { revision: 2 })).await;
    let answer = soon(update).await.unwrap().unwrap().into_inner();
    let health = answer.migration.unwrap().health.unwrap();
    assert_eq!((health.live_sidecars, health.acked_sidecars), (2, 2));
}

#[tokio::test]
async fn waiting_ends_with_the_deadline_and_tells_how_it_stands() {
    let plane = Plane::with_cart().await;
    let _silent = plane.session("cart-1").await;
    let mut request = tonic::Request::new(v1::UpdateFlagsRequest {
        wait: true,
        ..set_batch_size(7)
    });
    request.set_timeout(std::time::Duration::from_secs(2));
    let answer = soon(plane.operator().await.update_flags(request))
        .await
        .unwrap()
        .into_inner();
    let migration = answer.migration.unwrap();
    assert_eq!(migration.revision, 2);
    let health = migration.health.unwrap();
    assert_eq!((health.live_sidecars, health.acked_sidecars), (1, 0));
}

#[tokio::test]
async fn a_refusal_is_listed_with_its_reasons() {
    let plane = Plane::with_cart().await;
    let session = plane.session("cart-1").await;
    let reasons = vec!["legacy: table `carts` has no column `owner`".to_owned()];
    session
        .say(Say::Nack(v1::Nack {
            revision: 1,
            reasons: reasons.clone(),
        }))
        .await;
    let mut watcher = Watcher::of(&plane, "cart").await;
    watcher
        .until(|seen| seen.migration().health().nacked_sidecars == 1)
        .await;

    let request = v1::ListSidecarsRequest {
        name: "cart".into(),
    };
    let listed = soon(plane.operator().await.list_sidecars(request))
        .await
        .unwrap();
    let sidecars = listed.into_inner().sidecars;
    let [sidecar] = sidecars.as_slice() else {
        panic!("one sidecar: {sidecars:?}")
    };
    assert_eq!((sidecar.instance.as_str(), sidecar.live), ("cart-1", true));
    assert_eq!(sidecar.version, "0.1.0");
    assert_eq!((sidecar.revision_acked, sidecar.revision_nacked), (0, 1));
    assert_eq!(sidecar.nack_reasons, reasons);
}

#[tokio::test]
async fn fences_and_backlogs_reach_the_operator() {
    let plane = Plane::with_cart().await;
    let session = plane.session("cart-1").await;
    let fence = v1::Fence {
        epoch: 1,
        role: v1::Role::Primary.into(),
        phase: v1::Phase::LegacyOnly.into(),
        plan_id: String::new(),
    };
    let beat = v1::SidecarHeartbeat {
        revision: 1,
        legacy_fence: Some(fence.clone()),
        new_fence: None,
    };
    session.say(Say::Heartbeat(beat)).await;
    session.say(Say::Report(report())).await;
    let mut watcher = Watcher::of(&plane, "cart").await;
    let seen = watcher
        .until(|seen| seen.migration().health().markers == 3)
        .await;
    let health = seen.migration().health();
    assert_eq!(health.legacy_fence.as_ref(), Some(&fence));
    assert_eq!(health.new_fence, None);
    assert_eq!(health.oldest_marker_age.unwrap().seconds, 4);
    assert_eq!(health.comparisons, report().comparisons);

    let request = v1::QueryMetricsRequest {
        name: "cart".into(),
        lookback: None,
    };
    let metrics = soon(plane.operator().await.query_metrics(request))
        .await
        .unwrap()
        .into_inner();
    let [total] = metrics.totals.as_slice() else {
        panic!("one total: {metrics:?}")
    };
    assert_eq!(
        (total.entity.as_str(), total.attempts, total.successes),
        ("cart", 10, 9)
    );
    assert_eq!(total.failures["timeout"], 1);
    assert_eq!(metrics.points.len(), 1);
}

fn report() -> v1::Report {
    v1::Report {
        sequence: 1,
        operations: vec![v1::OperationDelta {
            entity: "cart".into(),
            side: v1::Side::Legacy.into(),
            attempts: 10,
            successes: 9,
            failures: [("timeout".to_owned(), 1)].into(),
            ..Default::default()
        }],
        backlogs: vec![v1::Backlog {
            entity: "cart".into(),
            markers: 3,
            oldest_age: Some(prost_types::Duration {
                seconds: 4,
                nanos: 0,
            }),
            quarantined: 0,
        }],
        comparisons: vec![v1::ReadComparisons {
            entity: "cart".into(),
            matches: 7,
            mismatches: 1,
            shed: 2,
            ..Default::default()
        }],
        ..Default::default()
    }
}

#[tokio::test]
async fn a_key_is_checked_by_a_sidecar() {
    let plane = Plane::with_cart().await;
    let mut session = plane.session("cart-1").await;
    let key: std::collections::BTreeMap<_, _> = [("id".to_owned(), "7".to_owned())].into();
    let request = v1::ValidateKeyRequest {
        name: "cart".into(),
        entity: String::new(),
        key: key.clone(),
    };
    let mut operator = plane.operator().await;
    let asked = tokio::spawn(async move { operator.validate_key(request).await });
    let Told::CheckKey(question) = session.news().await else {
        panic!("a question")
    };
    assert_eq!((question.entity.as_str(), &question.key), ("cart", &key));
    let check = v1::KeyCheck {
        entity: "cart".into(),
        verdict: v1::key_check::Verdict::Different.into(),
        columns: vec!["owner".into()],
    };
    let answer = v1::KeyChecked {
        request_id: question.request_id,
        check: Some(check.clone()),
        error: String::new(),
        ..v1::KeyChecked::default()
    };
    session.say(Say::KeyChecked(answer)).await;
    assert_eq!(
        soon(asked).await.unwrap().unwrap().into_inner().check,
        Some(check)
    );
}
