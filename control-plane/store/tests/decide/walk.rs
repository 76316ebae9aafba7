//! Every step, forward and back.

use std::time::Duration;

use dualwrite_control_app::model::TransitionState;
use dualwrite_core::phase::Phase;

use crate::kit::{World, going};

#[tokio::test]
async fn a_migration_walks_forward_and_back_and_says_so() {
    let world = World::at(Phase::LegacyOnly).await;
    let mut bot = world.bot("a").await;
    let walk = [
        Phase::DualWrite,
        Phase::NewPrimary,
        Phase::NewOnly,
        Phase::NewPrimary,
        Phase::DualWrite,
        Phase::LegacyOnly,
        Phase::DualWrite,
    ];
    for (step, to) in walk.into_iter().enumerate() {
        bot.ready().await;
        assert_eq!(
            world.walk(&mut bot, to).await,
            TransitionState::Done,
            "to {to}"
        );
        let migration = world.migration().await;
        assert_eq!(
            (migration.phase, migration.epoch),
            (to, world.fences.epoch(to))
        );
        assert_eq!(migration.marking, migration.epoch_settings().marking);
        if step == 0 {
            bot.ready().await;
            world.backfill(&mut bot).await;
        }
        assert!(
            migration.revision > 1 && (step == 0 || migration.backfill_complete()),
            "{to}"
        );
    }
    let history = world.history().await;
    assert_eq!(
        history[..3],
        ["applied", "transition_started", "transition_done"]
    );
    assert_eq!(
        history
            .iter()
            .filter(|kind| *kind == "transition_done")
            .count(),
        walk.len()
    );
    // Each transition makes two revisions: one announces it, one ends it.
    assert_eq!(world.migration().await.revision, 1 + 2 * 7);
}

#[tokio::test]
async fn a_dry_run_says_verdict_and_steps_and_changes_nothing() {
    let world = World::at(Phase::LegacyOnly).await;
    world.bot("a").await;
    let before = world.migration().await;
    let mut request = going(Phase::DualWrite);
    request.dry_run = true;
    let answer = world.plane.transition(request).await.unwrap();
    assert!(
        !answer.verdict.permitted(),
        "the bot has gone: {:?}",
        answer.verdict
    );
    let _bot = world.bot("b").await;
    let mut request = going(Phase::DualWrite);
    request.dry_run = true;
    let answer = world.plane.transition(request).await.unwrap();
    assert!(answer.verdict.permitted(), "{:?}", answer.verdict);
    let steps: Vec<&str> = answer.steps.iter().map(|step| step.as_str()).collect();
    assert_eq!(steps, ["open", "advance"]);
    assert_eq!(world.migration().await, before);
    assert_eq!(world.history().await, ["applied"]);
}

#[tokio::test]
async fn waiting_ends_with_the_transition_and_with_the_last_ack() {
    let world = World::at(Phase::LegacyOnly).await;
    let (mut one, other) = (world.bot("a").await, world.bot("b").await);
    let plan_id = world.begin(Phase::DualWrite).await;
    let patience = Duration::from_secs(30);
    let waiting = {
        let (plane, plan_id) = (world.plane.clone(), plan_id.clone());
        tokio::spawn(async move {
            let ended = plane.wait_transition("cart", &plan_id, patience).await?;
            let revision = plane.snapshot("cart").map(|published| published.revision);
            let acks = plane
                .wait_acked("cart", revision.unwrap_or(0), patience)
                .await?;
            Ok::<_, dualwrite_control_app::WaitError>((ended, acks))
        })
    };
    world.plane.reconcile().await;
    let plan = one.execute_order().await;
    one.execute(&plan).await;
    one.ready().await;
    assert!(!waiting.is_finished(), "b has not acknowledged");
    other.ready().await;
    let (ended, acks) = waiting.await.unwrap().unwrap();
    assert_eq!(ended.state, TransitionState::Done);
    assert_eq!(acks.acked, ["a", "b"]);
    assert!(acks.complete());
}

#[tokio::test]
async fn waiting_for_acks_ends_with_a_refusal_and_names_who_is_missing() {
    let world = World::at(Phase::LegacyOnly).await;
    let (one, _other) = (world.bot("a").await, world.bot("b").await);
    let flags = dualwrite_core::flags::Flags {
        batch_size: 7,
        ..Default::default()
    };
    let request = dualwrite_control_app::verbs::UpdateFlags {
        name: "cart".into(),
        flags,
        mask: vec!["batch_size".into()],
        seen: None,
        author: crate::kit::author(),
    };
    let revision = world
        .plane
        .update_flags(request)
        .await
        .unwrap()
        .migration
        .revision;
    one.nack("no such column").await;
    let acks = world
        .plane
        .wait_acked("cart", revision, Duration::from_millis(1))
        .await
        .unwrap();
    assert!(!acks.complete());
    assert_eq!(acks.missing, ["b"]);
    assert_eq!(acks.nacked[0].0, "a");
    assert_eq!(acks.nacked[0].1.reasons, ["no such column"]);
}
