//! Writes in each phase and each mode.

use dualwrite_core::phase::Phase;
use dualwrite_core::side::Side;
use dualwrite_core::value::Value;

use super::world::*;
use crate::error::{DataError, Invalid};
use crate::fake::{Call, Fault};
use crate::request::{Outcome, RequestChange, RequestMutation, Wait};

#[tokio::test(start_paused = true)]
async fn a_relayed_write_answers_pending_and_arrives() {
    let world = World::at(Phase::DualWrite).await;
    let reply = world
        .write(vec![upsert(1, "open"), item(1, "tea", 2)])
        .await
        .unwrap();
    assert_eq!(
        (reply.legacy, reply.new),
        (Outcome::Committed, Outcome::Pending)
    );
    assert_eq!(
        world.legacy.rows("old_carts")[0][2],
        Value::Int(150),
        "money is kept in cents"
    );
    world.converged().await;
    assert_eq!(world.new.rows("carts")[0][2], money("1.5"));
    assert_eq!(world.items(Side::New).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_first_legacy_only_leaves_no_marker_and_skips_new() {
    let world = World::at(Phase::LegacyOnly).await;
    let reply = world.write(vec![upsert(1, "open")]).await.unwrap();
    assert_eq!(
        (reply.legacy, reply.new),
        (Outcome::Committed, Outcome::Skipped)
    );
    assert!(world.legacy.markers().is_empty());
    assert!(world.carts(Side::New).is_empty());
}

#[tokio::test(start_paused = true)]
async fn new_only_keeps_markers_for_the_way_back() {
    let world = World::at(Phase::NewOnly).await;
    let reply = world.write(vec![upsert(1, "open")]).await.unwrap();
    assert_eq!(
        (reply.legacy, reply.new),
        (Outcome::Skipped, Outcome::Committed)
    );
    assert_eq!(world.new.markers().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn whoever_waits_for_the_secondary_is_answered_when_it_has_the_row() {
    let world = World::at(Phase::NewPrimary).await;
    let mut request = request(vec![upsert(7, "open")]);
    request.wait = Wait::Applied;
    let reply = world.engine.write(request, soon()).await.unwrap();
    assert_eq!(
        (reply.legacy, reply.new),
        (Outcome::Committed, Outcome::Committed)
    );
    assert_eq!(world.carts(Side::Legacy).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn waiting_for_a_secondary_that_is_away_ends_as_pending_and_not_as_an_error() {
    let world = World::at(Phase::DualWrite).await;
    world.new.set_unreachable(true);
    let mut request = request(vec![upsert(7, "open")]);
    request.wait = Wait::Applied;
    let reply = world.engine.write(request, soon()).await.unwrap();
    assert_eq!(
        (reply.legacy, reply.new),
        (Outcome::Committed, Outcome::Pending)
    );
    world.new.set_unreachable(false);
    world.converged().await;
}

#[tokio::test(start_paused = true)]
async fn each_mutation_answers_the_row_it_left() {
    let world = World::at(Phase::DualWrite).await;
    let reply = world
        .write(vec![
            insert(1, "open"),
            visit(1),
            order_if_open(1),
            order_if_open(1),
            delete(9),
        ])
        .await
        .unwrap();
    let matched: Vec<bool> = reply.results.iter().map(|result| result.matched).collect();
    assert_eq!(matched, [true, true, true, false, false]);
    let row = reply.results[2].row.clone().unwrap();
    assert!(
        row.iter()
            .any(|(name, value)| &**name == "state" && *value == text("ordered"))
    );
    assert!(
        row.iter()
            .any(|(name, value)| &**name == "visits" && *value == Value::Int(1))
    );
    world.converged().await;
}

#[tokio::test(start_paused = true)]
async fn a_write_that_must_match_takes_all_of_it_back() {
    let world = World::at(Phase::DualWrite).await;
    let mut conditional = order_if_open(2);
    conditional.must_match = true;
    let error = world
        .write(vec![upsert(1, "open"), conditional])
        .await
        .unwrap_err();
    assert_eq!(
        error,
        DataError::ConditionNotMet {
            side: Side::Legacy,
            entity: "cart".into(),
            index: 1
        }
    );
    assert!(world.carts(Side::Legacy).is_empty());
    assert!(world.legacy.markers().is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_is_not_there_is_not_taken_whichever_side_is_the_primary() {
    for phase in [Phase::DualWrite, Phase::NewPrimary] {
        let world = World::at(phase).await;
        world.write(vec![upsert(1, "open")]).await.unwrap();
        let reply = world.write(vec![charge(1, "1.25")]).await.unwrap();
        let row = reply.results[0].row.clone().unwrap();
        let total = row.iter().find(|(name, _)| &**name == "total").unwrap();
        assert_eq!(total.1, money("0.25"), "{phase}");
        let error = world.write(vec![charge(1, "0.26")]).await.unwrap_err();
        let (entity, index) = ("cart".to_owned(), 0);
        let side = phase.primary();
        let expected = DataError::ConditionNotMet {
            side,
            entity,
            index,
        };
        assert_eq!(error, expected);
        world.converged().await;
    }
}

#[tokio::test(start_paused = true)]
async fn another_bound_is_another_request() {
    let world = World::at(Phase::DualWrite).await;
    world.write(vec![insert(1, "open")]).await.unwrap();
    let send = async |price: &str| {
        let once = keyed("once", vec![charge(1, price)]);
        world.engine.write(once, soon()).await
    };
    send("0").await.unwrap();
    assert!(send("0").await.unwrap().replayed);
    let bare = RequestMutation {
        change: RequestChange::Update {
            key: fields(&[("id", Value::Int(1))]),
            set: Vec::new(),
            increment: fields(&[("total", money("0"))]),
            only_if: Vec::new(),
            at_least: Vec::new(),
        },
        ..charge(1, "0")
    };
    let error = world
        .engine
        .write(keyed("once", vec![bare]), soon())
        .await
        .unwrap_err();
    assert!(matches!(
        error,
        DataError::Invalid(Invalid::IdempotencyMismatch { .. })
    ));
}

#[tokio::test(start_paused = true)]
async fn a_second_insert_says_that_the_row_exists() {
    let world = World::at(Phase::DualWrite).await;
    world.write(vec![insert(1, "open")]).await.unwrap();
    let error = world.write(vec![insert(1, "open")]).await.unwrap_err();
    assert_eq!(
        error,
        DataError::RowExists {
            side: Side::Legacy,
            entity: "cart".into()
        }
    );
}

#[tokio::test(start_paused = true)]
async fn markers_of_synchronous_writes_are_removed_together() {
    let world = World::at(Phase::DualWrite).await;
    world.flags(|flags| flags.async_new = false);
    for id in 1..=3 {
        let reply = world.write(vec![upsert(id, "open")]).await.unwrap();
        assert_eq!(reply.new, Outcome::Committed);
    }
    assert_eq!(
        world.legacy.markers().len(),
        3,
        "one removal does for all of them"
    );
    world.converged().await;
}

#[tokio::test(start_paused = true)]
async fn a_synchronous_secondary_has_the_row_when_the_call_answers() {
    for (phase, secondary) in [
        (Phase::DualWrite, Side::New),
        (Phase::NewPrimary, Side::Legacy),
    ] {
        let world = World::at(phase).await;
        world.flags(|flags| (flags.async_new, flags.async_legacy) = (false, false));
        let reply = world
            .write(vec![upsert(1, "open"), visit(1), delete(5)])
            .await
            .unwrap();
        assert_eq!(
            (reply.legacy, reply.new),
            (Outcome::Committed, Outcome::Committed)
        );
        assert_eq!(world.carts(secondary).len(), 1);
        world.converged().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_synchronous_secondary_that_fails_is_given_to_the_relay() {
    let world = World::at(Phase::DualWrite).await;
    world.flags(|flags| flags.async_new = false);
    for fault in [
        Fault::Unavailable,
        Fault::Before,
        Fault::After,
        Fault::Constraint,
        Fault::Busy,
    ] {
        for call in [Call::BeginApply, Call::Apply, Call::CommitApply] {
            world.new.fail_next(call, fault);
            let reply = world
                .write(vec![upsert(1, "open"), visit(1)])
                .await
                .unwrap();
            assert_eq!(reply.legacy, Outcome::Committed, "{call:?} {fault:?}");
            world.converged().await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_strict_secondary_that_fails_takes_both_back() {
    let world = World::at(Phase::DualWrite).await;
    world.flags(|flags| flags.fail_on_new_error = true);
    world.new.fail_next(Call::Apply, Fault::Constraint);
    let error = world.write(vec![upsert(1, "open")]).await.unwrap_err();
    assert!(
        matches!(
            error,
            DataError::SecondaryConstraint {
                side: Side::New,
                ..
            }
        ),
        "{error}"
    );
    world.new.set_unreachable(true);
    let error = world.write(vec![upsert(1, "open")]).await.unwrap_err();
    assert!(
        matches!(
            error,
            DataError::SecondaryUnavailable {
                side: Side::New,
                ..
            }
        ),
        "{error}"
    );
    assert!(world.carts(Side::Legacy).is_empty() && world.legacy.markers().is_empty());
}

#[tokio::test(start_paused = true)]
async fn an_older_marker_outlives_a_synchronous_write_that_matched_nothing() {
    let world = World::at(Phase::DualWrite).await;
    world.new.set_unreachable(true);
    world.write(vec![upsert(1, "ordered")]).await.unwrap();
    world.new.set_unreachable(false);
    world.flags(|flags| flags.async_new = false);
    // Replaces the marker of the row that new never saw.
    let reply = world.write(vec![order_if_open(1)]).await.unwrap();
    assert!(!reply.results[0].matched);
    world.converged().await;
}

#[tokio::test(start_paused = true)]
async fn a_key_that_the_secondary_refuses_is_set_aside_and_blocks_no_other() {
    let world = World::at(Phase::DualWrite).await;
    world.new.refuse("carts", &key(2), true);
    world
        .write(vec![
            upsert(1, "open"),
            upsert(2, "open"),
            upsert(3, "open"),
        ])
        .await
        .unwrap();
    eventually(|| world.new.rows("carts").len() == 2).await;
    let backlog = async || world.engine.backlogs().await.remove(0);
    while backlog().await.quarantined == 0 {
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    assert_eq!(backlog().await.markers, 1, "its marker stays");
    world.new.refuse("carts", &key(2), false);
    world.converged().await;
    while backlog().await.quarantined != 0 {
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn markers_left_by_a_sidecar_that_died_are_swept() {
    let world = World::at(Phase::DualWrite).await;
    world.new.set_unreachable(true);
    world.write(vec![upsert(1, "open")]).await.unwrap();
    world.new.set_unreachable(false);
    // Another sidecar never heard of this key.
    let _other = world.another_sidecar().await;
    world.converged().await;
}

#[tokio::test(start_paused = true)]
async fn lost_replies_of_every_copy_call_converge() {
    let world = World::at(Phase::DualWrite).await;
    for fault in [
        Fault::Unavailable,
        Fault::After,
        Fault::Before,
        Fault::Conflict,
    ] {
        world.new.fail_next(Call::BeginApply, fault);
        world.legacy.fail_next(Call::Pull, fault);
        world.new.fail_next(Call::Apply, fault);
        world.new.fail_next(Call::CommitApply, fault);
        world.legacy.fail_next(Call::ClearMarkers, fault);
        world
            .write(vec![upsert(1, "open"), visit(1)])
            .await
            .unwrap();
        world.converged().await;
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_done_on_each_side_is_counted() {
    let world = World::at(Phase::DualWrite).await;
    world.write(vec![upsert(1, "open")]).await.unwrap();
    world.converged().await;
    let deltas = world.engine.drain_deltas();
    for side in Side::BOTH {
        let delta = deltas.iter().find(|delta| delta.side == side).unwrap();
        assert!(delta.delta.successes >= 1, "{side}: {delta:?}");
    }
    assert!(world.engine.drain_deltas().is_empty());
}
