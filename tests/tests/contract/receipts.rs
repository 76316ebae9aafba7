//! Receipts of requests with an idempotency key.

use std::time::Duration;

use dualwrite_core::side::Role;
use dualwrite_core::value::Value;
use dualwrite_engine::store::{Image, Receipt, ReceiptLookup, Settled, StoreError};

use super::bench::Bench;
use super::prelude::*;

pub(crate) async fn a_receipt_answers_the_images_with_the_fence(bench: &dyn Bench) {
    let (store, table) = (bench.store(), items(bench).await);
    let at_epoch = Some(fence(EPOCH, Role::Primary));
    let none = ReceiptLookup {
        fence: at_epoch.clone(),
        receipt: None,
    };
    assert_eq!(store.receipt(SERVICE, "r", &[]).await, Ok(none));
    let mutations = vec![
        insert(
            &table,
            1,
            &[(NAME, text("it's \"one\"")), (PRICE, decimal("1.5"))],
        ),
        update(&table, 9, &[(QTY, Value::Int(1))]),
        delete(&table, 1),
    ];
    let images = store
        .write(&with_receipt(tx(mutations), "r"))
        .await
        .unwrap();
    let receipt = Receipt {
        request_hash: -77,
        aborted: false,
        images,
    };
    // One table a mutation.
    let tables = vec![table.clone(); 3];
    let found = store.receipt(SERVICE, "r", &tables).await.unwrap();
    assert_eq!(
        found,
        ReceiptLookup {
            fence: at_epoch,
            receipt: Some(receipt.clone())
        }
    );
    let bare = store.receipt(SERVICE, "r", &[]).await.unwrap().receipt;
    assert_eq!(
        bare,
        Some(Receipt {
            images: Vec::new(),
            ..receipt
        })
    );
    one_mutation_too(bench, &table).await;
}

/// A single mutation may take another way than several.
async fn one_mutation_too(
    bench: &dyn Bench,
    table: &std::sync::Arc<dualwrite_core::mapping::Table>,
) {
    let store = bench.store();
    let changes = [insert(table, 5, &[(NAME, text("five"))]), delete(table, 6)];
    for (mutation, id) in changes.into_iter().zip(["s", "t"]) {
        let images = store
            .write(&with_receipt(tx(vec![mutation]), id))
            .await
            .unwrap();
        let found = store
            .receipt(SERVICE, id, std::slice::from_ref(table))
            .await
            .unwrap();
        assert_eq!(found.receipt.unwrap().images, images);
    }
}

pub(crate) async fn a_request_runs_once(bench: &dyn Bench) {
    let (store, table) = (bench.store(), items(bench).await);
    write_one(&*store, insert(&table, 1, &[(QTY, Value::Int(0))])).await;
    let once = || vec![add(&table, 1, &[(QTY, Value::Int(1))])];
    store.write(&with_receipt(tx(once()), "add")).await.unwrap();
    let insert_two = || vec![insert(&table, 2, &[]), insert(&table, 3, &[])];
    store
        .write(&with_receipt(tx(insert_two()), "two"))
        .await
        .unwrap();
    let insert_four = || vec![insert(&table, 4, &[])];
    store
        .write(&with_receipt(tx(insert_four()), "four"))
        .await
        .unwrap();
    let before = marks(&*store, &table).await;

    let again = with_receipt(tx(once()), "add");
    assert_eq!(store.write(&again).await, Err(StoreError::ReceiptExists));
    let open = store.begin_write(&again).await.map(|_| ());
    assert_eq!(open, Err(StoreError::ReceiptExists));
    // A repeated insert may meet the application's own key first: then the
    // caller looks for the receipt.
    for (mutations, id) in [(insert_two(), "two"), (insert_four(), "four")] {
        let again = with_receipt(tx(mutations), id);
        let error = store.write(&again).await.unwrap_err();
        assert!(says_it_ran(&error), "{error:?}");
        let error = store.begin_write(&again).await.map(|_| ()).unwrap_err();
        assert!(says_it_ran(&error), "{error:?}");
    }
    assert_eq!(
        row(&*store, &table, id_key(1)).await.unwrap()[QTY],
        Value::Int(1)
    );
    assert_eq!(marks(&*store, &table).await, before);
    store
        .write(&with_receipt(tx(once()), "another"))
        .await
        .unwrap();
    assert_eq!(
        row(&*store, &table, id_key(1)).await.unwrap()[QTY],
        Value::Int(2)
    );
}

