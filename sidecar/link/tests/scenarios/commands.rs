//! What the control plane asks this sidecar to do.

use std::collections::BTreeMap;
use std::time::Duration;

use dualwrite_core::diagnosis::TestReport;
use dualwrite_core::value::Value;
use dualwrite_proto::v1;
use dualwrite_proto::v1::plan_progress::Outcome;
use dualwrite_proto::v1::session_request::Kind as Up;
use dualwrite_proto::v1::session_response::Kind as Down;

use crate::control::Peer;
use crate::engine::State;
use crate::world::World;

fn plan(aborting: bool) -> v1::Plan {
    v1::Plan {
        plan_id: "p1".to_owned(),
        kind: v1::PlanKind::Flip.into(),
        from_phase: v1::Phase::DualWrite.into(),
        to_phase: v1::Phase::NewPrimary.into(),
        from_epoch: 2,
        to_epoch: 3,
        primary: v1::Side::Legacy.into(),
        settings: "{}".to_owned(),
        aborting,
    }
}

async fn execute(peer: &Peer, aborting: bool) {
    peer.send(Down::Execute(v1::Execute {
        plan: Some(plan(aborting)),
    }))
    .await;
}

async fn lease(peer: &Peer, job: &str, number: u32) {
    let shard = v1::Shard {
        job_id: job.to_owned(),
        shard: number,
        entity: "cart".to_owned(),
        ..v1::Shard::default()
    };
    peer.send(Down::LeaseShard(v1::LeaseShard { shard: Some(shard) }))
        .await;
}

async fn shard_progress(peer: &mut Peer) -> v1::ShardProgress {
    peer.until(|kind| {
        if let Up::ShardProgress(progress) = kind {
            Some(progress)
        } else {
            None
        }
    })
    .await
}

/// Waits until so many shards were cancelled, and names them.
async fn cancelled(world: &World, count: usize) -> Vec<u32> {
    let enough = |state: &mut State| state.shards_cancelled.len() >= count;
    world.engine.until("the shards are cancelled", enough).await;
    let mut shards = world.engine.with(|state| state.shards_cancelled.clone());
    shards.sort_unstable();
    shards
}

#[tokio::test(start_paused = true)]
async fn a_plan_is_executed_once_and_its_steps_are_told() {
    let mut world = World::start();
    let (mut peer, _) = world.control.greet().await;
    execute(&peer, false).await;
    let step = peer.progress().await;
    assert_eq!(
        (step.plan_id.as_str(), step.step.as_str()),
        ("p1", "freeze")
    );
    assert_eq!(step.outcome(), Outcome::Running);
    assert!(step.legacy_fence.is_some());
    // Said again, it changes nothing; taken back, it goes on to the engine.
    execute(&peer, false).await;
    execute(&peer, true).await;
    peer.progress().await;
    let executed = world.engine.with(|state| state.executed.clone());
    assert_eq!(
        executed
            .iter()
            .map(|plan| plan.aborting)
            .collect::<Vec<_>>(),
        [false, true]
    );
    world.engine.release_plan.notify_waiters();
    assert_eq!(peer.progress().await.outcome(), Outcome::Done);
}

#[tokio::test(start_paused = true)]
async fn a_plan_outlives_its_session_and_is_told_to_the_next() {
    let mut world = World::start();
    let (mut peer, _) = world.control.greet().await;
    execute(&peer, false).await;
    peer.progress().await;
    drop(peer);
    let (mut peer, _) = world.control.greet().await;
    world.engine.release_plan.notify_one();
    assert_eq!(peer.progress().await.outcome(), Outcome::Done);
    // It is over: the same plan would be executed anew.
    execute(&peer, false).await;
    assert_eq!(peer.progress().await.outcome(), Outcome::Running);
    assert_eq!(world.engine.with(|state| state.executed.len()), 2);
}

#[tokio::test(start_paused = true)]
async fn a_plan_that_cannot_be_read_is_answered_as_failed() {
    let mut world = World::start();
    let (mut peer, _) = world.control.greet().await;
    let broken = v1::Plan {
        kind: 0,
        ..plan(false)
    };
    peer.send(Down::Execute(v1::Execute { plan: Some(broken) }))
        .await;
    let step = peer.progress().await;
    assert_eq!(
        (step.plan_id.as_str(), step.outcome()),
        ("p1", Outcome::Failed)
    );
    assert!(step.detail.contains("kind"), "{}", step.detail);
}

