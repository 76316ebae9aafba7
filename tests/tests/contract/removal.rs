//! The end: what is ours goes, the application's tables stay, and writes go on
//! without fences.

use dualwrite_core::diagnosis::Severity;
use dualwrite_core::fence::Fence;
use dualwrite_core::phase::Phase;
use dualwrite_core::side::Role;
use dualwrite_engine::store::{InstallRequest, Listing, StoreError};

use super::bench::Bench;
use super::prelude::*;

const OTHER: &str = "shop_item";

/// A fence of the last phase.
fn last(role: Role) -> Fence {
    Fence {
        phase: Phase::NewOnly,
        ..fence(EPOCH, role)
    }
}

/// The items, on the primary of a migration in its last phase.
async fn at_the_end(bench: &dyn Bench) -> std::sync::Arc<dualwrite_core::mapping::Table> {
    let table = created(bench, &item_draft()).await;
    let request = install_request(&[&table], Some(last(Role::Primary)));
    bench.store().install(&request).await.unwrap();
    table
}

pub(crate) async fn everything_of_a_service_goes_and_nothing_else(bench: &dyn Bench) {
    let (store, table) = (bench.store(), at_the_end(bench).await);
    write_one(&*store, insert(&table, 1, &[])).await;
    let done = store.remove(SERVICE).await.unwrap();
    assert!(!done.removed.is_empty());
    assert_eq!(done.left, Vec::<String>::new());
    assert_eq!(done.kept, Vec::<String>::new());
    assert_eq!(done.schema_before, done.schema_after);
    assert!(!done.schema_before.is_empty());
    assert_eq!(store.fence(SERVICE).await.unwrap(), None);
    // The row stands where it stood.
    let rows = store
        .read_plain(&[row_key(&table, id_key(1))])
        .await
        .unwrap();
    assert!(rows[0].is_some());
}

pub(crate) async fn it_can_run_twice_and_by_several_at_once(bench: &dyn Bench) {
    let (one, two) = (bench.store(), bench.another().await);
    at_the_end(bench).await;
    let run = async |store: &dyn dualwrite_engine::store::Store| {
        patiently(async || store.remove(SERVICE).await).await;
    };
    tokio::join!(run(&*one), run(&*two));
    let again = one.remove(SERVICE).await.unwrap();
    assert_eq!(again.removed, Vec::<String>::new());
    assert_eq!(again.left, Vec::<String>::new());
    assert_eq!(again.schema_before, again.schema_after);
}

pub(crate) async fn a_migration_that_goes_on_is_never_removed(bench: &dyn Bench) {
    let (store, table) = (bench.store(), items(bench).await);
    let refused = store.remove(SERVICE).await.unwrap_err();
    assert_eq!(refused, StoreError::Stale);
    assert_eq!(fence_at(&*store).await, Some((EPOCH, Role::Primary)));
    write_one(&*store, insert(&table, 1, &[])).await;
}

pub(crate) async fn another_service_goes_on(bench: &dyn Bench) {
    let (store, table) = (bench.store(), at_the_end(bench).await);
    let request = InstallRequest {
        service: OTHER.to_owned(),
        ..install_request(&[&table], Some(fence(EPOCH, Role::Primary)))
    };
    store.install(&request).await.unwrap();
    let done = store.remove(SERVICE).await.unwrap();
    assert_eq!(done.left, Vec::<String>::new());
    assert_eq!(store.fence(SERVICE).await.unwrap(), None);
    let stays = store.fence(OTHER).await.unwrap();
    assert_eq!(stays, Some(fence(EPOCH, Role::Primary)));
    let tx = dualwrite_engine::store::WriteTx {
        service: OTHER.into(),
        ..tx(vec![insert(&table, 7, &[])])
    };
    store.write(&tx).await.unwrap();
    if store.engine() != "memory" {
        let kept = done.kept.join("; ");
        assert!(kept.contains(OTHER) && kept.contains("fence"), "{kept}");
    }
}

pub(crate) async fn whoever_still_writes_under_the_fence_is_refused(bench: &dyn Bench) {
    let (store, late) = (bench.store(), bench.another().await);
    let table = at_the_end(bench).await;
    write_one(&*late, insert(&table, 1, &[])).await;
    store.remove(SERVICE).await.unwrap();
    let refused = late.write(&tx(vec![insert(&table, 2, &[])])).await;
    assert_eq!(refused.unwrap_err(), StoreError::Stale);
    let several = tx(vec![insert(&table, 3, &[]), insert(&table, 4, &[])]);
    let refused = late.write(&several).await;
    assert_eq!(refused.unwrap_err(), StoreError::Stale);
    let rows = store
        .read_plain(&[row_key(&table, id_key(2)), row_key(&table, id_key(3))])
        .await;
    assert_eq!(rows.unwrap(), [None, None]);
}

pub(crate) async fn an_open_write_ends_first(bench: &dyn Bench) {
    let (store, writer) = (bench.store(), bench.another().await);
    let table = at_the_end(bench).await;
    let open = writer.begin_write(&tx(vec![insert(&table, 1, &[])])).await;
    let open = open.unwrap();
    let removing = patiently(async || store.remove(SERVICE).await);
    let (done, committed) = tokio::join!(removing, async {
        // The removal waits, in short tries, however it is interleaved.
        tokio::task::yield_now().await;
        open.commit().await
    });
    committed.unwrap();
    assert_eq!(done.left, Vec::<String>::new());
    let rows = store
        .read_plain(&[row_key(&table, id_key(1))])
        .await
        .unwrap();
    assert!(rows[0].is_some());
}

pub(crate) async fn plain_writes_and_reads_need_nothing_of_ours(bench: &dyn Bench) {
    let (store, table) = (bench.store(), created(bench, &item_draft()).await);
    let images = store.write_plain(&[insert(&table, 1, &[])]).await.unwrap();
    assert!(images[0].matched && images[0].row.is_some());
    let two = [insert(&table, 2, &[]), insert(&table, 3, &[])];
    assert_eq!(store.write_plain(&two).await.unwrap().len(), 2);
    // All or nothing.
    let clash = [insert(&table, 4, &[]), insert(&table, 1, &[])];
    let refused = store.write_plain(&clash).await.unwrap_err();
    assert!(
        matches!(refused, StoreError::Constraint { .. }),
        "{refused:?}"
    );
    let listing = Listing {
        table: std::sync::Arc::clone(&table),
        filter: Vec::new(),
        after: None,
        limit: 10,
    };
    assert_eq!(store.list_plain(&listing).await.unwrap().len(), 3);
    let keys = [row_key(&table, id_key(3)), row_key(&table, id_key(4))];
    let rows = store.read_plain(&keys).await.unwrap();
    assert!(rows[0].is_some() && rows[1].is_none());
    assert_eq!(
        store.read_plain(&[]).await.unwrap(),
        Vec::<Option<_>>::new()
    );
}

pub(crate) async fn a_diagnosis_names_the_server(bench: &dyn Bench) {
    let findings = bench.store().diagnose(SERVICE).await.unwrap();
    assert_eq!(findings[0].check, "server_version");
    for finding in findings {
        assert_ne!(finding.severity, Severity::Problem, "{finding:?}");
        assert_eq!(finding.side, None);
    }
}
