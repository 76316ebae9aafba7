//! Creating our own tables.

use dualwrite_core::side::Role;
use dualwrite_engine::store::StoreError;

use super::bench::Bench;
use super::prelude::*;

pub(crate) async fn creates_what_is_missing_and_can_run_twice(bench: &dyn Bench) {
    let (store, table) = (bench.store(), created(bench, &item_draft()).await);
    assert_eq!(store.fence(SERVICE).await.unwrap(), None);
    install(&*store, &[&table], Role::Primary).await;
    assert_eq!(
        store.fence(SERVICE).await.unwrap(),
        Some(fence(EPOCH, Role::Primary))
    );
    write_one(&*store, insert(&table, 1, &[])).await;

    let other = install_request(&[&table], Some(fence(9, Role::Off)));
    store.install(&other).await.unwrap();
    assert_eq!(fence_at(&*store).await, Some((EPOCH, Role::Primary)));
    assert_eq!(marks(&*store, &table).await.len(), 1);
}

pub(crate) async fn can_run_by_several_at_once(bench: &dyn Bench) {
    let table = created(bench, &item_draft()).await;
    let (one, two) = (bench.store(), bench.another().await);
    let request = install_request(&[&table], Some(fence(EPOCH, Role::Primary)));
    let run = async |store: &dyn dualwrite_engine::store::Store| {
        patiently(async || store.install(&request).await).await;
    };
    tokio::join!(run(&*one), run(&*two), run(&*one), run(&*two));
    assert_eq!(fence_at(&*one).await, Some((EPOCH, Role::Primary)));
    write_one(&*two, insert(&table, 1, &[])).await;
}

pub(crate) async fn refuses_tables_without_a_fence_row(bench: &dyn Bench) {
    let (store, table) = (bench.store(), items(bench).await);
    bench.remove_fence(SERVICE).await;
    let error = store
        .install(&install_request(&[&table], None))
        .await
        .unwrap_err();
    assert!(matches!(error, StoreError::Schema(_)), "{error:?}");
    assert_eq!(store.fence(SERVICE).await.unwrap(), None);
}

pub(crate) async fn adds_outboxes_to_what_is_there(bench: &dyn Bench) {
    let (store, items) = (bench.store(), items(bench).await);
    let notes = created(bench, &note_draft()).await;
    assert!(store.markers(SERVICE, &notes, None, 1).await.is_err());
    store
        .install(&install_request(&[&items, &notes], None))
        .await
        .unwrap();
    assert_eq!(marks(&*store, &notes).await, []);
    assert_eq!(fence_at(&*store).await, Some((EPOCH, Role::Primary)));
}

pub(crate) async fn shows_its_statements(bench: &dyn Bench) {
    let (store, table) = (bench.store(), created(bench, &item_draft()).await);
    let sql = store.install_sql(&install_request(&[&table], Some(fence(1, Role::Primary))));
    assert!(sql.contains(SERVICE), "{sql}");
    // To show them is not to run them.
    assert_eq!(store.fence(SERVICE).await.unwrap(), None);
}
