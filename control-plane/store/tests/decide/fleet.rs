//! Seats: newest settings only, one session an instance, silence.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use dualwrite_control_app::fleet::{Command, End, HearError, Heard, Heartbeat, Hello, JoinError};
use dualwrite_control_app::verbs::UpdateFlags;
use dualwrite_core::flags::Flags;
use dualwrite_core::phase::Phase;

use crate::kit::{Bot, World, author};

async fn change(world: &World, size: u32) {
    let flags = Flags {
        batch_size: size,
        ..Flags::default()
    };
    let (name, mask) = ("cart".into(), Vec::new());
    let request = UpdateFlags {
        name,
        flags,
        mask,
        seen: None,
        author: author(),
    };
    world.plane.update_flags(request).await.unwrap();
}

#[tokio::test]
async fn a_slow_sidecar_is_told_the_newest_only_and_all_share_one_encoding() {
    let world = World::at(Phase::LegacyOnly).await;
    let mut slow = Bot::join(&world.plane, &world.fences, "a").await;
    let Ok(Command::Update(first)) = slow.commands.next().await else {
        panic!()
    };
    assert_eq!(first.revision, 1, "at once");
    for size in 1..=5 {
        change(&world, size).await;
    }
    let mut other = Bot::join(&world.plane, &world.fences, "b").await;
    let made = AtomicU32::new(0);
    let mut frames = Vec::new();
    for bot in [&mut slow, &mut other] {
        let Ok(Command::Update(newest)) = bot.commands.next().await else {
            panic!()
        };
        assert_eq!(
            (newest.revision, newest.snapshot.spec.flags.batch_size),
            (6, 5)
        );
        frames.push(newest.encoded(|snapshot| {
            made.fetch_add(1, Ordering::SeqCst);
            snapshot.revision.to_be_bytes().to_vec()
        }));
        assert!(bot.idle().await);
    }
    assert_eq!(made.load(Ordering::SeqCst), 1);
    assert!(Arc::ptr_eq(&frames[0], &frames[1]));
}

#[tokio::test]
async fn an_instance_has_one_session() {
    let world = World::at(Phase::LegacyOnly).await;
    let mut first = world.bot("a").await;
    let second = world.bot("a").await;
    assert_eq!(first.ended().await, End::Replaced);
    assert_eq!(
        first.seat.heard(Heard::Leaving).await,
        Err(HearError::Ended)
    );
    drop(first);
    second.beat().await;
    let sidecars = world.plane.list_sidecars("cart").await.unwrap();
    assert_eq!(sidecars.len(), 1);
    assert!(sidecars[0].live && sidecars[0].acked == 1);
}

#[tokio::test]
async fn who_leaves_or_falls_silent_is_listed_as_not_live() {
    let world = World::at(Phase::LegacyOnly).await;
    let (leaving, mut silent, alive) = (
        world.bot("a").await,
        world.bot("b").await,
        world.bot("c").await,
    );
    leaving.say(Heard::Leaving).await;
    world.later(4).await;
    alive.beat().await;
    world.later(2).await;
    assert_eq!(silent.ended().await, End::Silent);
    let sidecars = world.plane.list_sidecars("cart").await.unwrap();
    let shown: Vec<(&str, bool)> = sidecars
        .iter()
        .map(|one| (&*one.instance, one.live))
        .collect();
    assert_eq!(shown, [("c", true), ("a", false), ("b", false)]);
}

#[tokio::test]
async fn a_sidecar_without_a_migration_or_a_name_gets_no_seat() {
    let world = World::at(Phase::LegacyOnly).await;
    let hello = |service: &str, instance: &str| Hello {
        service: service.into(),
        instance: instance.into(),
        version: String::new(),
        revision: 0,
    };
    let unknown = world.plane.join(hello("orders", "a")).await.unwrap_err();
    assert!(matches!(unknown, JoinError::NotFound(_)), "{unknown}");
    let nameless = world.plane.join(hello("cart", "")).await.unwrap_err();
    assert_eq!(nameless, JoinError::Nameless);
}

#[tokio::test]
async fn a_revision_that_is_held_is_accepted_and_a_refusal_is_the_last_word_until_then() {
    let world = World::at(Phase::LegacyOnly).await;
    let bot = world.bot("a").await;
    change(&world, 5).await;
    bot.nack("no column").await;
    let health = world.plane.get("cart").await.unwrap().health;
    assert_eq!((health.acked, health.nacked), (0, 1));
    let beat = |revision| {
        Heard::Heartbeat(Heartbeat {
            revision,
            legacy: None,
            new: None,
        })
    };
    bot.say(beat(1)).await;
    assert_eq!(world.plane.get("cart").await.unwrap().health.nacked, 1);
    bot.say(beat(2)).await;
    let health = world.plane.get("cart").await.unwrap().health;
    assert_eq!((health.acked, health.nacked), (1, 0));
    bot.say(beat(99)).await;
    let sidecars = world.plane.list_sidecars("cart").await.unwrap();
    assert_eq!(
        sidecars[0].acked, 2,
        "nobody holds what was never published"
    );
}

#[tokio::test]
async fn a_watcher_sees_the_migration_at_once_and_after_each_change() {
    let world = World::at(Phase::LegacyOnly).await;
    let mut watch = world.plane.watch("cart").await.unwrap();
    assert_eq!(watch.next().await.unwrap().migration.migration.revision, 1);
    change(&world, 3).await;
    change(&world, 4).await;
    assert_eq!(watch.next().await.unwrap().migration.migration.revision, 3);
    let _bot = world.bot("a").await;
    assert_eq!(watch.next().await.unwrap().migration.health.live, 1);
    assert!(world.plane.watch("orders").await.is_err());
}

#[tokio::test]
async fn the_reconcilers_run_by_themselves_and_look_when_they_are_woken() {
    let world = World::at(Phase::LegacyOnly).await;
    let running = tokio::spawn({
        let plane = world.plane.clone();
        async move { plane.run().await }
    });
    let mut bot = world.bot("a").await;
    let plan_id = world.begin(Phase::DualWrite).await;
    let plan = bot.execute_order().await;
    bot.execute(&plan).await;
    let ended = world
        .plane
        .wait_transition("cart", &plan_id, crate::kit::BOUND)
        .await
        .unwrap();
    assert!(ended.state.ended());
    assert_eq!(world.migration().await.phase, Phase::DualWrite);
    running.abort();
}
