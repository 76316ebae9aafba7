//! A job is split, leased, and survives those who work on it.

use dualwrite_control_app::fleet::{Command, Heard, ShardProgress};
use dualwrite_control_app::model::{JobKind, JobState};
use dualwrite_control_app::verbs::{StartJob, StartJobError};
use dualwrite_core::phase::Phase;

use crate::kit::{Bot, World, author, progress};

async fn state(world: &World, id: &str) -> JobState {
    world.plane.get_job(id).await.unwrap().job.state
}

/// A running job with shards of both entities, and who planned it.
async fn running(world: &World, bot: &mut Bot) -> String {
    let id = world.start_backfill().await;
    bot.plan_order().await;
    bot.planned(&id, &[(0, "cart"), (1, "cart"), (2, "cart"), (3, "item")])
        .await;
    world.plane.reconcile().await;
    id
}

#[tokio::test]
async fn two_sidecars_share_a_job_and_one_that_dies_is_made_up_for() {
    let world = World::at(Phase::DualWrite).await;
    let mut one = world.bot("a").await;
    let id = running(&world, &mut one).await;
    let first = one.lease_order().await;
    let second = one.lease_order().await;
    assert!(one.idle().await, "two at a time");
    let mut other = world.bot("b").await;
    world.plane.reconcile().await;
    let third = other.lease_order().await;
    assert!(other.idle().await, "items wait for all carts");
    assert_eq!(
        [&first, &second, &third].map(|order| order.shard.number),
        [0, 1, 2]
    );

    one.shard_progress(&first, 5, 9).await;
    drop(one);
    world.plane.reconcile().await;
    let again = other.lease_order().await;
    assert_eq!(
        (again.shard.number, again.shard.cursor.clone()),
        (0, vec![9])
    );
    other.shard_done(&again, 5).await;
    other.shard_done(&third, 10).await;
    world.plane.reconcile().await;
    let again = other.lease_order().await;
    assert_eq!(again.shard.number, 1);
    other.shard_done(&again, 10).await;
    assert!(!world.migration().await.backfill_complete());
    world.plane.reconcile().await;
    let last = other.lease_order().await;
    assert_eq!(last.shard.entity, "item");
    other.shard_done(&last, 10).await;

    let job = world.plane.get_job(&id).await.unwrap().job;
    assert_eq!(
        (job.state, job.rows_done, job.shards_done),
        (JobState::Done, 40, 4)
    );
    assert!(world.migration().await.backfill_complete());
    assert_eq!(
        world.history().await,
        ["applied", "job_started", "job_done"]
    );
}

#[tokio::test]
async fn what_one_says_who_does_not_hold_the_lease_does_not_count() {
    let world = World::at(Phase::DualWrite).await;
    let mut one = world.bot("a").await;
    let id = running(&world, &mut one).await;
    let order = one.lease_order().await;
    let other = world.bot("b").await;
    other.shard_done(&order, 99).await;
    assert_eq!(world.plane.get_job(&id).await.unwrap().job.rows_done, 0);
    one.shard_done(&order, 1).await;
    one.shard_done(&order, 1).await;
    let job = world.plane.get_job(&id).await.unwrap().job;
    assert_eq!(
        (job.rows_done, job.shards_done),
        (1, 1),
        "said twice, counted once"
    );
}

#[tokio::test]
async fn progress_of_an_epoch_that_is_not_known_is_done_again() {
    let world = World::at(Phase::DualWrite).await;
    let mut bot = world.bot("a").await;
    let id = running(&world, &mut bot).await;
    let order = bot.lease_order().await;
    bot.lease_order().await;
    let later = ShardProgress {
        epoch: order.epoch + 1,
        done: true,
        ..progress(&order, 7)
    };
    bot.say(Heard::ShardProgress(later)).await;
    assert_eq!(world.plane.get_job(&id).await.unwrap().job.rows_done, 0);
    assert!(matches!(bot.order().await, Command::RevokeJob { .. }));
    world.later(2).await;
    assert_eq!(bot.lease_order().await.shard.number, order.shard.number);
}

#[tokio::test]
async fn a_shard_that_fails_rests_is_tried_again_and_at_last_fails_the_job() {
    let world = World::at(Phase::DualWrite).await;
    let mut bot = world.bot("a").await;
    let id = world.start_backfill().await;
    bot.plan_order().await;
    bot.planned(&id, &[(0, "cart")]).await;
    for attempt in 1..=20 {
        world.later(61).await;
        bot = world.bot("a").await;
        world.plane.reconcile().await;
        let order = bot.lease_order().await;
        if attempt == 1 {
            bot.say(Heard::ShardProgress(failed(&order, attempt))).await;
            world.plane.reconcile().await;
            assert!(bot.idle().await, "it rests");
            world.later(1).await;
            bot.lease_order().await;
            bot.shard_progress(&order, 1, 1).await;
            assert_eq!(
                world.plane.get_job(&id).await.unwrap().job.error,
                "",
                "it went on"
            );
        }
        bot.say(Heard::ShardProgress(failed(&order, attempt))).await;
        let state = state(&world, &id).await;
        assert_eq!(state == JobState::Failed, attempt == 20, "{attempt}");
    }
    let job = world.plane.get_job(&id).await.unwrap().job;
    assert!(
        job.error.contains("shard 0 of cart: no table (attempt 20)"),
        "{}",
        job.error
    );
}

