//! Executors that die, aborts, and sidecars that act by themselves.

use dualwrite_control_app::fleet::{End, PlanOutcome};
use dualwrite_control_app::model::TransitionState;
use dualwrite_control_app::verbs::{Abort, AbortError, TransitionError};
use dualwrite_core::phase::Phase;
use dualwrite_core::plan::{Patience, Plan, Step, mend};

use crate::kit::{Bot, World, author};

/// A world in `dual_write`, backfilled, with two sidecars; the first is asked
/// to flip and has frozen the old primary.
async fn frozen() -> (World, Bot, Bot, Plan) {
    let world = World::at(Phase::DualWrite).await;
    let mut one = world.bot("a").await;
    world.backfill(&mut one).await;
    let other = world.bot("b").await;
    one.ready().await;
    world.begin(Phase::NewPrimary).await;
    world.plane.reconcile().await;
    let plan = one.execute_order().await;
    assert_eq!(one.step(&plan).await, Some("freeze"));
    (world, one, other, plan)
}

#[tokio::test]
async fn an_executor_whose_session_ends_is_replaced_at_once() {
    let (world, one, mut other, plan) = frozen().await;
    drop(one);
    world.plane.reconcile().await;
    let taken = other.execute_order().await;
    assert_eq!(taken, plan);
    other.execute(&taken).await;
    let ended = world.transition(&plan.plan_id).await;
    assert_eq!(
        (ended.state, ended.executor.as_deref()),
        (TransitionState::Done, Some("b"))
    );
    let steps: Vec<&str> = ended.steps.iter().map(|step| &*step.name).collect();
    assert_eq!(steps, ["freeze", "hand_over", "activate", "follow"]);
    assert_eq!(world.migration().await.phase, Phase::NewPrimary);
}

#[tokio::test]
async fn an_executor_that_is_silent_is_replaced_and_its_session_ends() {
    let (world, mut one, mut other, plan) = frozen().await;
    world.later(3).await;
    other.beat().await;
    world.later(3).await;
    assert_eq!(one.ended().await, End::Silent);
    assert_eq!(other.execute_order().await, plan);
}

#[tokio::test]
async fn an_executor_that_lives_but_says_nothing_of_its_plan_is_replaced() {
    let (world, one, mut other, plan) = frozen().await;
    for _ in 0..2 {
        world.later(2).await;
        one.beat().await;
        other.beat().await;
    }
    assert!(other.idle().await, "its time is not over");
    world.later(2).await;
    assert_eq!(other.execute_order().await, plan);
}

#[tokio::test]
async fn an_executor_that_cannot_go_on_is_replaced() {
    let (world, mut one, mut other, plan) = frozen().await;
    one.progress(&plan, "hand_over", PlanOutcome::Failed).await;
    world.plane.reconcile().await;
    assert_eq!(other.execute_order().await, plan);
    assert!(one.idle().await);
}

#[tokio::test]
async fn an_abort_before_the_hand_over_takes_everything_back() {
    let (world, mut one, _other, plan) = frozen().await;
    let aborting = world
        .plane
        .abort(Abort {
            name: "cart".into(),
            author: author(),
        })
        .await
        .unwrap();
    assert_eq!(aborting.state, TransitionState::Aborting);
    world.plane.reconcile().await;
    let order = one.execute_order().await;
    assert!(order.aborting && order.plan_id == plan.plan_id);
    one.execute(&order).await;
    let ended = world.transition(&plan.plan_id).await;
    assert_eq!(ended.state, TransitionState::Aborted);
    assert!(
        ended.outcome.contains("ana") && ended.outcome.contains("because"),
        "{}",
        ended.outcome
    );
    let migration = world.migration().await;
    assert_eq!(
        (migration.phase, migration.epoch),
        (Phase::DualWrite, plan.to_epoch + 1)
    );
    assert_eq!(world.fences.epoch(Phase::DualWrite), plan.to_epoch + 1);
    assert!(migration.backfill_complete());
    let none = world
        .plane
        .abort(Abort {
            name: "cart".into(),
            author: author(),
        })
        .await;
    assert!(matches!(none, Err(AbortError::NoTransition(_))), "{none:?}");
}

#[tokio::test]
async fn an_abort_after_the_hand_over_goes_forward() {
    let (world, mut one, _other, plan) = frozen().await;
    assert_eq!(one.step(&plan).await, Some("hand_over"));
    world
        .plane
        .abort(Abort {
            name: "cart".into(),
            author: author(),
        })
        .await
        .unwrap();
    world.plane.reconcile().await;
    let order = one.execute_order().await;
    one.execute(&order).await;
    assert_eq!(
        world.transition(&plan.plan_id).await.state,
        TransitionState::Done
    );
    assert_eq!(world.migration().await.phase, Phase::NewPrimary);
}

