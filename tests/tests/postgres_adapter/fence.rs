//! Writes and the fence: whoever comes first, the other waits or is refused.

use std::time::Duration;

use anyhow::Result;
use dualwrite_core::side::Role;
use dualwrite_engine::store::{CasOutcome, LockMode, Marker, Store, StoreError, Token};

use crate::world::{SERVICE, World, add, cas, fence, freeze, insert, locks, tx};

#[tokio::test]
async fn a_stale_writer_of_any_kind_is_refused_and_leaves_nothing() -> Result<()> {
    let world = World::primary().await?;
    assert_eq!(
        world.store.change_fence(SERVICE, &freeze(), None).await?,
        CasOutcome::Changed
    );
    let one = tx(vec![world.item(1, insert(&[]))]);
    let two = tx(vec![world.item(1, insert(&[])), world.item(2, insert(&[]))]);
    for stale in [&one, &two] {
        assert_eq!(world.store.write(stale).await, Err(StoreError::Stale));
        assert_eq!(
            world.store.begin_write(stale).await.err(),
            Some(StoreError::Stale)
        );
    }
    let apply = world.store.begin_apply(&locks(&[1], LockMode::Try)).await;
    assert_eq!(apply.err(), Some(StoreError::Stale));
    assert_eq!(world.rows("SELECT count(*) FROM items").await?, "0");
    assert_eq!(
        world
            .rows("SELECT count(*) FROM dualwrite.outbox_cart_item")
            .await?,
        "0"
    );
    Ok(())
}

#[tokio::test]
async fn a_write_behind_a_fence_change_waits_and_is_then_refused() -> Result<()> {
    let world = World::primary().await?;
    // As the change does it, held open.
    let change = world
        .holding(
            "BEGIN; LOCK TABLE dualwrite.gate_cart IN SHARE ROW EXCLUSIVE MODE;
              UPDATE dualwrite.fence SET epoch = 2, role = 'frozen'",
        )
        .await?;
    let (store, one) = (world.store.clone(), tx(vec![world.item(1, insert(&[]))]));
    let single = tokio::spawn(async move { store.write(&one).await });
    let two = tx(vec![world.item(2, insert(&[])), world.item(3, insert(&[]))]);
    let store = world.store.clone();
    let several = tokio::spawn(async move { store.write(&two).await });
    world.until_waiting("relation", 2).await;
    change.batch_execute("COMMIT").await?;
    assert_eq!(single.await?, Err(StoreError::Stale));
    assert_eq!(several.await?, Err(StoreError::Stale));
    assert_eq!(world.rows("SELECT count(*) FROM items").await?, "0");
    Ok(())
}

#[tokio::test]
async fn a_fence_change_behind_an_open_write_waits_for_its_commit() -> Result<()> {
    let world = World::primary().await?;
    let open = world
        .store
        .begin_write(&tx(vec![world.item(1, insert(&[]))]))
        .await?;
    let (store, freeze) = (world.store.clone(), freeze());
    let change = tokio::spawn(async move { store.change_fence(SERVICE, &freeze, None).await });
    world.until_waiting("relation", 1).await;
    open.commit().await?;
    assert_eq!(change.await??, CasOutcome::Changed);
    // The write was under the old epoch, and its marker is there to be drained.
    assert_eq!(
        world
            .rows("SELECT k1, epoch FROM dualwrite.outbox_cart_item")
            .await?,
        "1 1"
    );
    Ok(())
}

#[tokio::test]
async fn a_gate_that_stays_held_is_given_up_naming_the_holder() -> Result<()> {
    let world = World::primary().await?;
    let _open = world
        .store
        .begin_write(&tx(vec![world.item(1, insert(&[]))]))
        .await?;
    let error = world
        .store
        .change_fence(SERVICE, &freeze(), None)
        .await
        .unwrap_err();
    let holder = "SELECT pid FROM pg_stat_activity WHERE state = 'idle in transaction'";
    let pid = world.rows(holder).await?;
    let StoreError::Busy(said) = &error else {
        panic!("{error}")
    };
    assert!(
        said.contains(&format!("process {pid} (`dualwrite-sidecar/cart`")),
        "{said}"
    );
    assert_eq!(
        world
            .rows("SELECT epoch, role FROM dualwrite.fence")
            .await?,
        "1 primary"
    );
    Ok(())
}

