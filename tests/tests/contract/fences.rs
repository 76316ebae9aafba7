//! Who may write.

use std::sync::atomic::{AtomicBool, Ordering};

use dualwrite_core::side::Role;
use dualwrite_engine::store::{CasOutcome, LockMode, Store, StoreError, Token};

use super::bench::Bench;
use super::prelude::*;

pub(crate) async fn a_change_is_a_compare_and_set(bench: &dyn Bench) {
    let store = bench.store();
    items(bench).await;
    let change = cas((EPOCH, Role::Primary), (EPOCH + 1, Role::Frozen));
    assert_eq!(
        store.change_fence(SERVICE, &change, None).await,
        Ok(CasOutcome::Changed)
    );
    assert_eq!(
        store.fence(SERVICE).await,
        Ok(Some(fence(EPOCH + 1, Role::Frozen)))
    );
    let lost = CasOutcome::Lost(Some(fence(EPOCH + 1, Role::Frozen)));
    assert_eq!(store.change_fence(SERVICE, &change, None).await, Ok(lost));
    // The same role at another epoch is another fence.
    let wrong_epoch = cas((EPOCH, Role::Frozen), (EPOCH, Role::Primary));
    let outcome = store
        .change_fence(SERVICE, &wrong_epoch, None)
        .await
        .unwrap();
    assert!(matches!(outcome, CasOutcome::Lost(Some(_))), "{outcome:?}");
}

pub(crate) async fn a_missing_fence_is_lost(bench: &dyn Bench) {
    let store = bench.store();
    items(bench).await;
    bench.remove_fence(SERVICE).await;
    let change = cas((EPOCH, Role::Primary), (EPOCH + 1, Role::Frozen));
    let outcome = store.change_fence(SERVICE, &change, None).await;
    assert_eq!(outcome, Ok(CasOutcome::Lost(None)));
}

pub(crate) async fn a_drained_change_refuses_while_markers_are_left(bench: &dyn Bench) {
    let (store, (items, notes)) = (bench.store(), items_and_notes(bench, Role::Primary).await);
    write_one(&*store, insert(&items, 1, &[])).await;
    let tables = [items.clone(), notes.clone()];
    let drained = Some(tables.as_slice());
    let change = cas((EPOCH, Role::Primary), (EPOCH + 1, Role::Handed));
    assert_eq!(
        store.change_fence(SERVICE, &change, drained).await,
        Ok(CasOutcome::MarkersLeft)
    );
    assert_eq!(fence_at(&*store).await, Some((EPOCH, Role::Primary)));
    // A fence that is something else says more than markers that are left.
    let lost = cas((EPOCH + 5, Role::Primary), (EPOCH + 6, Role::Handed));
    let outcome = store.change_fence(SERVICE, &lost, drained).await.unwrap();
    assert!(matches!(outcome, CasOutcome::Lost(_)), "{outcome:?}");

    let markers = store.markers(SERVICE, &items, None, 9).await.unwrap();
    assert_eq!(store.clear_markers(SERVICE, &markers).await, Ok(1));
    assert_eq!(
        store.change_fence(SERVICE, &change, drained).await,
        Ok(CasOutcome::Changed)
    );
}

/// Every foreground call, refused.
async fn expect_stale(store: &dyn Store, table: &std::sync::Arc<dualwrite_core::mapping::Table>) {
    let stale = tx(vec![insert(table, 1, &[])]);
    assert_eq!(store.write(&stale).await, Err(StoreError::Stale));
    let several = tx(vec![insert(table, 1, &[]), insert(table, 2, &[])]);
    assert_eq!(store.write(&several).await, Err(StoreError::Stale));
    let with_receipt = with_receipt(tx(vec![delete(table, 1)]), "r");
    assert_eq!(store.write(&with_receipt).await, Err(StoreError::Stale));
    assert_eq!(
        store.begin_write(&stale).await.map(|_| ()),
        Err(StoreError::Stale)
    );
    assert_eq!(
        store.begin_write(&several).await.map(|_| ()),
        Err(StoreError::Stale)
    );
    let keys = [row_key(table, id_key(1))];
    assert_eq!(
        store.mark(SERVICE, EPOCH, Token(1), &keys).await,
        Err(StoreError::Stale)
    );
    assert_eq!(
        store.settle(SERVICE, EPOCH, "q").await,
        Err(StoreError::Stale)
    );
}

pub(crate) async fn every_write_is_refused_where_the_fence_says_otherwise(bench: &dyn Bench) {
    let (store, table) = (bench.store(), items(bench).await);
    let mut now = (EPOCH, Role::Primary);
    let others = [
        (EPOCH, Role::Frozen),
        (EPOCH, Role::Handed),
        (EPOCH, Role::Secondary),
        (EPOCH, Role::Off),
        (EPOCH + 1, Role::Primary),
        (EPOCH - 1, Role::Primary),
    ];
    for other in others {
        move_fence(&*store, now, other).await;
        now = other;
        expect_stale(&*store, &table).await;
    }
    move_fence(&*store, now, (EPOCH, Role::Primary)).await;
    assert_eq!(ids(&*store, &table).await, [0_i64; 0]);
    assert_eq!(marks(&*store, &table).await, []);
    assert_eq!(
        store.receipt(SERVICE, "q", &[]).await.unwrap().receipt,
        None
    );
    write_one(&*store, insert(&table, 1, &[])).await;
}

