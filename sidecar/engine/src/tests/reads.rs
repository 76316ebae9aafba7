//! Reads, lists and the exact check.

use dualwrite_core::phase::Phase;
use dualwrite_core::side::Side;
use dualwrite_core::value::Value;

use super::world::*;
use crate::error::{DataError, Invalid};
use crate::fake::{Call, Fault};
use crate::request::{Consistency, KeyVerdict, ListRequest, PlanOutcome, ReadReply, ReadRequest};

fn of(id: i64, consistency: Consistency) -> ReadRequest {
    ReadRequest {
        entity: "cart".into(),
        key: fields(&[("id", Value::Int(id))]),
        consistency,
    }
}

async fn read(world: &World, id: i64, consistency: Consistency) -> ReadReply {
    world
        .engine
        .read(of(id, consistency), soon())
        .await
        .unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_session_sees_what_it_wrote_even_where_reads_are_moved() {
    let world = World::at(Phase::DualWrite).await;
    world.flags(|flags| flags.read_new_percent = 100);
    world.write(vec![upsert(1, "open")]).await.unwrap();
    world.converged().await;
    // The marker's removal and its being known here are two moments.
    while read(&world, 1, Consistency::Session).await.served_by != Side::New {
        tokio::task::yield_now().await;
    }
    world.new.set_unreachable(true);
    world.write(vec![upsert(1, "ordered")]).await.unwrap();
    let reply = read(&world, 1, Consistency::Session).await;
    assert_eq!(reply.served_by, Side::Legacy);
    assert!(
        reply
            .row
            .unwrap()
            .iter()
            .any(|(_, value)| *value == text("ordered"))
    );
    assert_eq!(
        read(&world, 1, Consistency::Primary).await.served_by,
        Side::Legacy
    );
}

#[tokio::test(start_paused = true)]
async fn a_session_sees_what_it_wrote_before_the_other_side_was_opened() {
    let world = World::at(Phase::NewPrimary).await;
    world.flags(|flags| flags.read_new_percent = 0);
    assert_eq!(world.step(Phase::NewOnly).await.0, PlanOutcome::Done);
    world.write(vec![upsert(1, "open")]).await.unwrap();
    // The copies wait: the other side is opened and holds nothing yet.
    for _ in 0..3 {
        world.legacy.fail_next(Call::BeginApply, Fault::Busy);
    }
    assert_eq!(world.step(Phase::NewPrimary).await.0, PlanOutcome::Done);
    let reply = read(&world, 1, Consistency::Session).await;
    assert!(reply.row.is_some(), "{reply:?}");
    world.converged().await;
}

#[tokio::test(start_paused = true)]
async fn a_copy_that_is_away_is_no_reason_to_fail_a_read() {
    let world = World::at(Phase::DualWrite).await;
    world.flags(|flags| flags.read_new_percent = 100);
    world.new.set_unreachable(true);
    assert_eq!(
        read(&world, 1, Consistency::Any).await,
        ReadReply {
            row: None,
            served_by: Side::Legacy
        }
    );
}

#[tokio::test(start_paused = true)]
async fn after_a_flip_reads_come_from_the_new_primary() {
    let world = World::at(Phase::DualWrite).await;
    let sleeper = world.another_sidecar().await;
    world.write(vec![upsert(1, "open")]).await.unwrap();
    assert_eq!(world.step(Phase::NewPrimary).await.0, PlanOutcome::Done);
    let reply = sleeper
        .read(of(1, Consistency::Primary), soon())
        .await
        .unwrap();
    assert_eq!(reply.served_by, Side::New);
    assert!(reply.row.is_some());
}

#[tokio::test(start_paused = true)]
async fn a_list_goes_page_by_page_and_ends_with_the_authority_it_began_under() {
    let world = World::at(Phase::DualWrite).await;
    for id in 1..=5 {
        world
            .write(vec![upsert(id, if id == 3 { "ordered" } else { "open" })])
            .await
            .unwrap();
    }
    let page = |page_token: String, size| ListRequest {
        entity: "cart".into(),
        filter: fields(&[("state", text("open"))]),
        page_size: size,
        page_token,
    };
    let first = world
        .engine
        .list(page(String::new(), 3), soon())
        .await
        .unwrap();
    assert_eq!(first.rows.len(), 3);
    let second = world
        .engine
        .list(page(first.next_page_token.clone(), 3), soon())
        .await
        .unwrap();
    assert_eq!(
        (second.rows.len(), second.next_page_token.as_str()),
        (1, "")
    );
    let other = ListRequest {
        filter: Vec::new(),
        ..page(first.next_page_token.clone(), 3)
    };
    let error = world.engine.list(other, soon()).await.unwrap_err();
    assert_eq!(error, DataError::Invalid(Invalid::PageToken));
    assert_eq!(world.step(Phase::NewPrimary).await.0, PlanOutcome::Done);
    let error = world
        .engine
        .list(page(first.next_page_token, 3), soon())
        .await
        .unwrap_err();
    assert_eq!(error, DataError::PageTokenExpired);
}

#[tokio::test(start_paused = true)]
async fn the_exact_check_tells_every_way_in_which_a_key_can_stand() {
    let world = World::at(Phase::DualWrite).await;
    let check = async |id: i64| {
        let key = fields(&[("id", Value::Int(id))]);
        world
            .engine
            .check_key(None, key, soon())
            .await
            .unwrap()
            .verdict
    };
    assert_eq!(check(1).await, KeyVerdict::AbsentOnBoth);
    world.write(vec![upsert(1, "open")]).await.unwrap();
    world.converged().await;
    assert_eq!(check(1).await, KeyVerdict::Equal);
    let row = |id, state, cents: i64| {
        vec![
            Value::Int(id),
            text(state),
            Value::Int(cents),
            Value::Int(0),
        ]
    };
    world.legacy.put("old_carts", row(1, "lost", 151));
    let fields = vec!["state".into(), "total".into()];
    assert_eq!(check(1).await, KeyVerdict::Different { fields });
    world.legacy.put("old_carts", row(2, "open", 1));
    assert_eq!(check(2).await, KeyVerdict::MissingOnSecondary);
    world.new.put(
        "carts",
        vec![Value::Int(3), text("open"), money("1"), Value::Int(0)],
    );
    assert_eq!(check(3).await, KeyVerdict::ExtraOnSecondary);
    world.new.refuse("carts", &key(4), true);
    world.write(vec![upsert(4, "open")]).await.unwrap();
    assert_eq!(check(4).await, KeyVerdict::Pending);
    let alone = World::at(Phase::NewOnly).await;
    let check =
        alone
            .engine
            .check_key(None, super::world::fields(&[("id", Value::Int(1))]), soon());
    assert_eq!(check.await.unwrap().verdict, KeyVerdict::NoSecondary);
}