fn failed(order: &dualwrite_control_app::fleet::ShardOrder, attempt: u32) -> ShardProgress {
    let error = format!("no table (attempt {attempt})");
    ShardProgress {
        error,
        ..progress(order, 0)
    }
}

#[tokio::test]
async fn a_paused_job_stops_and_goes_on_where_it_was() {
    let world = World::at(Phase::DualWrite).await;
    let mut bot = world.bot("a").await;
    let id = running(&world, &mut bot).await;
    let order = bot.lease_order().await;
    bot.lease_order().await;
    bot.shard_progress(&order, 3, 4).await;
    let paused = world.plane.pause_job(&id, author()).await.unwrap();
    assert_eq!(paused.job.state, JobState::Paused);
    assert!(matches!(bot.order().await, Command::RevokeJob { job_id } if job_id == id));
    world.plane.reconcile().await;
    assert!(bot.idle().await);
    bot.shard_progress(&order, 3, 5).await;
    assert!(
        matches!(bot.order().await, Command::RevokeJob { .. }),
        "told again"
    );
    world.plane.resume_job(&id, author()).await.unwrap();
    world.plane.reconcile().await;
    assert_eq!(bot.lease_order().await.shard.cursor, [4]);
    world.plane.cancel_job(&id, author()).await.unwrap();
    assert_eq!(state(&world, &id).await, JobState::Cancelled);
    let refused = world.plane.resume_job(&id, author()).await.unwrap_err();
    assert!(refused.to_string().contains("cancelled"), "{refused}");
}

#[tokio::test]
async fn a_job_needs_a_secondary_known_entities_and_no_other_job() {
    let start = |entities: &[&str]| StartJob {
        name: "cart".into(),
        kind: JobKind::Backfill,
        entities: entities.iter().map(|name| (*name).to_owned()).collect(),
        max_rows_per_second: 0,
        author: author(),
    };
    let world = World::at(Phase::LegacyOnly).await;
    let refused = world.plane.start_job(start(&[])).await.unwrap_err();
    assert!(refused.to_string().contains("dual_write"), "{refused}");
    let world = World::at(Phase::DualWrite).await;
    let refused = world.plane.start_job(start(&["carts"])).await.unwrap_err();
    assert!(
        refused.to_string().contains("did you mean `cart`?"),
        "{refused}"
    );
    let first = world.plane.start_job(start(&["cart"])).await.unwrap().job;
    assert_eq!(first.entities, ["cart"]);
    let second = world.plane.start_job(start(&[])).await;
    let Err(StartJobError::Refused(refused)) = second else {
        panic!("{second:?}")
    };
    assert!(refused.why.contains(&first.id) && refused.state == Some(JobState::Planning));
}

#[tokio::test]
async fn a_split_that_fails_is_asked_of_another_and_at_last_fails_the_job() {
    let world = World::at(Phase::DualWrite).await;
    let mut bot = world.bot("a").await;
    let id = world.start_backfill().await;
    for _ in 0..3 {
        bot.plan_order().await;
        bot.planned(&id, &[(0, "cart"), (1, "stranger")]).await;
        world.plane.reconcile().await;
    }
    let job = world.plane.get_job(&id).await.unwrap().job;
    assert_eq!(job.state, JobState::Failed);
    assert!(job.error.contains("stranger"), "{}", job.error);
}

#[tokio::test]
async fn a_job_does_not_outlive_the_copying_that_it_rests_on() {
    let world = World::at(Phase::DualWrite).await;
    let mut bot = world.bot("a").await;
    let id = running(&world, &mut bot).await;
    bot.lease_order().await;
    bot.lease_order().await;
    world.plane.pause_job(&id, author()).await.unwrap();
    bot.order().await;
    bot.ready().await;
    world.walk(&mut bot, Phase::LegacyOnly).await;
    let job = world.plane.get_job(&id).await.unwrap().job;
    assert_eq!(job.state, JobState::Failed);
    assert!(job.error.contains("start it again"), "{}", job.error);
}

#[tokio::test]
async fn the_limit_of_a_job_is_shared_by_its_leases() {
    let world = World::at(Phase::DualWrite).await;
    let (mut one, _other) = (world.bot("a").await, world.bot("b").await);
    let request = StartJob {
        name: "cart".into(),
        kind: JobKind::Backfill,
        entities: Vec::new(),
        max_rows_per_second: 1000,
        author: author(),
    };
    let id = world.plane.start_job(request).await.unwrap().job.id;
    world.plane.reconcile().await;
    one.plan_order().await;
    one.planned(&id, &[(0, "cart"), (1, "cart"), (2, "cart"), (3, "cart")])
        .await;
    world.plane.reconcile().await;
    assert_eq!(one.lease_order().await.max_rows_per_second, 250);
}
