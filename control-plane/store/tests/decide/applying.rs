//! Applying a manifest: first, again, and with other entities.

use dualwrite_control_app::fleet::End;
use dualwrite_control_app::model::TransitionState;
use dualwrite_control_app::verbs::{ApplyError, Delete, DeleteError};
use dualwrite_core::phase::Phase;

use crate::kit::{World, applying, author, spec};

#[tokio::test]
async fn a_first_apply_creates_and_a_second_of_the_same_changes_nothing() {
    let world = World::empty().await;
    let mut request = applying(spec(&["cart"]));
    request.validate_only = true;
    let dry = world.plane.apply(request).await.unwrap();
    assert!(
        dry.created && world.plane.get("cart").await.is_err(),
        "only validated"
    );
    let first = world.plane.apply(applying(spec(&["cart"]))).await.unwrap();
    assert!(first.created && first.changed);
    assert_eq!(first.migration.migration.phase, Phase::LegacyOnly);
    let second = world.plane.apply(applying(spec(&["cart"]))).await.unwrap();
    assert!(!second.created && !second.changed);
    assert_eq!(second.migration.migration.revision, 1);
}

#[tokio::test]
async fn flags_and_guards_change_at_once_and_validate_only_keeps_nothing() {
    let world = World::at(Phase::LegacyOnly).await;
    let mut changed = spec(&["cart", "item"]);
    changed.guards.max_markers = 7;
    changed.flags.batch_size = 50;
    let mut request = applying(changed);
    request.validate_only = true;
    let dry = world.plane.apply(request.clone()).await.unwrap();
    assert!(dry.changed && dry.migration.migration.revision == 2);
    assert_eq!(world.migration().await.revision, 1);
    request.validate_only = false;
    world.plane.apply(request).await.unwrap();
    let migration = world.migration().await;
    assert_eq!((migration.revision, migration.epoch), (2, 1));
    assert_eq!(migration.spec.guards.max_markers, 7);
}

#[tokio::test]
async fn bad_names_and_specs_are_refused_with_what_would_be_right() {
    let world = World::empty().await;
    let mut request = applying(spec(&["cart"]));
    request.name = "Cart-Service".into();
    let refused = world.plane.apply(request).await.unwrap_err();
    assert!(matches!(refused, ApplyError::Name(_)) && refused.to_string().contains("lower case"));
    let mut bad = spec(&["cart"]);
    bad.flags.batch_size = 9999;
    let refused = world.plane.apply(applying(bad)).await;
    let Err(ApplyError::Invalid(invalid)) = refused else {
        panic!("{refused:?}")
    };
    assert!(
        invalid.violations[0].path.contains("batch_size"),
        "{invalid}"
    );
}

#[tokio::test]
async fn settings_that_nobody_accepted_are_corrected_in_place() {
    let world = World::at(Phase::LegacyOnly).await;
    let bot = crate::kit::Bot::join(&world.plane, &world.fences, "a").await;
    bot.nack("no table old_item").await;
    let applied = world.plane.apply(applying(spec(&["cart"]))).await.unwrap();
    assert!(applied.transition.is_none());
    let migration = world.migration().await;
    assert_eq!((migration.revision, migration.epoch), (2, 1));
    assert_eq!(migration.epoch_settings().entities, migration.spec.entities);
}

#[tokio::test]
async fn a_new_entity_comes_into_force_when_all_have_accepted_it() {
    let world = World::at(Phase::DualWrite).await;
    let (mut one, mut other) = (world.bot("a").await, world.bot("b").await);
    world.backfill(&mut one).await;
    let applied = world
        .plane
        .apply(applying(spec(&["cart", "item", "wish"])))
        .await
        .unwrap();
    let plan_id = applied.transition.unwrap().plan.plan_id;
    let migration = world.migration().await;
    assert_eq!(migration.spec.entities.len(), 3);
    assert_eq!(
        migration.epoch_settings().entities.len(),
        2,
        "not in force yet"
    );
    world.plane.reconcile().await;
    one.ready().await;
    world.plane.reconcile().await;
    assert!(one.idle().await && other.idle().await, "b has not accepted");
    other.ready().await;
    world.plane.reconcile().await;
    let plan = one.execute_order().await;
    one.execute(&plan).await;
    assert_eq!(
        world.transition(&plan_id).await.state,
        TransitionState::Done
    );
    let migration = world.migration().await;
    assert_eq!((migration.phase, migration.epoch), (Phase::DualWrite, 2));
    assert_eq!(migration.epoch_settings().entities.len(), 3);
    assert!(
        !migration.backfill_complete(),
        "the new one has not been copied"
    );
    assert_eq!(migration.backfilled.len(), 2);
}

