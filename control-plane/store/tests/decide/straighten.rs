//! What is not as it should be beside the fences is put right.

use dualwrite_control_app::model::TransitionState;
use dualwrite_control_app::verbs::{Abort, Delete};
use dualwrite_core::phase::Phase;
use dualwrite_core::plan::{Plan, PlanKind};

use crate::kit::{Bot, World, applying, author, spec};

/// Lets the reconcilers see for a while that something is crooked; answers the
/// plan that they then begin.
async fn put_right(world: &World, bot: &mut Bot) -> Plan {
    world.plane.reconcile().await;
    for _ in 0..2 {
        bot.ready().await;
        world.later(3).await;
    }
    bot.ready().await;
    world.plane.reconcile().await;
    bot.ready().await;
    world.plane.reconcile().await;
    bot.execute_order().await
}

#[tokio::test]
async fn a_change_that_was_taken_back_half_way_leaves_nothing_crooked() {
    let world = World::at(Phase::DualWrite).await;
    let mut bot = world.bot("a").await;
    let applied = world
        .plane
        .apply(applying(spec(&["cart", "item", "wish"])))
        .await
        .unwrap();
    bot.ready().await;
    world.plane.reconcile().await;
    let plan = bot.execute_order().await;
    assert_eq!(bot.step(&plan).await, Some("raise"));
    world
        .plane
        .abort(Abort {
            name: "cart".into(),
            author: author(),
        })
        .await
        .unwrap();
    world.plane.reconcile().await;
    let order = bot.execute_order().await;
    bot.execute(&order).await;
    let ended = world
        .transition(&applied.transition.unwrap().plan.plan_id)
        .await;
    assert_eq!(ended.state, TransitionState::Aborted);

    let plan = put_right(&world, &mut bot).await;
    assert_eq!(
        (plan.kind, plan.from_epoch, plan.to_epoch),
        (PlanKind::Bump, 1, 3)
    );
    bot.execute(&plan).await;
    let migration = world.migration().await;
    assert_eq!((migration.epoch, migration.spec.entities.len()), (3, 2));
    let (legacy, new) = world.fences.read();
    assert_eq!(
        (legacy.at().unwrap().epoch, new.at().unwrap().epoch),
        (3, 3)
    );
    bot.ready().await;
    world.later(1).await;
    bot.ready().await;
    world.later(5).await;
    assert!(bot.idle().await, "once is enough");
}

#[tokio::test]
async fn a_name_that_is_used_again_writes_its_settings_over_what_stands_there() {
    let world = World::at(Phase::LegacyOnly).await;
    let delete = Delete {
        name: "cart".into(),
        seen: None,
        author: author(),
    };
    world.plane.delete(delete).await.unwrap();
    world.plane.apply(applying(spec(&["cart"]))).await.unwrap();
    let mut bot = world.bot("a").await;
    let plan = put_right(&world, &mut bot).await;
    bot.execute(&plan).await;
    let migration = world.migration().await;
    assert_eq!((migration.phase, migration.epoch), (Phase::LegacyOnly, 2));
    let (legacy, _) = world.fences.read();
    assert_eq!(legacy.fence().unwrap().settings, migration.settings);
    assert_eq!(
        migration.epoch_settings().entities,
        spec(&["cart"]).entities
    );
}

#[tokio::test]
async fn fences_of_a_plan_that_is_not_ours_are_followed_and_then_written_anew() {
    let world = World::at(Phase::DualWrite).await;
    let mut bot = world.bot("a").await;
    let settings = world
        .migration()
        .await
        .epoch_settings()
        .moved_to(Phase::NewPrimary)
        .to_json();
    let foreign = Plan {
        plan_id: "foreign".into(),
        kind: PlanKind::Flip,
        from_phase: Phase::DualWrite,
        to_phase: Phase::NewPrimary,
        from_epoch: 1,
        to_epoch: 2,
        primary: Phase::DualWrite.primary(),
        settings,
        aborting: false,
    };
    while world.fences.step(&foreign).is_ok() {}
    bot.beat().await;
    world.plane.reconcile().await;
    let migration = world.migration().await;
    assert_eq!((migration.phase, migration.epoch), (Phase::NewPrimary, 2));
    let plan = put_right(&world, &mut bot).await;
    bot.execute(&plan).await;
    let migration = world.migration().await;
    assert_eq!((migration.phase, migration.epoch), (Phase::NewPrimary, 3));
    assert!(!migration.settings.is_empty());
}
