//! Receipts.

use std::time::Duration;

use anyhow::Result;
use dualwrite_engine::store::{Mutation, ReceiptDraft, Settled, Store, StoreError, WriteTx};

use crate::world::{SERVICE, World, delete, insert, tx, upsert};

fn keyed(id: &str, mutations: Vec<Mutation>) -> WriteTx {
    let receipt = Some(ReceiptDraft {
        request_id: id.into(),
        request_hash: 5,
    });
    WriteTx {
        receipt,
        ..tx(mutations)
    }
}

#[tokio::test]
async fn a_receipt_answers_what_was_answered_at_first() -> Result<()> {
    let world = World::primary().await?;
    let requests = [
        keyed("one", vec![world.item(1, upsert(&[]))]),
        keyed(
            "two",
            vec![
                world.item(1, delete()),
                world.item(2, upsert(&[])),
                world.item(9, delete()),
            ],
        ),
    ];
    for request in &requests {
        let id = &request.receipt.as_ref().unwrap().request_id;
        let images = world.store.write(request).await?;
        let tables: Vec<_> = request
            .mutations
            .iter()
            .map(|mutation| mutation.table.clone())
            .collect();
        let lookup = world.store.receipt(SERVICE, id, &tables).await?;
        let receipt = lookup.receipt.unwrap();
        assert_eq!(
            (receipt.request_hash, receipt.aborted, receipt.images),
            (5, false, images)
        );
        assert_eq!(lookup.fence.map(|fence| fence.epoch), Some(1));
        assert_eq!(
            world.store.write(request).await,
            Err(StoreError::ReceiptExists)
        );
        assert_eq!(
            world.store.begin_write(request).await.err(),
            Some(StoreError::ReceiptExists)
        );
    }
    assert_eq!(
        world.store.receipt(SERVICE, "three", &[]).await?.receipt,
        None
    );
    Ok(())
}

#[tokio::test]
async fn settling_waits_for_an_open_transaction_and_answers_its_outcome() -> Result<()> {
    let world = World::primary().await?;
    for (id, commits, expected) in [
        ("a", true, Settled::Committed),
        ("b", false, Settled::Aborted),
    ] {
        let open = world
            .store
            .begin_write(&keyed(id, vec![world.item(1, upsert(&[]))]))
            .await?;
        let store = world.store.clone();
        let settle = tokio::spawn(async move { store.settle(SERVICE, 1, id).await });
        world.until_waiting("transactionid", 1).await;
        if commits {
            open.commit().await?;
        } else {
            open.rollback().await;
        }
        assert_eq!(settle.await??, expected);
        assert_eq!(world.store.settle(SERVICE, 1, id).await?, expected);
    }
    Ok(())
}

#[tokio::test]
async fn what_is_settled_as_aborted_can_never_commit() -> Result<()> {
    let world = World::primary().await?;
    assert_eq!(world.store.settle(SERVICE, 1, "r").await?, Settled::Aborted);
    let late = keyed("r", vec![world.item(1, insert(&[]))]);
    assert_eq!(
        world.store.write(&late).await,
        Err(StoreError::ReceiptExists)
    );
    assert_eq!(world.rows("SELECT count(*) FROM items").await?, "0");
    let receipt = world
        .store
        .receipt(SERVICE, "r", &[])
        .await?
        .receipt
        .unwrap();
    assert_eq!((receipt.request_hash, receipt.aborted), (0, true));
    assert_eq!(
        world.store.settle(SERVICE, 2, "other").await,
        Err(StoreError::Stale)
    );
    Ok(())
}

#[tokio::test]
async fn only_receipts_past_their_lifetime_go() -> Result<()> {
    let world = World::primary().await?;
    for id in ["old", "new"] {
        world.store.settle(SERVICE, 1, id).await?;
    }
    world
        .run("UPDATE dualwrite.receipt SET at = at - interval '2 hours' WHERE request_id = 'old'")
        .await?;
    let hour = Duration::from_hours(1);
    assert_eq!(world.store.expire_receipts(SERVICE, hour).await?, 1);
    assert_eq!(
        world
            .rows("SELECT request_id FROM dualwrite.receipt")
            .await?,
        "new"
    );
    Ok(())
}
