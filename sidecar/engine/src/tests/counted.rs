//! What counts as a failure of a database, and what does not.

use dualwrite_core::phase::Phase;
use dualwrite_core::side::Side;
use dualwrite_core::tally::{Delta, FailureKind};

use super::world::*;
use crate::Engine;
use crate::error::DataError;
use crate::request::Outcome;

/// Everything that was counted on a side.
fn on(engine: &Engine, side: Side) -> Delta {
    let mut sum = Delta::default();
    for one in engine.totals() {
        if one.side == side {
            sum.add(&one.delta);
        }
    }
    sum
}

#[tokio::test(start_paused = true)]
async fn what_an_application_asks_for_in_vain_is_no_failure_of_its_primary() {
    let world = World::at(Phase::DualWrite).await;
    let first = keyed("k", vec![insert(1, "open")]);
    world.engine.write(first.clone(), soon()).await.unwrap();
    let again = world.engine.write(first, soon()).await.unwrap();
    assert!(again.replayed);
    let visit = keyed("v", vec![visit(1)]);
    for _ in 0..3 {
        world.engine.write(visit.clone(), soon()).await.unwrap();
    }
    let there = world.write(vec![insert(1, "open")]).await;
    assert!(matches!(there, Err(DataError::RowExists { .. })));
    let spent = world.write(vec![charge(1, "5.00")]).await;
    assert!(matches!(spent, Err(DataError::ConditionNotMet { .. })));

    let legacy = on(&world.engine, Side::Legacy);
    assert_eq!((legacy.attempts, legacy.faults()), (7, 0), "{legacy:?}");
    assert_eq!(legacy.failures_of(FailureKind::Refused), 2);
    assert_eq!(legacy.successes, 5);
}

#[tokio::test(start_paused = true)]
async fn flips_under_writers_leave_no_failure_on_either_side() {
    let world = World::at(Phase::DualWrite).await;
    let other = world.another_sidecar().await;
    for id in 1..=4 {
        world.write(vec![upsert(id, "open")]).await.unwrap();
    }
    let writer = |engine: Engine, id| async move {
        for turn in 0..200 {
            let repeated = keyed(&format!("{id}-{turn}"), vec![visit(id)]);
            for _ in 0..2 {
                engine.write(repeated.clone(), soon()).await.unwrap();
            }
        }
    };
    let writers = async {
        tokio::join!(
            writer(world.engine.clone(), 1),
            writer(world.engine.clone(), 2),
            writer(other.clone(), 1),
            writer(other.clone(), 3),
        )
    };
    let flips = async {
        for to in [Phase::NewPrimary, Phase::DualWrite, Phase::NewPrimary] {
            world.step(to).await;
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    };
    Box::pin(both(flips, writers)).await;
    world.converged().await;
    for engine in [&world.engine, &other] {
        for side in Side::BOTH {
            let counted = on(engine, side);
            assert_eq!(counted.faults(), 0, "{side}: {counted:?}");
            assert!(counted.successes > 0, "{side}: {counted:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_secondary_that_refuses_connections_is_tried_each_time_and_slows_nobody() {
    let world = World::at(Phase::DualWrite).await;
    world.flags(|flags| flags.async_new = false);
    world.new.set_unreachable(true);
    let began = tokio::time::Instant::now();
    for id in 0..20 {
        let reply = world.write(vec![upsert(id, "open")]).await.unwrap();
        assert_eq!(reply.new, Outcome::Pending);
    }
    assert_eq!(began.elapsed().as_millis(), 0, "nobody waited");
    let new = on(&world.engine, Side::New);
    assert!(new.failures_of(FailureKind::Unavailable) >= 20, "{new:?}");
    world.new.set_unreachable(false);
    let next = world.write(vec![upsert(21, "open")]).await.unwrap();
    assert_eq!(next.new, Outcome::Committed, "the first one after it");
    world.converged().await;
}