#[tokio::test]
async fn a_transition_over_its_time_limit_is_taken_back_and_says_why() {
    let (world, mut one, other, plan) = frozen().await;
    for _ in 0..10 {
        world.later(3).await;
        one.beat().await;
        other.beat().await;
    }
    world.plane.reconcile().await;
    let mut last = one.execute_order().await;
    while !last.aborting {
        last = one.execute_order().await;
    }
    one.execute(&last).await;
    let ended = world.transition(&plan.plan_id).await;
    assert_eq!(ended.state, TransitionState::Aborted);
    assert!(ended.outcome.contains("30 s"), "{}", ended.outcome);
}

#[tokio::test]
async fn a_transition_that_nobody_was_told_of_is_taken_back_at_once() {
    let world = World::at(Phase::LegacyOnly).await;
    let bot = world.bot("a").await;
    let plan_id = world.begin(Phase::DualWrite).await;
    drop(bot);
    world
        .plane
        .abort(Abort {
            name: "cart".into(),
            author: author(),
        })
        .await
        .unwrap();
    world.plane.reconcile().await;
    assert_eq!(
        world.transition(&plan_id).await.state,
        TransitionState::Aborted
    );
    assert_eq!(world.migration().await.epoch, 1);
}

/// Does what the fences call for, as sidecars do without a control plane.
fn mend_all(world: &World, patience: Patience) {
    loop {
        let (legacy, new) = world.fences.read();
        match mend(&legacy, &new, patience) {
            Some(Step::Change(cas) | Step::HandOver(cas)) => world.fences.change(&cas),
            Some(other) => panic!("{other:?}"),
            None => return,
        }
    }
}

#[tokio::test]
async fn a_flip_that_sidecars_took_back_is_resolved_by_them() {
    let (world, one, other, plan) = frozen().await;
    drop(one);
    mend_all(&world, Patience::Exhausted);
    other.beat().await;
    world.plane.reconcile().await;
    let ended = world.transition(&plan.plan_id).await;
    assert_eq!(ended.state, TransitionState::Resolved);
    let migration = world.migration().await;
    assert_eq!(
        (migration.phase, migration.epoch),
        (Phase::DualWrite, plan.to_epoch + 1)
    );
    assert!(
        world
            .history()
            .await
            .contains(&"transition_resolved".to_owned())
    );
}

#[tokio::test]
async fn a_flip_that_sidecars_finished_is_done() {
    let (world, one, other, plan) = frozen().await;
    drop(one);
    mend_all(&world, Patience::Over);
    other.beat().await;
    world.plane.reconcile().await;
    assert_eq!(
        world.transition(&plan.plan_id).await.state,
        TransitionState::Done
    );
    assert_eq!(world.migration().await.phase, Phase::NewPrimary);
}

#[tokio::test]
async fn fences_that_moved_without_a_plan_are_followed() {
    let (world, one, other, plan) = frozen().await;
    drop(one);
    // The sidecars took it back, and the control plane was told so, ...
    mend_all(&world, Patience::Exhausted);
    other.beat().await;
    world.plane.reconcile().await;
    // ... and then somebody flipped with another control plane.
    let before = world.migration().await;
    let settings = before
        .epoch_settings()
        .moved_to(Phase::NewPrimary)
        .to_json();
    let (from_epoch, to_epoch) = (before.epoch, before.epoch + 1);
    let foreign = Plan {
        plan_id: "foreign".into(),
        from_epoch,
        to_epoch,
        settings,
        ..plan
    };
    while world.fences.step(&foreign).is_ok() {}
    other.beat().await;
    world.plane.reconcile().await;
    let migration = world.migration().await;
    assert_eq!(
        (migration.phase, migration.epoch),
        (Phase::NewPrimary, to_epoch)
    );
    assert_eq!(migration.revision, before.revision + 1);
    assert_eq!(migration.epoch_settings().phase, Phase::NewPrimary);
    world.plane.reconcile().await;
    assert_eq!(world.migration().await, migration, "it is followed once");
}

#[tokio::test]
async fn old_reports_do_not_move_a_migration_back() {
    let (world, one, other, plan) = frozen().await;
    one.execute(&plan).await;
    let done = world.migration().await;
    assert_eq!(done.phase, Phase::NewPrimary);
    drop(one);
    // `b` has not read the fences since before the flip.
    world.plane.reconcile().await;
    assert_eq!(world.migration().await, done);
    drop(other);
}

#[tokio::test]
async fn without_a_live_sidecar_there_is_no_executor_even_by_force() {
    let world = World::at(Phase::LegacyOnly).await;
    let mut request = crate::kit::going(Phase::DualWrite);
    request.force = true;
    let refused = world.plane.transition(request).await;
    assert!(
        matches!(refused, Err(TransitionError::NoExecutor(_))),
        "{refused:?}"
    );
}

#[tokio::test]
async fn only_one_transition_is_under_way() {
    let (world, _one, _other, plan) = frozen().await;
    let second = world.go(Phase::LegacyOnly).await;
    let Err(TransitionError::Running(running)) = second else {
        panic!("{second:?}")
    };
    assert_eq!(
        (running.plan_id, running.to),
        (plan.plan_id, Phase::NewPrimary)
    );
}
