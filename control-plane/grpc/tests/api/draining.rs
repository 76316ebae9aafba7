//! The process ends: nobody holds it open.

use dualwrite_proto::status::{is_retryable, reason_of};
use dualwrite_proto::v1;
use dualwrite_proto::v1::ErrorReason;
use dualwrite_proto::v1::session_request::Kind as Say;
use tonic::Code;

use crate::support::{Plane, set_batch_size, soon};
use crate::watching::Watcher;

#[tokio::test]
async fn sessions_and_watches_end_at_once_and_the_server_with_them() {
    let plane = Plane::with_cart().await;
    let mut session = plane.session("cart-1").await;
    let mut watcher = Watcher::of(&plane, "cart").await;
    watcher.next().await.unwrap();

    plane.drain.cancel();
    let status = session.end().await.unwrap();
    assert_eq!(status.code(), Code::Unavailable);
    assert_eq!(reason_of(&status), Some(ErrorReason::ShuttingDown));
    assert!(is_retryable(&status));
    while watcher.next().await.is_some() {}
    soon(plane.serving).await.unwrap();
}

#[tokio::test]
async fn whoever_waits_is_answered_with_how_it_stands() {
    let plane = Plane::with_cart().await;
    let mut session = plane.session("cart-1").await;
    let mut operator = plane.operator().await;
    let request = v1::UpdateFlagsRequest {
        wait: true,
        ..set_batch_size(7)
    };
    let waiting = tokio::spawn(async move { operator.update_flags(request).await });
    session.say(Say::Ack(v1::Ack { revision: 1 })).await;
    assert_eq!(
        session.update().await.revision,
        2,
        "it has changed, and is not accepted"
    );

    plane.drain.cancel();
    let answer = soon(waiting).await.unwrap().unwrap().into_inner();
    assert_eq!(answer.migration.unwrap().revision, 2);
    soon(plane.serving).await.unwrap();
}