#[tokio::test]
async fn a_change_is_a_compare_and_set_on_epoch_and_role() -> Result<()> {
    let world = World::primary().await?;
    let other = cas((1, Role::Secondary), (2, Role::Secondary));
    let lost = world.store.change_fence(SERVICE, &other, None).await?;
    assert_eq!(lost, CasOutcome::Lost(Some(fence(1, Role::Primary))));
    // Without our tables there is no fence that could hold: they may have been
    // removed at the end of a migration.
    let nobody = world.store.change_fence("order", &other, None).await;
    assert!(matches!(nobody, Err(StoreError::Stale)), "{nobody:?}");

    assert_eq!(
        world.store.change_fence(SERVICE, &freeze(), None).await?,
        CasOutcome::Changed
    );
    assert_eq!(
        world.store.fence(SERVICE).await?,
        Some(fence(2, Role::Frozen))
    );
    let again = world.store.change_fence(SERVICE, &freeze(), None).await?;
    assert_eq!(again, CasOutcome::Lost(Some(fence(2, Role::Frozen))));
    Ok(())
}

#[tokio::test]
async fn a_hand_over_needs_every_outbox_empty() -> Result<()> {
    let world = World::primary().await?;
    world
        .store
        .write(&tx(vec![world.item(1, insert(&[]))]))
        .await?;
    world.store.change_fence(SERVICE, &freeze(), None).await?;
    let hand_over = cas((2, Role::Frozen), (2, Role::Handed));
    let tables = [world.items.clone(), world.lines.clone()];
    let left = world
        .store
        .change_fence(SERVICE, &hand_over, Some(&tables))
        .await?;
    assert_eq!(left, CasOutcome::MarkersLeft);
    let marker = Marker {
        row: world.item_key(1),
        token: Token(7),
    };
    assert_eq!(world.store.clear_markers(SERVICE, &[marker]).await?, 1);
    let done = world
        .store
        .change_fence(SERVICE, &hand_over, Some(&tables))
        .await?;
    assert_eq!(done, CasOutcome::Changed);
    Ok(())
}

#[tokio::test]
async fn writers_that_race_with_changes_are_counted_exactly() -> Result<()> {
    const WRITERS: usize = 8;
    let world = World::primary().await?;
    world
        .run("INSERT INTO items VALUES (1, 0, NULL, NULL)")
        .await?;
    let writers: Vec<_> = (0..WRITERS)
        .map(|_| {
            let (store, item) = (world.store.clone(), world.item(1, add(1, 1)));
            tokio::spawn(async move {
                let mut acknowledged = 0;
                loop {
                    match store.write(&tx(vec![item.clone()])).await {
                        Ok(_) => acknowledged += 1,
                        Err(StoreError::Stale) => return acknowledged,
                        Err(error) => panic!("{error}"),
                    }
                }
            })
        })
        .collect();
    world.until("SELECT qty > 50 FROM items", "t").await;
    assert_eq!(
        world.store.change_fence(SERVICE, &freeze(), None).await?,
        CasOutcome::Changed
    );
    let at_the_change = world.rows("SELECT qty FROM items").await?;
    let mut acknowledged = 0;
    for writer in writers {
        acknowledged += writer.await?;
    }
    // Whatever was acknowledged was there when the change returned, and nothing came behind it.
    assert_eq!(acknowledged.to_string(), at_the_change);
    assert_eq!(world.rows("SELECT qty FROM items").await?, at_the_change);
    Ok(())
}

#[tokio::test]
async fn an_open_copy_holds_the_fence_of_the_secondary() -> Result<()> {
    let world = World::secondary().await?;
    let open = world
        .store
        .begin_apply(&locks(&[1], LockMode::Wait(Duration::from_secs(1))))
        .await?;
    let raise = cas((1, Role::Secondary), (2, Role::Primary));
    let busy = world.store.change_fence(SERVICE, &raise, None).await;
    assert!(matches!(busy, Err(StoreError::Busy(_))), "{busy:?}");
    open.rollback().await;
    assert_eq!(
        world.store.change_fence(SERVICE, &raise, None).await?,
        CasOutcome::Changed
    );
    Ok(())
}
