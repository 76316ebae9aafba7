//! Losing the control plane, and finding it again.

use std::time::Duration;

use dualwrite_proto::v1::session_request::Kind as Up;
use tokio::time::Instant;
use tonic::Status;

use crate::world::{World, snapshot};

#[tokio::test(start_paused = true)]
async fn a_session_that_ends_is_followed_by_one_with_the_revision_held() {
    let mut world = World::start();
    let (mut peer, _) = world.control.greet().await;
    peer.update(snapshot(3)).await;
    peer.ack().await;
    drop(peer);

    let (peer, hello) = world.control.greet().await;
    assert_eq!(hello.revision, 3);
    peer.fail(Status::unavailable("restarting")).await;

    let (mut peer, hello) = world.control.greet().await;
    assert_eq!((hello.instance.as_str(), hello.revision), ("cart-1", 3));
    peer.update(snapshot(4)).await;
    assert_eq!(peer.ack().await, 4);
}

#[tokio::test(start_paused = true)]
async fn a_migration_that_does_not_exist_yet_is_asked_for_again() {
    let mut world = World::start();
    for _ in 0..3 {
        let (peer, _) = world.control.greet().await;
        peer.fail(Status::not_found("no migration `cart`")).await;
    }
    let (mut peer, _) = world.control.greet().await;
    peer.update(snapshot(1)).await;
    assert_eq!(peer.ack().await, 1);
}

#[tokio::test(start_paused = true)]
async fn a_silent_control_plane_is_given_up_after_three_intervals_and_not_before() {
    let mut world = World::start();
    let (mut peer, _) = world.control.greet().await;
    let interval = Duration::from_secs(1);
    // Alive for ten intervals, and then silent.
    for _ in 0..10 {
        peer.beat(interval).await;
        tokio::time::sleep(interval).await;
    }
    let silent_since = Instant::now().checked_sub(interval).unwrap();
    while peer.next().await.is_some() {}
    assert_eq!(silent_since.elapsed(), 3 * interval);
    world.control.greet().await;
}

#[tokio::test(start_paused = true)]
async fn heartbeats_go_as_often_as_the_control_plane_asks() {
    let mut world = World::start();
    let (mut peer, _) = world.control.greet().await;
    peer.heartbeat().await;
    peer.beat(Duration::from_millis(500)).await;
    // The new interval counts at once, with a heartbeat.
    peer.heartbeat().await;
    let before = Instant::now();
    peer.heartbeat().await;
    peer.beat(Duration::from_millis(500)).await;
    peer.heartbeat().await;
    assert_eq!(before.elapsed(), Duration::from_secs(1));
}

#[tokio::test(start_paused = true)]
async fn waits_between_attempts_grow_and_start_anew_after_a_good_session() {
    let mut world = World::start();
    let mut waits = Vec::new();
    for _ in 0..4 {
        let (peer, _) = world.control.greet().await;
        peer.fail(Status::unavailable("away")).await;
        let failed = Instant::now();
        let (peer, _) = world.control.greet().await;
        waits.push(failed.elapsed().as_millis());
        peer.fail(Status::unavailable("away")).await;
    }
    assert!(
        waits.is_sorted() && waits[0] >= 50 && waits[3] > waits[0],
        "{waits:?}"
    );

    let (mut peer, _) = world.control.greet().await;
    for _ in 0..10 {
        peer.beat(Duration::from_secs(1)).await;
        peer.heartbeat().await;
    }
    drop(peer);
    let ended = Instant::now();
    world.control.greet().await;
    assert!(
        ended.elapsed() <= Duration::from_millis(100),
        "{:?}",
        ended.elapsed()
    );
}

#[tokio::test(start_paused = true)]
async fn a_sidecar_that_ends_says_so() {
    let mut world = World::start();
    let (mut peer, _) = world.control.greet().await;
    world.shutdown.cancel();
    let leaving = |kind| {
        if let Up::Leaving(leaving) = kind {
            Some(leaving)
        } else {
            None
        }
    };
    peer.until(leaving).await;
    assert!(peer.next().await.is_none());
    drop(peer);
    world.following.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn ending_does_not_wait_for_a_control_plane_that_is_away() {
    let mut world = World::start();
    let (peer, _) = world.control.greet().await;
    peer.fail(Status::unavailable("away")).await;
    world.shutdown.cancel();
    world.following.await.unwrap();
}
