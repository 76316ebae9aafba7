//! Reports: nothing counted twice, nothing forgotten.

use std::time::Duration;

use dualwrite_engine::EntityBacklog;
use dualwrite_proto::v1;

use crate::world::World;

const INTERVAL: Duration = Duration::from_secs(2);

fn attempts(report: &v1::Report) -> u64 {
    report.operations.iter().map(|delta| delta.attempts).sum()
}

#[tokio::test(start_paused = true)]
async fn what_was_done_between_two_sessions_is_in_the_next_report() {
    let mut world = World::start();
    let (mut peer, _) = world.control.greet().await;
    world.engine.with(|state| state.writes = 5);
    let first = peer.report().await;
    assert_eq!((first.sequence, attempts(&first)), (101, 5));
    assert_eq!(first.pools.len(), 2);
    assert_eq!(first.comparisons[0].mismatches, 2);
    peer.beat(INTERVAL).await;
    let second = peer.report().await;
    assert_eq!((second.sequence, attempts(&second)), (102, 0));
    assert_eq!(second.interval.unwrap().seconds, 2);
}

#[tokio::test(start_paused = true)]
async fn a_report_that_may_be_lost_is_sent_again_under_its_number() {
    let mut world = World::start();
    let (mut peer, _) = world.control.greet().await;
    world.engine.with(|state| state.writes = 5);
    let lost = peer.report().await;
    drop(peer);

    world.engine.with(|state| state.writes = 3);
    let (mut peer, _) = world.control.greet().await;
    assert_eq!(peer.report().await, lost);
    let next = peer.report().await;
    assert_eq!((next.sequence, attempts(&next)), (102, 3));
}

#[tokio::test(start_paused = true)]
async fn a_report_that_was_surely_received_is_not_sent_again() {
    let mut world = World::start();
    let (mut peer, _) = world.control.greet().await;
    let first = peer.report().await;
    for _ in 0..3 {
        peer.beat(INTERVAL).await;
        peer.report().await;
    }
    peer.beat(INTERVAL).await;
    drop(peer);
    let (mut peer, _) = world.control.greet().await;
    assert!(peer.report().await.sequence > first.sequence);
}

#[tokio::test(start_paused = true)]
async fn a_backlog_that_nobody_knows_is_the_last_known_one_and_never_zero() {
    let mut world = World::start();
    let (mut peer, _) = world.control.greet().await;
    let backlog = EntityBacklog {
        entity: "cart".into(),
        markers: 12,
        oldest_age: Duration::from_secs(3),
        quarantined: 1,
    };
    world.engine.with(|state| state.backlogs = vec![backlog]);
    assert_eq!(peer.report().await.backlogs[0].markers, 12);
    peer.beat(INTERVAL).await;
    // The primary does not answer.
    world.engine.with(|state| state.backlogs.clear());
    let report = peer.report().await;
    assert_eq!(
        (report.backlogs[0].markers, report.backlogs[0].quarantined),
        (12, 1)
    );
}