#[tokio::test]
async fn a_mapping_that_a_sidecar_refuses_never_comes_into_force() {
    let world = World::at(Phase::DualWrite).await;
    let bot = world.bot("a").await;
    let before = world.migration().await.spec.entities;
    let applied = world
        .plane
        .apply(applying(spec(&["cart", "item", "wish"])))
        .await
        .unwrap();
    bot.nack("legacy: no table old_wish").await;
    world.plane.reconcile().await;
    world.plane.reconcile().await;
    let ended = world
        .transition(&applied.transition.unwrap().plan.plan_id)
        .await;
    assert_eq!(ended.state, TransitionState::Aborted);
    assert!(
        ended.outcome.contains("a: legacy: no table old_wish"),
        "{}",
        ended.outcome
    );
    let migration = world.migration().await;
    assert_eq!((migration.spec.entities, migration.epoch), (before, 1));
}

#[tokio::test]
async fn entities_are_added_only_where_they_can_be_copied_from_legacy() {
    let world = World::at(Phase::NewPrimary).await;
    let _bot = world.bot("a").await;
    let refused = world
        .plane
        .apply(applying(spec(&["cart", "item", "wish"])))
        .await;
    let Err(ApplyError::Refused(refused)) = refused else {
        panic!("{refused:?}")
    };
    assert!(
        refused.why.contains("`wish`") && refused.why.contains("dual_write"),
        "{refused}"
    );
    world.plane.apply(applying(spec(&["cart"]))).await.unwrap();
}

#[tokio::test]
async fn entities_change_only_with_a_live_sidecar_and_no_transition() {
    let world = World::at(Phase::LegacyOnly).await;
    let bot = world.bot("a").await;
    drop(bot);
    let refused = world
        .plane
        .apply(applying(spec(&["cart"])))
        .await
        .unwrap_err();
    assert!(refused.to_string().contains("no live sidecar"), "{refused}");
    let _bot = world.bot("a").await;
    world.begin(Phase::DualWrite).await;
    let refused = world.plane.apply(applying(spec(&["cart"]))).await;
    assert!(
        matches!(refused, Err(ApplyError::Running(_))),
        "{refused:?}"
    );
    let mut flags_only = spec(&["cart", "item"]);
    flags_only.flags.batch_size = 9;
    world.plane.apply(applying(flags_only)).await.unwrap();
}

#[tokio::test]
async fn a_migration_in_use_is_not_deleted_and_a_name_is_used_again_with_later_revisions() {
    let delete = || Delete {
        name: "cart".into(),
        seen: None,
        author: author(),
    };
    let world = World::at(Phase::DualWrite).await;
    let refused = world.plane.delete(delete()).await.unwrap_err();
    assert!(refused.to_string().contains("legacy_only"), "{refused}");
    let world = World::at(Phase::LegacyOnly).await;
    let mut bot = world.bot("pod-1").await;
    let refused = world.plane.delete(delete()).await;
    let Err(DeleteError::InUse(refused)) = refused else {
        panic!("{refused:?}")
    };
    assert!(refused.why.contains("pod-1"), "{refused}");
    world.later(7).await;
    assert_eq!(bot.ended().await, End::Silent);
    world.plane.delete(delete()).await.unwrap();
    assert!(world.plane.get("cart").await.is_err() && world.plane.snapshot("cart").is_err());
    assert_eq!(world.history().await, ["applied", "deleted"]);
    let again = world.plane.apply(applying(spec(&["cart"]))).await.unwrap();
    assert!(again.created);
    assert_eq!(again.migration.migration.revision, 3);
}
