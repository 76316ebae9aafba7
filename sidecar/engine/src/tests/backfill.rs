//! Backfill over rows that were there before.

use dualwrite_core::phase::Phase;
use dualwrite_core::side::Side;
use dualwrite_core::value::Value;
use tokio::sync::mpsc;

use super::world::*;
use crate::request::{PlanOutcome, ShardEvent, ShardState, ShardTask};

async fn run(world: &World, task: ShardTask) -> Vec<ShardEvent> {
    let (sender, mut events) = mpsc::channel(1_000);
    world
        .engine
        .run_shard(task, sender, std::future::pending())
        .await;
    let mut told = Vec::new();
    while let Some(event) = events.recv().await {
        told.push(event);
    }
    told
}

async fn tasks(world: &World) -> Vec<ShardTask> {
    let epoch = world.legacy.fence_row("shop").unwrap().epoch;
    let shards = world.engine.plan_shards(&[], 3).await.unwrap();
    let each = (0..).zip(shards).map(|(shard, range)| ShardTask {
        job_id: "j".into(),
        shard,
        range,
        cursor: Vec::new(),
        epoch,
        max_rows_per_second: 0,
    });
    each.collect()
}

async fn with_old_rows() -> World {
    let world = World::at(Phase::LegacyOnly).await;
    for id in 0..1_000 {
        let row = vec![
            Value::Int(id),
            text("open"),
            Value::Int(id * 3),
            Value::Int(0),
        ];
        world.legacy.put("old_carts", row);
        world.legacy.put(
            "old_items",
            vec![Value::Int(id), text("tea"), Value::Int(1)],
        );
    }
    // Left over from an earlier attempt: legacy deleted it since.
    world.new.put(
        "carts",
        vec![Value::Int(5_000), text("gone"), money("1"), Value::Int(0)],
    );
    assert_eq!(world.step(Phase::DualWrite).await.0, PlanOutcome::Done);
    world
}

#[tokio::test(start_paused = true)]
async fn every_row_that_was_there_before_arrives_and_what_is_gone_goes() {
    let world = with_old_rows().await;
    let mut rows = 0;
    for task in tasks(&world).await {
        let told = run(&world, task).await;
        assert_eq!(told.last().unwrap().state, ShardState::Done);
        rows += told.iter().map(|event| event.rows).sum::<u64>();
    }
    assert_eq!(rows, 2_001, "the union of both sides' keys");
    world.converged().await;
    assert_eq!(world.carts(Side::New).len(), 1_000);
}

#[tokio::test(start_paused = true)]
async fn rows_written_and_deleted_meanwhile_are_right_afterwards() {
    let world = with_old_rows().await;
    let tasks = tasks(&world).await;
    let copying = async {
        for task in tasks {
            run(&world, task).await;
        }
    };
    let writing = async {
        for id in (0..1_000).step_by(7) {
            world.write(vec![delete(id)]).await.unwrap();
            world.write(vec![visit(id + 1)]).await.unwrap();
            tokio::task::yield_now().await;
        }
    };
    tokio::join!(copying, writing);
    world.converged().await;
}

#[tokio::test(start_paused = true)]
async fn a_shard_goes_on_where_its_cursor_says() {
    let world = with_old_rows().await;
    let task = tasks(&world).await.remove(0);
    let told = run(&world, task.clone()).await;
    assert!(told.len() > 1, "it takes more than one chunk");
    let resumed = ShardTask {
        cursor: told[0].cursor.clone(),
        ..task
    };
    let again = run(&world, resumed).await;
    let rows = |events: &[ShardEvent]| events.iter().map(|event| event.rows).sum::<u64>();
    assert_eq!(rows(&again), rows(&told) - told[0].rows);
}

#[tokio::test(start_paused = true)]
async fn a_batch_starts_again_with_as_many_rows_as_the_flag_says() {
    let world = with_old_rows().await;
    let task = tasks(&world).await.remove(0);
    for size in [1, 7, 50] {
        world.flags(|flags| flags.batch_size = size);
        let told = run(&world, task.clone()).await;
        assert_eq!(told[0].rows, u64::from(size));
        assert!(told[1].rows > told[0].rows, "it grows while it is quick");
    }
    // Also in the midst of a shard.
    world.flags(|flags| flags.batch_size = 50);
    let (sender, mut events) = mpsc::channel(1);
    let running = world.engine.run_shard(task, sender, std::future::pending());
    let listening = async {
        let first = events.recv().await.unwrap().rows;
        world.flags(|flags| flags.batch_size = 3);
        let mut sizes = vec![first];
        while let Some(event) = events.recv().await {
            sizes.push(event.rows);
        }
        sizes
    };
    let ((), sizes) = tokio::join!(running, listening);
    assert_eq!(sizes[0], 50);
    assert!(sizes.contains(&3), "{sizes:?}");
}

#[tokio::test(start_paused = true)]
async fn progress_of_an_older_epoch_does_not_count() {
    let world = with_old_rows().await;
    let mut task = tasks(&world).await.remove(0);
    task.epoch -= 1;
    let told = run(&world, task).await;
    assert!(
        matches!(&told[..], [ShardEvent { state: ShardState::Failed(why), .. }] if why.contains("epoch"))
    );
}

#[tokio::test(start_paused = true)]
async fn a_row_that_the_secondary_refuses_is_marked_and_not_dropped() {
    let world = with_old_rows().await;
    world.new.refuse("carts", &key(10), true);
    let mut quarantined = 0;
    for task in tasks(&world).await {
        quarantined += run(&world, task)
            .await
            .iter()
            .map(|event| event.quarantined)
            .sum::<u64>();
    }
    assert_eq!(quarantined, 1);
    assert_eq!(world.legacy.markers().len(), 1);
    world.new.refuse("carts", &key(10), false);
    world.converged().await;
}

#[tokio::test(start_paused = true)]
async fn a_phase_without_a_secondary_has_nothing_to_fill() {
    let world = World::at(Phase::LegacyOnly).await;
    let error = world.engine.plan_shards(&[], 3).await.unwrap_err();
    assert!(error.to_string().contains("legacy_only"), "{error}");
}
