//! Starting again, with and without a control plane.

use dualwrite_link::Installing;

use crate::engine::FakeEngine;
use crate::world::{World, open, other_mapping, snapshot};

#[tokio::test(start_paused = true)]
async fn the_last_good_snapshot_is_there_after_a_restart_without_a_control_plane() {
    let mut world = World::start();
    let (mut peer, _) = world.control.greet().await;
    peer.update(snapshot(6)).await;
    peer.ack().await;
    world
        .engine
        .with(|state| state.refuses = Some(vec!["no".to_owned()]));
    peer.update(other_mapping(7)).await;
    peer.nack().await;

    let engine = FakeEngine::new();
    let link = open(world.state.path(), Installing::Never, &engine);
    assert_eq!(link.revision(), 6);
    let adopted = engine.with(|state| state.adopted.clone());
    assert_eq!((adopted[0].0, adopted[0].1.batch_size), (6, 6));
    // A schema may have changed meanwhile: nothing counts as checked.
    assert_eq!(engine.with(|state| state.checks), 0);
}

#[tokio::test(start_paused = true)]
async fn a_torn_snapshot_is_ignored_and_the_control_plane_mends_it() {
    let mut world = World::start();
    let (mut peer, _) = world.control.greet().await;
    peer.update(snapshot(6)).await;
    peer.ack().await;
    let path = world.state.path().join("snapshot.json");
    let whole = std::fs::read(&path).unwrap();
    std::fs::write(&path, &whole[..whole.len() / 2]).unwrap();

    let engine = FakeEngine::new();
    assert_eq!(
        open(world.state.path(), Installing::Never, &engine).revision(),
        0
    );
    assert!(engine.revisions().is_empty());

    peer.update(snapshot(7)).await;
    peer.ack().await;
    assert_eq!(
        open(world.state.path(), Installing::Never, &engine).revision(),
        7
    );
}

#[tokio::test(start_paused = true)]
async fn a_disk_that_refuses_stops_nothing() {
    let mut world = World::start();
    std::fs::create_dir_all(world.state.path().join("snapshot.json/in the way")).unwrap();
    let (mut peer, _) = world.control.greet().await;
    peer.update(snapshot(6)).await;
    assert_eq!(peer.ack().await, 6);
    assert_eq!(world.engine.revisions(), [6]);
}
