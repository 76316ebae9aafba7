//! Reads with the fence of the same snapshot.

use std::sync::Arc;

use dualwrite_core::fence::Fence;
use dualwrite_core::mapping::Table;
use dualwrite_core::side::Role;
use dualwrite_core::value::Value;
use dualwrite_engine::store::{Change, ListPage, Listing, Store};

use super::bench::Bench;
use super::prelude::*;

pub(crate) async fn rows_come_in_the_order_of_the_keys_with_the_fence(bench: &dyn Bench) {
    let (store, (items, notes)) = (bench.store(), items_and_notes(bench, Role::Primary).await);
    let line = key([Value::Int(2), text("a")]);
    let change = Change::Insert {
        values: vec![(2, text("hi"))],
    };
    let inserts = [1, 2, 3].map(|id| insert(&items, id, &[(NAME, text("n"))]));
    let noted = mutation(&notes, line.clone(), change);
    write(&*store, [inserts.to_vec(), vec![noted]].concat()).await;

    let item_key = |id: i64| row_key(&items, id_key(id));
    let keys = [
        item_key(3),
        row_key(&notes, line),
        item_key(8),
        item_key(1),
        item_key(3),
    ];
    let read = store.read(SERVICE, &keys).await.unwrap();
    assert_eq!(read.fence, Some(fence(EPOCH, Role::Primary)));
    let note = vec![Value::Int(2), text("a"), text("hi")];
    let (one, three) = (item(1, "n", 1), item(3, "n", 1));
    assert_eq!(
        read.rows,
        [
            Some(three.clone()),
            Some(note),
            None,
            Some(one),
            Some(three)
        ]
    );
    let elsewhere = store.read("stranger", &[]).await.unwrap();
    assert_eq!((elsewhere.fence, elsewhere.rows), (None, Vec::new()));
}

async fn page(
    store: &dyn Store,
    table: &Arc<Table>,
    filter: &[(usize, Value)],
    after: Option<i64>,
    limit: u32,
) -> (Option<Fence>, Vec<i64>) {
    let listing = Listing {
        table: Arc::clone(table),
        filter: filter.to_vec(),
        after: after.map(id_key),
        limit,
    };
    let ListPage { fence, rows } = store.list(SERVICE, &listing).await.unwrap();
    let ids = rows.iter().map(|row| {
        let Value::Int(id) = row[ID] else {
            panic!("{:?} is no id", row[ID])
        };
        id
    });
    (fence, ids.collect())
}

pub(crate) async fn a_list_goes_on_after_a_key(bench: &dyn Bench) {
    let (store, table) = (bench.store(), items(bench).await);
    write(
        &*store,
        [5, -3, 11, 2].map(|id| insert(&table, id, &[])).to_vec(),
    )
    .await;
    let (at, first) = page(&*store, &table, &[], None, 3).await;
    assert_eq!(at, Some(fence(EPOCH, Role::Primary)));
    assert_eq!(first, [-3, 2, 5]);
    assert_eq!(page(&*store, &table, &[], Some(5), 3).await.1, [11]);
    assert_eq!(page(&*store, &table, &[], Some(4), 1).await.1, [5]);
    assert_eq!(page(&*store, &table, &[], Some(11), 3).await.1, [0_i64; 0]);
}

pub(crate) async fn a_list_keeps_to_its_filter(bench: &dyn Bench) {
    let (store, table) = (bench.store(), items(bench).await);
    let named = |id: i64, name: &str, qty: i64| {
        insert(&table, id, &[(NAME, text(name)), (QTY, Value::Int(qty))])
    };
    let rows = vec![
        named(1, "a", 1),
        named(2, "A", 1),
        named(3, "a", 2),
        insert(&table, 4, &[]),
    ];
    write(&*store, rows).await;
    let a = [(NAME, text("a"))];
    assert_eq!(page(&*store, &table, &a, None, 9).await.1, [1, 3]);
    assert_eq!(page(&*store, &table, &a, Some(1), 9).await.1, [3]);
    let both = [(NAME, text("a")), (QTY, Value::Int(2))];
    assert_eq!(page(&*store, &table, &both, None, 9).await.1, [3]);
    assert_eq!(
        page(&*store, &table, &[(NAME, Value::Null)], None, 9)
            .await
            .1,
        [4]
    );
    assert_eq!(
        page(&*store, &table, &[(ID, Value::Int(2))], None, 9)
            .await
            .1,
        [2]
    );
}

pub(crate) async fn a_filter_compares_values(bench: &dyn Bench) {
    let (store, table) = (bench.store(), items(bench).await);
    let rows = vec![
        insert(&table, 1, &[(PRICE, decimal("1.50"))]),
        insert(&table, 2, &[]),
    ];
    write(&*store, rows).await;
    assert_eq!(
        page(&*store, &table, &[(PRICE, decimal("1.5"))], None, 9)
            .await
            .1,
        [1]
    );
    assert_eq!(
        page(&*store, &table, &[(PRICE, decimal("1.51"))], None, 9)
            .await
            .1,
        [0_i64; 0]
    );
    assert_eq!(
        page(&*store, &table, &[(PRICE, Value::Null)], None, 9)
            .await
            .1,
        [2]
    );
}

/// While the authority leaves this database and comes back, at a new epoch
/// each time, a reader never sees an epoch together with the rows of another.
pub(crate) async fn a_read_sees_one_snapshot(bench: &dyn Bench) {
    const FLIPS: u64 = 10;
    let (store, other) = (bench.store(), bench.another().await);
    let table = items(bench).await;
    let stamp = |epoch: u64| Value::Int(i64::try_from(epoch).unwrap());
    let both = |epoch: u64| {
        let set = [(QTY, stamp(epoch))];
        let mutations = vec![upsert(&table, 1, &set), upsert(&table, 2, &set)];
        dualwrite_engine::store::WriteTx {
            epoch,
            ..tx(mutations)
        }
    };
    store.write(&both(EPOCH)).await.unwrap();
    let writer = async {
        for epoch in EPOCH..EPOCH + FLIPS {
            let next = epoch + 1;
            move_fence(&*store, (epoch, Role::Primary), (next, Role::Secondary)).await;
            move_fence(&*store, (next, Role::Secondary), (next, Role::Primary)).await;
            patiently(async || store.write(&both(next)).await).await;
        }
    };
    let keys = [row_key(&table, id_key(1)), row_key(&table, id_key(2))];
    let reader = async {
        loop {
            let read = other.read(SERVICE, &keys).await.unwrap();
            let qty = |at: usize| read.rows[at].as_ref().map(|row| row[QTY].clone()).unwrap();
            assert_eq!(qty(0), qty(1), "half a transaction");
            let epoch = read.fence.unwrap().epoch;
            let fresh = qty(0) == stamp(epoch);
            assert!(
                fresh || qty(0) == stamp(epoch - 1),
                "{:?} under epoch {epoch}",
                qty(0)
            );
            if fresh && epoch == EPOCH + FLIPS {
                break;
            }
        }
    };
    tokio::join!(writer, reader);
}
