//! One session: hello, settings, heartbeats, end.

use std::time::Duration;

use dualwrite_proto::status::{fields_of, reason_of};
use dualwrite_proto::v1;
use dualwrite_proto::v1::ErrorReason;
use dualwrite_proto::v1::session_request::Kind as Say;
use dualwrite_proto::v1::session_response::Kind as Told;
use dualwrite_proto::v1::sidecar_service_client::SidecarServiceClient;
use tonic::Code;

use crate::support::{Plane, Session, heartbeat, hello, soon, spec};

/// Short, so that silence is soon seen; and long enough for a busy machine to
/// say hello within three of it.
const INTERVAL: Duration = Duration::from_millis(200);

#[tokio::test]
async fn after_the_hello_the_settings_come_first() {
    let plane = Plane::with_cart().await;
    let mut session = Session::open(plane.channel().await, hello("cart", "cart-1")).await;
    let Some(Told::Update(update)) = session.told().await.unwrap() else {
        panic!("settings come first");
    };
    let snapshot = update.snapshot.unwrap();
    assert_eq!(
        (snapshot.service.as_str(), snapshot.revision, snapshot.epoch),
        ("cart", 1, 1)
    );
    assert_eq!(snapshot.phase(), v1::Phase::LegacyOnly);
    assert_eq!(snapshot.spec.unwrap().entities, spec().entities);
    let Some(Told::Heartbeat(beat)) = session.told().await.unwrap() else {
        panic!("then a heartbeat, for it says how often they are expected");
    };
    assert_eq!(beat.revision, 1);
    assert_eq!(beat.interval.unwrap().seconds, 3600);
}

#[tokio::test]
async fn a_change_arrives_without_being_asked_for() {
    let plane = Plane::with_cart().await;
    let mut session = plane.session("cart-1").await;
    session.say(Say::Ack(v1::Ack { revision: 1 })).await;
    plane.set_batch_size(7).await;
    let snapshot = session.update().await;
    assert_eq!(snapshot.revision, 2);
    assert_eq!(snapshot.spec.unwrap().flags.unwrap().batch_size, 7);
}

#[tokio::test]
async fn a_slow_sidecar_is_told_the_newest_and_nothing_in_between() {
    let plane = Plane::with_cart().await;
    let mut session = plane.session("cart-1").await;
    for batch_size in 1..=50 {
        plane.set_batch_size(batch_size).await;
    }
    session.say(Say::Ack(v1::Ack { revision: 1 })).await;
    let snapshot = session.update().await;
    assert_eq!(snapshot.revision, 51);
    assert_eq!(snapshot.spec.unwrap().flags.unwrap().batch_size, 50);
}

#[tokio::test]
async fn heartbeats_carry_the_revision_and_the_interval() {
    let plane = Plane::with_heartbeat(INTERVAL).await;
    plane.apply("cart").await;
    let mut session = plane.session("cart-1").await;
    for _ in 0..4 {
        session.say(heartbeat(1)).await;
        let Some(Told::Heartbeat(beat)) = session.told().await.unwrap() else {
            panic!("nothing but heartbeats");
        };
        assert_eq!(beat.revision, 1);
        assert_eq!(beat.interval.unwrap().nanos, 200_000_000);
    }
}

#[tokio::test]
async fn a_silent_sidecar_is_seen_as_gone() {
    let plane = Plane::with_heartbeat(INTERVAL).await;
    plane.apply("cart").await;
    let mut session = plane.session("cart-1").await;
    let status = session.end().await.unwrap();
    assert_eq!(reason_of(&status), Some(ErrorReason::Deadline));
    let request = v1::ListSidecarsRequest {
        name: "cart".into(),
    };
    let listed = soon(plane.operator().await.list_sidecars(request))
        .await
        .unwrap();
    let sidecars = listed.into_inner().sidecars;
    assert!(sidecars.iter().all(|sidecar| !sidecar.live), "{sidecars:?}");
}

