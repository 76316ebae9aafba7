//! Moving the authority: under writes, with dead executors, without a plan.

use std::time::Duration;

use dualwrite_core::fence::Seen;
use dualwrite_core::phase::Phase;
use dualwrite_core::plan::{Step, next_step};
use dualwrite_core::side::{Role, Side};

use super::world::*;
use crate::error::DataError;
use crate::fake::{Call, Fault};
use crate::request::{Outcome, PlanOutcome};
use crate::store::Store;

#[tokio::test(start_paused = true)]
async fn a_service_walks_every_phase_forward_and_back() {
    let world = World::at(Phase::LegacyOnly).await;
    let path = [
        Phase::DualWrite,
        Phase::NewPrimary,
        Phase::NewOnly,
        Phase::NewPrimary,
        Phase::DualWrite,
        Phase::LegacyOnly,
        Phase::DualWrite,
    ];
    for (turn, to) in (1..).zip(path) {
        let (outcome, steps) = world.step(to).await;
        assert_eq!(outcome, PlanOutcome::Done, "to {to}: {steps:?}");
        let reply = world
            .write(vec![upsert(turn, "open"), visit(1)])
            .await
            .unwrap();
        let committed = match to.primary() {
            Side::Legacy => reply.legacy,
            Side::New => reply.new,
        };
        assert_eq!(committed, Outcome::Committed);
    }
    world.converged().await;
    assert_eq!(world.carts(Side::New).len(), path.len());
}

#[tokio::test(start_paused = true)]
async fn no_write_fails_and_no_increment_is_lost_while_the_primary_changes() {
    let world = World::at(Phase::DualWrite).await;
    let other = world.another_sidecar().await;
    world.write(vec![upsert(1, "open")]).await.unwrap();
    let writer = |engine: crate::Engine| async move {
        for _ in 0..200 {
            write(&engine, vec![visit(1)]).await.unwrap();
            tokio::time::sleep(Duration::from_millis(3)).await;
        }
    };
    let flips = async {
        for to in [
            Phase::NewPrimary,
            Phase::DualWrite,
            Phase::NewPrimary,
            Phase::DualWrite,
        ] {
            assert_eq!(world.step(to).await.0, PlanOutcome::Done);
        }
    };
    tokio::join!(writer(world.engine.clone()), writer(other), flips);
    world.converged().await;
    assert_eq!(
        world.carts(Side::Legacy)[0][3],
        dualwrite_core::value::Value::Int(400)
    );
}

#[tokio::test(start_paused = true)]
async fn a_sidecar_that_slept_through_a_flip_is_refused_by_the_database_and_follows() {
    let world = World::at(Phase::DualWrite).await;
    let sleeper = world.another_sidecar().await;
    let before = sleeper.fences();
    assert_eq!(world.step(Phase::NewPrimary).await.0, PlanOutcome::Done);
    assert_eq!(sleeper.fences(), before, "it has not looked since");
    let reply = write(&sleeper, vec![upsert(1, "open")]).await.unwrap();
    assert_eq!(reply.new, Outcome::Committed);
    assert_eq!(
        world.new.markers().len() + world.carts(Side::Legacy).len(),
        1
    );
}

#[tokio::test(start_paused = true)]
async fn a_flip_that_cannot_be_drained_is_taken_back_and_writes_go_on() {
    let world = World::at(Phase::DualWrite).await;
    world.new.refuse("carts", &key(1), true);
    world.write(vec![upsert(1, "open")]).await.unwrap();
    let (outcome, steps) = world.step(Phase::NewPrimary).await;
    assert_eq!(outcome, PlanOutcome::Aborted, "{steps:?}");
    let reply = world.write(vec![upsert(2, "open")]).await.unwrap();
    assert_eq!(reply.legacy, Outcome::Committed);
    world.new.refuse("carts", &key(1), false);
    world.converged().await;
}

#[tokio::test(start_paused = true)]
async fn a_write_waits_for_a_flip_no_longer_than_its_bound() {
    let world = World::at(Phase::DualWrite).await;
    freeze(&world).await;
    let deadline = tokio::time::Instant::now() + Duration::from_secs(2);
    let error = world
        .engine
        .write(request(vec![upsert(1, "open")]), deadline)
        .await
        .unwrap_err();
    assert!(matches!(error, DataError::FlipTooLong { .. }), "{error}");
    assert!(error.is_retryable());
}

