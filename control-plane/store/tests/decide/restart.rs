//! The control plane is stopped in the middle and started again.

use std::sync::Arc;

use dualwrite_control_app::model::{JobState, TransitionState};
use dualwrite_core::phase::Phase;

use crate::kit::{Fences, HandClock, World};

struct House {
    folder: tempfile::TempDir,
    clock: Arc<HandClock>,
    fences: Fences,
}

impl House {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self {
            folder,
            clock: Arc::default(),
            fences: Fences::default(),
        }
    }

    async fn start(&self) -> World {
        World::in_folder(self.folder.path(), self.clock.clone(), self.fences.clone()).await
    }
}

#[tokio::test]
async fn a_flip_goes_on_after_each_step_at_which_the_control_plane_stops() {
    for stop_after in 0..4 {
        let house = House::new();
        let world = house.start().await;
        world.create(Phase::DualWrite).await;
        let mut bot = world.bot("a").await;
        world.backfill(&mut bot).await;
        let plan_id = world.begin(Phase::NewPrimary).await;
        world.plane.reconcile().await;
        let plan = bot.execute_order().await;
        for _ in 0..stop_after {
            bot.step(&plan).await;
        }
        drop(bot);
        world.store.close().await;
        drop(world);

        let world = house.start().await;
        let snapshot = world.plane.snapshot("cart").unwrap();
        assert_eq!(
            snapshot.snapshot.plan.as_ref(),
            Some(&plan),
            "it is announced again"
        );
        let mut other = world.bot("b").await;
        let mut bot = world.bot("a").await;
        world.plane.reconcile().await;
        if world.transition(&plan_id).await.state == TransitionState::Running {
            let again = bot.execute_order().await;
            assert_eq!(again, plan, "the one that had it goes on");
            assert!(other.idle().await);
            bot.execute(&again).await;
        }
        assert_eq!(
            world.transition(&plan_id).await.state,
            TransitionState::Done,
            "{stop_after}"
        );
        let migration = world.migration().await;
        assert_eq!(
            (migration.phase, migration.epoch),
            (Phase::NewPrimary, plan.to_epoch)
        );
    }
}

#[tokio::test]
async fn a_flip_that_was_finished_meanwhile_is_seen_in_the_fences() {
    let house = House::new();
    let world = house.start().await;
    world.create(Phase::DualWrite).await;
    let mut bot = world.bot("a").await;
    world.backfill(&mut bot).await;
    let plan_id = world.begin(Phase::NewPrimary).await;
    world.plane.reconcile().await;
    let plan = bot.execute_order().await;
    drop(bot);
    world.store.close().await;
    drop(world);
    while house.fences.step(&plan).is_ok() {}

    let world = house.start().await;
    let mut bot = world.bot("b").await;
    world.plane.reconcile().await;
    assert_eq!(
        world.transition(&plan_id).await.state,
        TransitionState::Done
    );
    assert!(bot.idle().await, "nobody has to do anything");
}

#[tokio::test]
async fn leases_end_with_the_control_plane_and_cursors_stay() {
    let house = House::new();
    let world = house.start().await;
    world.create(Phase::DualWrite).await;
    let mut bot = world.bot("a").await;
    let id = world.start_backfill().await;
    bot.plan_order().await;
    bot.planned(&id, &[(0, "cart"), (1, "item")]).await;
    world.plane.reconcile().await;
    let order = bot.lease_order().await;
    bot.shard_progress(&order, 4, 8).await;
    drop(bot);
    world.store.close().await;
    drop(world);

    let world = house.start().await;
    let mut bot = world.bot("a").await;
    world.plane.reconcile().await;
    let order = bot.lease_order().await;
    assert_eq!(
        (order.shard.number, order.shard.cursor.clone()),
        (0, vec![8])
    );
    bot.shard_done(&order, 6).await;
    world.plane.reconcile().await;
    let order = bot.lease_order().await;
    bot.shard_done(&order, 10).await;
    let job = world.plane.get_job(&id).await.unwrap().job;
    assert_eq!((job.state, job.rows_done), (JobState::Done, 20));
}
