//! The process ends: nobody holds it open.

use dualwrite_proto::status::{is_retryable, reason_of};
use dualwrite_proto::v1::ErrorReason;
use tonic::Code;

use crate::support::{Plane, soon};
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