#[tokio::test(start_paused = true)]
async fn a_flip_whose_executor_died_after_any_step_ends_by_itself() {
    for steps in 1..4 {
        let world = World::at(Phase::DualWrite).await;
        world.write(vec![upsert(1, "open")]).await.unwrap();
        world.converged().await;
        let plan = world.plan(Phase::NewPrimary);
        for _ in 0..steps {
            one_step(&world, &plan).await;
        }
        let waiting = write(&world.engine, vec![visit(1)]);
        let ended = eventually(|| {
            let roles = [Side::Legacy, Side::New]
                .map(|side| world.store(side).fence_row("shop").unwrap().role);
            roles == [Role::Secondary, Role::Primary]
        });
        let (written, ()) = both(waiting, ended).await;
        // The write waited at most its bound; if the take-over came first it
        // went through.
        if let Err(error) = written {
            assert!(matches!(error, DataError::FlipTooLong { .. }), "{error}");
        }
        assert_eq!(world.phase_now(), Phase::NewPrimary, "after {steps} steps");
        world.write(vec![visit(1)]).await.unwrap();
        world.converged().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_flip_whose_executor_died_with_markers_left_is_taken_back_by_others() {
    let world = World::at(Phase::DualWrite).await;
    world.new.refuse("carts", &key(1), true);
    world.write(vec![upsert(1, "open")]).await.unwrap();
    freeze(&world).await;
    eventually(|| world.legacy.fence_row("shop").unwrap().role == Role::Primary).await;
    assert_eq!(world.phase_now(), Phase::DualWrite);
    world.new.refuse("carts", &key(1), false);
    world.write(vec![upsert(2, "open")]).await.unwrap();
    world.converged().await;
}

#[tokio::test(start_paused = true)]
async fn lost_replies_at_every_fence_change_end_the_flip_all_the_same() {
    for fault in [Fault::Unavailable, Fault::After, Fault::Before] {
        for (side, turn) in [(Side::Legacy, 0), (Side::Legacy, 1), (Side::New, 0)] {
            let world = World::at(Phase::DualWrite).await;
            world.write(vec![upsert(1, "open")]).await.unwrap();
            for _ in 0..=turn {
                world.store(side).fail_next(Call::ChangeFence, fault);
            }
            let (outcome, steps) = world.step(Phase::NewPrimary).await;
            assert_eq!(
                outcome,
                PlanOutcome::Done,
                "{fault:?} {side} {turn}: {steps:?}"
            );
            world.converged().await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_abort_asked_for_while_frozen_takes_the_flip_back() {
    let world = World::at(Phase::DualWrite).await;
    let plan = world.plan(Phase::NewPrimary);
    freeze(&world).await;
    let aborting = dualwrite_core::plan::Plan {
        aborting: true,
        ..plan
    };
    let (outcome, _) = execute(&world.engine, aborting).await;
    assert_eq!(outcome, PlanOutcome::Aborted);
    assert_eq!(world.phase_now(), Phase::DualWrite);
    world.write(vec![upsert(1, "open")]).await.unwrap();
    world.converged().await;
}

#[tokio::test(start_paused = true)]
async fn going_back_catches_up_from_the_markers_that_were_kept() {
    let world = World::at(Phase::NewPrimary).await;
    assert_eq!(world.step(Phase::NewOnly).await.0, PlanOutcome::Done);
    world
        .write(vec![upsert(1, "open"), upsert(2, "open")])
        .await
        .unwrap();
    world.write(vec![delete(2)]).await.unwrap();
    assert!(world.carts(Side::Legacy).is_empty());
    assert_eq!(world.step(Phase::NewPrimary).await.0, PlanOutcome::Done);
    world.converged().await;
    assert_eq!(world.carts(Side::Legacy).len(), 1);
}

/// Executes one step of a plan and dies.
async fn one_step(world: &World, plan: &dualwrite_core::plan::Plan) {
    let seen = |side| Seen::Fence(world.store(side).fence_row("shop").unwrap());
    match next_step(plan, &seen(Side::Legacy), &seen(Side::New)) {
        Step::Change(cas) | Step::HandOver(cas) => {
            world
                .store(cas.side)
                .change_fence("shop", &cas, None)
                .await
                .unwrap();
        }
        other => panic!("{other:?}"),
    }
}

async fn freeze(world: &World) {
    one_step(world, &world.plan(Phase::NewPrimary)).await;
}