#[tokio::test(start_paused = true)]
async fn a_job_is_split_and_an_impossible_one_is_said_to_be() {
    let mut world = World::start();
    let (mut peer, _) = world.control.greet().await;
    let planned = |kind| {
        if let Up::JobPlanned(planned) = kind {
            Some(planned)
        } else {
            None
        }
    };
    let ask = |entities: &[&str]| v1::PlanJob {
        job_id: "j".to_owned(),
        entities: entities.iter().map(|entity| (*entity).to_owned()).collect(),
        shards_per_entity: 3,
    };
    peer.send(Down::PlanJob(ask(&["cart"]))).await;
    let answer = peer.until(planned).await;
    let numbers: Vec<u32> = answer.shards.iter().map(|shard| shard.shard).collect();
    assert_eq!(
        (numbers.as_slice(), answer.error.as_str()),
        (&[0, 1, 2][..], "")
    );
    assert_eq!(answer.shards[1].entity, "cart");

    peer.send(Down::PlanJob(ask(&[]))).await;
    let answer = peer.until(planned).await;
    assert!(answer.shards.is_empty() && !answer.error.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_revoked_job_stops_and_no_other() {
    let mut world = World::start();
    let (mut peer, _) = world.control.greet().await;
    lease(&peer, "a", 0).await;
    assert!(shard_progress(&mut peer).await.done);
    for (job, number) in [("a", 1), ("a", 2), ("b", 3)] {
        lease(&peer, job, number).await;
        assert_eq!(shard_progress(&mut peer).await.shard, number);
    }
    peer.send(Down::RevokeJob(v1::RevokeJob {
        job_id: "a".to_owned(),
    }))
    .await;
    assert_eq!(cancelled(&world, 2).await, [1, 2]);
    // A job that is resumed is leased again.
    lease(&peer, "a", 4).await;
    assert_eq!(shard_progress(&mut peer).await.shard, 4);
}

#[tokio::test(start_paused = true)]
async fn leases_end_with_their_session() {
    let mut world = World::start();
    let (mut peer, _) = world.control.greet().await;
    lease(&peer, "a", 1).await;
    lease(&peer, "b", 2).await;
    shard_progress(&mut peer).await;
    shard_progress(&mut peer).await;
    drop(peer);
    assert_eq!(cancelled(&world, 2).await, [1, 2]);
}

#[tokio::test(start_paused = true)]
async fn one_key_is_checked_and_what_was_found_is_told() {
    let mut world = World::start();
    let (mut peer, _) = world.control.greet().await;
    let checked = |kind| {
        if let Up::KeyChecked(checked) = kind {
            Some(checked)
        } else {
            None
        }
    };
    let ask = |entity: &str| v1::CheckKey {
        request_id: "r".to_owned(),
        entity: entity.to_owned(),
        key: BTreeMap::from([("id".to_owned(), "7".to_owned())]),
    };
    peer.send(Down::CheckKey(ask("cart"))).await;
    let answer = peer.until(checked).await;
    assert_eq!(
        answer.check.unwrap().verdict(),
        v1::key_check::Verdict::Pending
    );
    let key = vec![("id".to_owned(), Value::Text("7".to_owned()))];
    assert_eq!(
        world.engine.with(|state| state.keys[0].clone()),
        (Some("cart".to_owned()), key)
    );

    peer.send(Down::CheckKey(ask(""))).await;
    let answer = peer.until(checked).await;
    assert!(answer.check.is_none() && answer.error.contains("no root"));
    assert_eq!(answer.reason(), v1::ErrorReason::NoSnapshot);
}

#[tokio::test(start_paused = true)]
async fn questions_are_answered_with_what_the_engine_finds() {
    let mut world = World::start();
    let (mut peer, _) = world.control.greet().await;
    let request_id = || "r".to_owned();
    let tested = |kind| {
        if let Up::TestDone(done) = kind {
            Some(done)
        } else {
            None
        }
    };
    peer.send(Down::RunTest(v1::RunTest {
        request_id: request_id(),
    }))
    .await;
    let failed = peer.until(tested).await;
    assert_eq!(failed.reason(), v1::ErrorReason::RequestAborted);
    assert!(failed.report.is_none() && failed.request_id == "r");

    let report = TestReport {
        results: Vec::new(),
        instance: "one".to_owned(),
    };
    world
        .engine
        .with(|state| state.tested = Some(report.clone()));
    peer.send(Down::RunTest(v1::RunTest {
        request_id: request_id(),
    }))
    .await;
    let done = peer.until(tested).await;
    assert_eq!(done.report.map(TestReport::from), Some(report));

    peer.send(Down::Diagnose(v1::Diagnose {
        request_id: request_id(),
    }))
    .await;
    let findings = peer
        .until(|kind| {
            if let Up::Diagnosed(diagnosed) = kind {
                Some(diagnosed.findings)
            } else {
                None
            }
        })
        .await;
    assert_eq!(findings[0].check, "fence_equals_phase");
    assert!(!findings[0].instance.is_empty(), "nobody found it");

    peer.send(Down::Remove(v1::Remove {
        request_id: request_id(),
    }))
    .await;
    let removed = peer
        .until(|kind| {
            if let Up::Removed(removed) = kind {
                Some(removed)
            } else {
                None
            }
        })
        .await;
    assert_eq!(removed.error, "somebody writes still");
}

#[tokio::test(start_paused = true)]
async fn a_sidecar_that_ends_lets_a_plan_end_first() {
    let mut world = World::start();
    let (mut peer, _) = world.control.greet().await;
    execute(&peer, false).await;
    peer.progress().await;
    drop(peer);
    world.shutdown.cancel();
    let ended = tokio::time::timeout(Duration::from_secs(30), &mut world.following).await;
    assert!(ended.is_err(), "it did not wait for the plan");
    world.engine.release_plan.notify_one();
    world.following.await.unwrap();
}