fn says_it_ran(error: &StoreError) -> bool {
    matches!(
        error,
        StoreError::ReceiptExists | StoreError::Constraint { .. }
    )
}

pub(crate) async fn settling_an_unknown_request_stops_it_for_ever(bench: &dyn Bench) {
    let (store, table) = (bench.store(), items(bench).await);
    assert_eq!(
        store.settle(SERVICE, EPOCH, "lost").await,
        Ok(Settled::Aborted)
    );
    let late = with_receipt(tx(vec![insert(&table, 1, &[])]), "lost");
    assert_eq!(store.write(&late).await, Err(StoreError::ReceiptExists));
    assert_eq!(ids(&*store, &table).await, [0_i64; 0]);
    assert_eq!(
        store.settle(SERVICE, EPOCH, "lost").await,
        Ok(Settled::Aborted)
    );
    let aborted = Receipt {
        request_hash: 0,
        aborted: true,
        images: Vec::new(),
    };
    let tables = std::slice::from_ref(&table);
    let found = store.receipt(SERVICE, "lost", tables).await.unwrap();
    assert_eq!(found.receipt, Some(aborted));
}

pub(crate) async fn settling_a_committed_request_says_so(bench: &dyn Bench) {
    let (store, table) = (bench.store(), items(bench).await);
    store
        .write(&with_receipt(tx(vec![insert(&table, 1, &[])]), "r"))
        .await
        .unwrap();
    assert_eq!(
        store.settle(SERVICE, EPOCH, "r").await,
        Ok(Settled::Committed)
    );
    let stale = store.settle(SERVICE, EPOCH + 1, "r").await;
    assert_eq!(stale, Err(StoreError::Stale));
}

pub(crate) async fn settling_waits_for_an_open_transaction(bench: &dyn Bench) {
    let (store, other) = (bench.store(), bench.another().await);
    let table = items(bench).await;
    for (id, commits, expected) in [
        ("kept", true, Settled::Committed),
        ("dropped", false, Settled::Aborted),
    ] {
        let tx = with_receipt(tx(vec![upsert(&table, 1, &[])]), id);
        let open = store.begin_write(&tx).await.unwrap();
        let settle = patiently(async || other.settle(SERVICE, EPOCH, id).await);
        let end = async {
            for _ in 0..10 {
                let seen = store.receipt(SERVICE, id, &[]).await.unwrap();
                assert_eq!(seen.receipt, None, "settled under an open transaction");
            }
            if commits {
                open.commit().await.unwrap();
            } else {
                open.rollback().await;
            }
        };
        let (settled, ()) = tokio::join!(settle, end);
        assert_eq!(settled, expected, "{id}");
    }
}

pub(crate) async fn they_expire(bench: &dyn Bench) {
    let (store, table) = (bench.store(), items(bench).await);
    store
        .write(&with_receipt(tx(vec![insert(&table, 1, &[])]), "r"))
        .await
        .unwrap();
    assert_eq!(
        store
            .expire_receipts(SERVICE, Duration::from_hours(24))
            .await,
        Ok(0)
    );
    assert!(
        store
            .receipt(SERVICE, "r", &[])
            .await
            .unwrap()
            .receipt
            .is_some()
    );
    dualwrite_tests::eventually("the receipt is older than nothing", async || {
        store.expire_receipts(SERVICE, Duration::ZERO).await == Ok(1)
    })
    .await;
    assert_eq!(
        store.receipt(SERVICE, "r", &[]).await.unwrap().receipt,
        None
    );
}

pub(crate) async fn they_belong_to_one_service(bench: &dyn Bench) {
    let (store, table) = (bench.store(), items(bench).await);
    let images = store
        .write(&with_receipt(tx(vec![insert(&table, 1, &[])]), "r"))
        .await;
    assert_eq!(images.map(|images: Vec<Image>| images.len()), Ok(1));
    assert_eq!(
        store.receipt("stranger", "r", &[]).await.unwrap().receipt,
        None
    );
    assert_eq!(
        store.expire_receipts("stranger", Duration::ZERO).await,
        Ok(0)
    );
}