pub(crate) async fn every_copy_is_refused_where_the_fence_says_otherwise(bench: &dyn Bench) {
    let (store, table) = (bench.store(), items(bench).await);
    let mut now = (EPOCH, Role::Primary);
    let request = locks(&[1, 2], LockMode::Wait(LONG));
    for other in [
        (EPOCH, Role::Frozen),
        (EPOCH, Role::Off),
        (EPOCH + 1, Role::Secondary),
    ] {
        assert_eq!(
            store.begin_apply(&request).await.map(|_| ()),
            Err(StoreError::Stale)
        );
        move_fence(&*store, now, other).await;
        now = other;
        assert_eq!(
            store.begin_apply(&request).await.map(|_| ()),
            Err(StoreError::Stale)
        );
    }
    move_fence(&*store, now, (EPOCH, Role::Secondary)).await;
    apply(&*store, &[copy(&table, id_key(1), Some(item(1, "a", 1)))]).await;
}

pub(crate) async fn a_missing_fence_refuses_everything(bench: &dyn Bench) {
    let (store, table) = (bench.store(), items(bench).await);
    bench.remove_fence(SERVICE).await;
    expect_stale(&*store, &table).await;
    let request = locks(&[1], LockMode::Wait(LONG));
    assert_eq!(
        store.begin_apply(&request).await.map(|_| ()),
        Err(StoreError::Stale)
    );
}

/// Looks at the fence often enough for a change that does not wait to show.
async fn stays(store: &dyn Store, expected: (u64, Role), changed: &AtomicBool) {
    for _ in 0..20 {
        assert_eq!(fence_at(store).await, Some(expected));
        tokio::task::yield_now().await;
    }
    assert!(!changed.load(Ordering::SeqCst), "the change did not wait");
}

pub(crate) async fn an_open_write_keeps_the_fence_from_changing(bench: &dyn Bench) {
    let (store, other) = (bench.store(), bench.another().await);
    let table = items(bench).await;
    let (from, to) = ((EPOCH, Role::Primary), (EPOCH + 1, Role::Frozen));
    let open = store
        .begin_write(&tx(vec![insert(&table, 1, &[])]))
        .await
        .unwrap();
    let changed = AtomicBool::new(false);
    let change = async {
        move_fence(&*other, from, to).await;
        changed.store(true, Ordering::SeqCst);
    };
    let commit = async {
        stays(&*store, from, &changed).await;
        open.commit().await.unwrap();
    };
    tokio::join!(change, commit);
    assert_eq!(fence_at(&*store).await, Some(to));
    assert_eq!(ids(&*store, &table).await, [1]);
    assert_eq!(
        refused(&*store, vec![insert(&table, 2, &[])]).await,
        StoreError::Stale
    );
}

pub(crate) async fn an_open_apply_keeps_the_fence_from_changing(bench: &dyn Bench) {
    let (store, other) = (bench.store(), bench.another().await);
    let table = created(bench, &item_draft()).await;
    install(&*store, &[&table], Role::Secondary).await;
    let (from, to) = ((EPOCH, Role::Secondary), (EPOCH + 1, Role::Primary));
    let mut open = store
        .begin_apply(&locks(&[3], LockMode::Wait(LONG)))
        .await
        .unwrap();
    open.apply(&[copy(&table, id_key(1), Some(item(1, "a", 1)))])
        .await
        .unwrap();
    let changed = AtomicBool::new(false);
    let change = async {
        move_fence(&*other, from, to).await;
        changed.store(true, Ordering::SeqCst);
    };
    let commit = async {
        stays(&*store, from, &changed).await;
        open.commit().await.unwrap();
    };
    tokio::join!(change, commit);
    assert_eq!(ids(&*store, &table).await, [1]);
    let late = store.begin_apply(&locks(&[3], LockMode::Wait(LONG))).await;
    assert_eq!(late.map(|_| ()), Err(StoreError::Stale));
}

pub(crate) async fn changes_that_race_have_one_winner(bench: &dyn Bench) {
    let (one, two) = (bench.store(), bench.another().await);
    items(bench).await;
    let change = cas((EPOCH, Role::Primary), (EPOCH + 1, Role::Frozen));
    let run = async |store: &dyn Store| {
        patiently(async || store.change_fence(SERVICE, &change, None).await).await
    };
    let outcomes = tokio::join!(run(&*one), run(&*two), run(&*one), run(&*two));
    let won = [outcomes.0, outcomes.1, outcomes.2, outcomes.3]
        .into_iter()
        .filter(|outcome| *outcome == CasOutcome::Changed)
        .count();
    assert_eq!(won, 1);
}