#[tokio::test]
async fn whoever_connects_and_says_nothing_is_sent_away() {
    let plane = Plane::with_heartbeat(INTERVAL).await;
    let (_requests, outgoing) = tokio::sync::mpsc::channel::<v1::SessionRequest>(1);
    let outgoing = tokio_stream::wrappers::ReceiverStream::new(outgoing);
    let mut client = SidecarServiceClient::new(plane.channel().await);
    let mut told = soon(client.session(outgoing)).await.unwrap().into_inner();
    let status = soon(told.message()).await.unwrap_err();
    assert_eq!(reason_of(&status), Some(ErrorReason::Deadline));
}

#[tokio::test]
async fn an_unknown_migration_is_told_as_such() {
    let plane = Plane::with_cart().await;
    let mut session = Session::open(plane.channel().await, hello("user", "user-1")).await;
    let status = session.end().await.unwrap();
    assert_eq!(status.code(), Code::NotFound);
    assert_eq!(reason_of(&status), Some(ErrorReason::MigrationNotFound));

    let mut client = SidecarServiceClient::new(plane.channel().await);
    let request = v1::GetSnapshotRequest {
        service: "user".into(),
    };
    let status = soon(client.get_snapshot(request)).await.unwrap_err();
    assert_eq!(reason_of(&status), Some(ErrorReason::MigrationNotFound));
}

#[tokio::test]
async fn what_makes_no_sense_ends_the_session_with_what_is_wrong() {
    let plane = Plane::with_cart().await;
    for (first, wrong) in [
        (heartbeat(0), "hello"),
        (hello("", "cart-1"), "hello.service"),
        (hello("cart", ""), "hello.instance"),
    ] {
        let mut session = Session::open(plane.channel().await, first).await;
        let status = session.end().await.unwrap();
        assert_eq!(status.code(), Code::InvalidArgument);
        assert_eq!(fields_of(&status)[0].path, wrong);
    }

    let mut session = plane.session("cart-1").await;
    let fence = Some(v1::Fence {
        role: 77,
        ..Default::default()
    });
    let beat = v1::SidecarHeartbeat {
        revision: 1,
        legacy_fence: fence,
        new_fence: None,
    };
    session.say(Say::Heartbeat(beat)).await;
    let status = session.end().await.unwrap();
    assert_eq!(fields_of(&status)[0].path, "heartbeat.legacy_fence.role");
}

#[tokio::test]
async fn a_second_session_of_an_instance_takes_the_place_of_the_first() {
    let plane = Plane::with_cart().await;
    let mut first = plane.session("cart-1").await;
    let _second = plane.session("cart-1").await;
    let status = first.end().await.unwrap();
    assert_eq!(status.code(), Code::Aborted);
    assert!(
        status.message().contains("same instance"),
        "{}",
        status.message()
    );
}

#[tokio::test]
async fn a_sidecar_that_leaves_is_let_go_without_an_error() {
    let plane = Plane::with_cart().await;
    let mut session = plane.session("cart-1").await;
    session.say(Say::Leaving(v1::Leaving {})).await;
    assert!(session.end().await.is_none());

    let session = plane.session("cart-2").await;
    let mut responses = session.close();
    while soon(responses.message()).await.unwrap().is_some() {}
}

#[tokio::test]
async fn a_snapshot_can_be_had_once() {
    let plane = Plane::with_cart().await;
    plane.set_batch_size(9).await;
    let mut client = SidecarServiceClient::new(plane.channel().await);
    let request = v1::GetSnapshotRequest {
        service: "cart".into(),
    };
    let snapshot = soon(client.get_snapshot(request))
        .await
        .unwrap()
        .into_inner()
        .snapshot
        .unwrap();
    assert_eq!(snapshot.revision, 2);
    assert_eq!(snapshot.spec.unwrap().flags.unwrap().batch_size, 9);
}
