//! Writes that are not committed yet.

use dualwrite_engine::store::OpenWrite;

use super::bench::Bench;
use super::prelude::*;

pub(crate) async fn nothing_is_seen_before_the_commit(bench: &dyn Bench) {
    let (store, other) = (bench.store(), bench.another().await);
    let table = items(bench).await;
    let tx = with_receipt(tx(vec![insert(&table, 1, &[(NAME, text("a"))])]), "r");
    let open = store.begin_write(&tx).await.unwrap();
    assert_eq!(open.images().len(), 1);
    assert_eq!(open.images()[0].row, Some(item(1, "a", 1)));
    for reader in [&store, &other] {
        assert_eq!(row(&**reader, &table, id_key(1)).await, None);
        assert_eq!(marks(&**reader, &table).await, []);
        assert_eq!(
            reader.receipt(SERVICE, "r", &[]).await.unwrap().receipt,
            None
        );
    }
    open.commit().await.unwrap();
    assert_eq!(row(&*other, &table, id_key(1)).await, Some(item(1, "a", 1)));
    assert_eq!(
        marks(&*other, &table).await,
        [(id_key(1), tx.token.unwrap())]
    );
    assert!(
        other
            .receipt(SERVICE, "r", &[])
            .await
            .unwrap()
            .receipt
            .is_some()
    );
}

pub(crate) async fn a_rollback_leaves_nothing(bench: &dyn Bench) {
    end_without_commit(bench, async |open| open.rollback().await).await;
}

pub(crate) async fn a_drop_leaves_nothing(bench: &dyn Bench) {
    end_without_commit(bench, async |open| drop(open)).await;
}

async fn end_without_commit(bench: &dyn Bench, end: impl AsyncFnOnce(Box<dyn OpenWrite>)) {
    let (store, table) = (bench.store(), items(bench).await);
    let tx = with_receipt(
        tx(vec![insert(&table, 1, &[]), insert(&table, 2, &[])]),
        "r",
    );
    end(store.begin_write(&tx).await.unwrap()).await;
    // The same write goes through at once: nothing is held, nothing is left.
    store.write(&tx).await.unwrap();
    assert_eq!(ids(&*store, &table).await, [1, 2]);
}
