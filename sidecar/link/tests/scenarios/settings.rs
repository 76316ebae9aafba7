//! How settings are taken over, and refused.

use dualwrite_core::phase::Phase;
use dualwrite_core::side::Role;
use dualwrite_link::Installing;
use dualwrite_proto::v1;
use tokio::time::Instant;

use crate::engine::{FakeEngine, State, fence};
use crate::world::{World, other_mapping, snapshot};

#[tokio::test(start_paused = true)]
async fn an_update_is_checked_adopted_and_acknowledged() {
    let mut world = World::start();
    let (mut peer, hello) = world.control.greet().await;
    assert_eq!(
        (hello.service.as_str(), hello.instance.as_str()),
        ("cart", "cart-1")
    );
    assert_eq!((hello.version.as_str(), hello.revision), ("1.2.3", 0));

    peer.update(snapshot(7)).await;
    assert_eq!(peer.ack().await, 7);
    let adopted = world.engine.with(|state| state.adopted.clone());
    assert_eq!(adopted.len(), 1);
    assert_eq!(
        (adopted[0].0, adopted[0].1.batch_size, adopted[0].2),
        (7, 7, false)
    );
    assert_eq!(peer.heartbeat().await.revision, 7);
}

#[tokio::test(start_paused = true)]
async fn a_mapping_is_checked_only_when_it_changed() {
    let mut world = World::start();
    let (mut peer, _) = world.control.greet().await;
    for revision in 1..=3 {
        peer.update(snapshot(revision)).await;
        assert_eq!(peer.ack().await, revision);
    }
    assert_eq!(world.engine.with(|state| state.checks), 1);
    peer.update(other_mapping(4)).await;
    assert_eq!(peer.ack().await, 4);
    assert_eq!(world.engine.with(|state| state.checks), 2);
}

#[tokio::test(start_paused = true)]
async fn a_refused_update_keeps_the_last_good_one_and_is_tried_again() {
    let mut world = World::start();
    let (mut peer, _) = world.control.greet().await;
    peer.update(snapshot(1)).await;
    assert_eq!(peer.ack().await, 1);

    let reason = "new: table cart has no column `remark`".to_owned();
    world
        .engine
        .with(|state| state.refuses = Some(vec![reason.clone()]));
    peer.update(other_mapping(2)).await;
    assert_eq!(peer.nack().await, (2, vec![reason]));
    assert_eq!(world.engine.revisions(), [1]);
    peer.heartbeat().await;
    assert_eq!(peer.heartbeat().await.revision, 1);

    // Somebody adds the column; nobody tells the sidecar. The control plane
    // lives, which keeps the session.
    world.engine.with(|state| state.refuses = None);
    loop {
        peer.beat(std::time::Duration::from_secs(2)).await;
        tokio::select! {
            revision = peer.ack() => { assert_eq!(revision, 2); break; }
            () = tokio::time::sleep(std::time::Duration::from_secs(1)) => {}
        }
    }
    assert_eq!(world.engine.revisions(), [1, 2]);
}

#[tokio::test(start_paused = true)]
async fn what_is_malformed_or_of_another_service_is_refused_with_its_place() {
    let mut world = World::start();
    let (mut peer, _) = world.control.greet().await;
    let wrong = [
        (
            v1::Snapshot {
                phase: 0,
                ..snapshot(2)
            },
            "phase",
        ),
        (
            v1::Snapshot {
                spec: None,
                ..snapshot(3)
            },
            "spec",
        ),
        (
            v1::Snapshot {
                service: "order".to_owned(),
                ..snapshot(4)
            },
            "`order`",
        ),
    ];
    for (update, word) in wrong {
        let revision = update.revision;
        peer.update(update).await;
        let (refused, reasons) = peer.nack().await;
        assert_eq!(refused, revision);
        assert!(reasons[0].contains(word), "{reasons:?}");
    }
    assert!(world.engine.revisions().is_empty());
    // The session goes on.
    peer.update(snapshot(5)).await;
    assert_eq!(peer.ack().await, 5);
}

#[tokio::test(start_paused = true)]
async fn an_update_that_was_overtaken_while_it_was_checked_is_never_adopted() {
    let mut world = World::start();
    world.engine.with(|state| state.check_waits = true);
    let (mut peer, _) = world.control.greet().await;
    peer.update(snapshot(1)).await;
    let began = |state: &mut State| state.checks == 1;
    world.engine.until("the check began", began).await;
    world.engine.with(|state| state.check_waits = false);
    peer.update(snapshot(2)).await;
    assert_eq!(peer.ack().await, 2);
    assert_eq!(world.engine.revisions(), [2]);
}

#[tokio::test(start_paused = true)]
async fn a_running_plan_is_told_to_the_engine_as_a_hint() {
    let mut world = World::start();
    let (mut peer, _) = world.control.greet().await;
    let plan = v1::Plan {
        plan_id: "p1".to_owned(),
        kind: v1::PlanKind::Open.into(),
        from_phase: v1::Phase::LegacyOnly.into(),
        to_phase: v1::Phase::DualWrite.into(),
        from_epoch: 1,
        to_epoch: 2,
        primary: v1::Side::Legacy.into(),
        settings: "{}".to_owned(),
        aborting: false,
    };
    peer.update(v1::Snapshot {
        plan: Some(plan),
        ..snapshot(2)
    })
    .await;
    peer.ack().await;
    assert!(world.engine.with(|state| state.adopted[0].2));
}

#[tokio::test(start_paused = true)]
async fn a_changed_fence_is_told_at_once() {
    let mut world = World::start();
    let (mut peer, _) = world.control.greet().await;
    let first = peer.heartbeat().await;
    assert_eq!(first.legacy_fence.unwrap().role(), v1::Role::Primary);
    let before = Instant::now();
    world.engine.set_fences(
        fence(2, Role::Frozen),
        dualwrite_core::fence::Seen::Unreachable,
    );
    let second = peer.heartbeat().await;
    assert_eq!(before.elapsed(), std::time::Duration::ZERO);
    assert_eq!(second.legacy_fence.unwrap().epoch, 2);
    assert_eq!(second.new_fence, None);
}

#[tokio::test(start_paused = true)]
async fn tables_are_created_from_the_first_snapshot_where_that_was_asked_for() {
    let engine = FakeEngine::new();
    engine.set_fences(
        dualwrite_core::fence::Seen::Missing,
        dualwrite_core::fence::Seen::Missing,
    );
    let mut world = World::with(Installing::Auto, engine);
    let (mut peer, _) = world.control.greet().await;
    peer.update(snapshot(1)).await;
    peer.ack().await;
    peer.update(snapshot(2)).await;
    peer.ack().await;
    let installed = world.engine.with(|state| state.installed.clone());
    assert_eq!(installed.len(), 1);
    assert_eq!(installed[0].phase, Phase::LegacyOnly);
    assert_eq!(installed[0].entities[0].name, "cart");
}

#[tokio::test(start_paused = true)]
async fn a_migration_under_way_whose_fences_are_gone_is_refused() {
    let engine = FakeEngine::new();
    engine.set_fences(
        dualwrite_core::fence::Seen::Missing,
        dualwrite_core::fence::Seen::Missing,
    );
    let mut world = World::with(Installing::Auto, engine);
    let (mut peer, _) = world.control.greet().await;
    peer.update(v1::Snapshot {
        epoch: 4,
        ..snapshot(1)
    })
    .await;
    let (_, reasons) = peer.nack().await;
    assert!(reasons[0].contains("epoch 4"), "{reasons:?}");
    assert!(world.engine.with(|state| state.installed.is_empty()));
}
