//! Foreground writes.

use anyhow::Result;
use dualwrite_core::value::Value;
use dualwrite_engine::store::{
    Change, Condition, ConstraintKind, Image, Mutation, ReceiptDraft, Store, StoreError, Token,
};

use crate::world::{World, add, delete, insert, int, text, tx, upsert};

const ITEMS: &str = "SELECT id, qty, note FROM items ORDER BY id";
const MARKERS: &str = "SELECT k1, token, epoch FROM dualwrite.outbox_cart_item ORDER BY k1";

fn image(id: i64, qty: i64, note: Option<&str>) -> Image {
    let note = note.map_or(Value::Null, text);
    Image {
        matched: true,
        row: Some(vec![Value::Int(id), Value::Int(qty), note, Value::Null]),
    }
}

#[tokio::test]
async fn each_mutation_alone_leaves_its_row_its_image_and_its_marker() -> Result<()> {
    let world = World::primary().await?;
    let steps = [
        (insert(&[(2, text("a"))]), image(1, 1, Some("a"))),
        (upsert(&[(1, Value::Int(5))]), image(1, 5, Some("a"))),
        (upsert(&[]), image(1, 5, Some("a"))),
        (add(1, 2), image(1, 7, Some("a"))),
        (
            delete(),
            Image {
                matched: true,
                row: None,
            },
        ),
        (
            add(1, 2),
            Image {
                matched: false,
                row: None,
            },
        ),
    ];
    for (place, (change, expected)) in steps.into_iter().enumerate() {
        let mut tx = tx(vec![world.item(1, change)]);
        tx.token = Some(Token(i64::try_from(place)?));
        assert_eq!(world.store.write(&tx).await?, [expected], "step {place}");
        assert_eq!(world.rows(MARKERS).await?, format!("1 {place} 1"));
    }
    assert_eq!(world.rows(ITEMS).await?, "");
    Ok(())
}

#[tokio::test]
async fn a_transaction_is_all_or_nothing() -> Result<()> {
    let world = World::primary().await?;
    let both = tx(vec![
        world.item(1, insert(&[])),
        world.item(2, insert(&[])),
        world.item(1, add(1, 4)),
    ]);
    assert_eq!(
        world.store.write(&both).await?,
        [image(1, 1, None), image(2, 1, None), image(1, 5, None)]
    );
    assert_eq!(world.rows(MARKERS).await?, "1 7 1; 2 7 1");

    let mut absent = world.item(9, add(1, 1));
    absent.must_match = true;
    let refused = world
        .store
        .write(&tx(vec![world.item(3, insert(&[])), absent.clone()]))
        .await;
    assert_eq!(refused, Err(StoreError::NotMatched { index: 1 }));
    assert_eq!(
        world.store.write(&tx(vec![absent])).await,
        Err(StoreError::NotMatched { index: 0 })
    );
    assert_eq!(world.rows(ITEMS).await?, "1 5 null; 2 1 null");
    assert_eq!(world.rows(MARKERS).await?, "1 7 1; 2 7 1");
    Ok(())
}

#[tokio::test]
async fn conditions_decide_and_null_equals_null() -> Result<()> {
    let world = World::primary().await?;
    world
        .run("INSERT INTO items VALUES (1, 1, NULL, NULL)")
        .await?;
    let update = |only_if: Vec<(usize, Value)>| {
        let set = vec![(1, Value::Int(9))];
        world.item(
            1,
            Change::Update {
                set,
                add: vec![],
                only_if: Condition::equal(only_if),
            },
        )
    };
    let unmatched = world
        .store
        .write(&tx(vec![update(vec![(2, text("a"))])]))
        .await?;
    assert_eq!(
        unmatched,
        [Image {
            matched: false,
            row: None
        }]
    );
    let matched = world
        .store
        .write(&tx(vec![update(vec![(2, Value::Null)])]))
        .await?;
    assert_eq!(matched, [image(1, 9, None)]);
    Ok(())
}

#[tokio::test]
async fn constraints_are_told_apart_and_values_never_quoted() -> Result<()> {
    let world = World::primary().await?;
    world
        .run("INSERT INTO items VALUES (1, 1, NULL, 'secret')")
        .await?;
    let line = |values: Vec<(usize, Value)>| Mutation {
        table: world.lines.clone(),
        key: dualwrite_core::key::Key::new(vec![Value::Int(8), text("n")]).unwrap(),
        change: Change::Insert { values },
        must_match: false,
    };
    let kinds = [
        (world.item(1, insert(&[])), ConstraintKind::Key),
        (
            world.item(2, insert(&[(3, text("secret"))])),
            ConstraintKind::Unique,
        ),
        (line(vec![]), ConstraintKind::ForeignKey),
    ];
    for (mutation, expected) in kinds {
        for mutations in [
            vec![mutation.clone()],
            vec![world.item(5, upsert(&[])), mutation],
        ] {
            let error = world.store.write(&tx(mutations)).await.unwrap_err();
            let StoreError::Constraint {
                kind, ref table, ..
            } = error
            else {
                panic!("{error}");
            };
            assert_eq!(kind, expected);
            assert!(table.starts_with("public."), "{table}");
            assert!(!error.to_string().contains("secret"), "{error}");
        }
    }
    let error = world
        .store
        .write(&tx(vec![world.item(2, insert(&[(1, text("secret"))]))]))
        .await;
    assert!(
        matches!(&error, Err(StoreError::Value(said)) if !said.contains("secret")),
        "{error:?}"
    );
    assert_eq!(world.rows(ITEMS).await?, "1 1 null");
    Ok(())
}

#[tokio::test]
async fn an_open_write_is_seen_by_nobody_until_it_commits() -> Result<()> {
    let world = World::primary().await?;
    let open = world
        .store
        .begin_write(&tx(vec![world.item(1, insert(&[]))]))
        .await?;
    assert_eq!(open.images(), [image(1, 1, None)]);
    assert_eq!(world.rows(ITEMS).await?, "");
    open.commit().await?;
    assert_eq!(world.rows(ITEMS).await?, "1 1 null");

    let open = world
        .store
        .begin_write(&tx(vec![
            world.item(1, delete()),
            world.item(2, insert(&[])),
        ]))
        .await?;
    open.rollback().await;
    let open = world
        .store
        .begin_write(&tx(vec![world.item(1, delete())]))
        .await?;
    drop(open);
    world.until_quiet().await;
    assert_eq!(world.rows(ITEMS).await?, "1 1 null");
    Ok(())
}

#[tokio::test]
async fn concurrent_increments_of_one_row_are_exact() -> Result<()> {
    const WRITERS: i64 = 12;
    const EACH: i64 = 15;
    let world = World::primary().await?;
    world
        .run("INSERT INTO items VALUES (1, 0, NULL, NULL)")
        .await?;
    let writers = (0..WRITERS).map(|writer| {
        let (store, item) = (world.store.clone(), world.item(1, add(1, 1)));
        tokio::spawn(async move {
            for _ in 0..EACH {
                // Half of them in transactions, which lock in the same order.
                let mutations = if writer % 2 == 0 {
                    vec![item.clone()]
                } else {
                    vec![item.clone(), item.clone()]
                };
                store.write(&tx(mutations)).await?;
            }
            Ok::<(), StoreError>(())
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await??;
    }
    let expected = EACH * (WRITERS / 2) + 2 * EACH * (WRITERS / 2);
    assert_eq!(
        world.rows("SELECT qty FROM items").await?,
        expected.to_string()
    );
    Ok(())
}

#[tokio::test]
async fn mutations_of_every_kind_that_meet_on_one_row_are_only_ever_told_what_they_met()
-> Result<()> {
    const WRITERS: usize = 8;
    let world = World::primary().await?;
    let changes = [
        insert(&[(2, text("a"))]),
        upsert(&[(1, Value::Int(5))]),
        add(1, 1),
        delete(),
        Change::Update {
            set: vec![(1, Value::Int(3))],
            add: vec![],
            only_if: Condition::equal(vec![(1, Value::Int(5))]),
        },
    ];
    let writers: Vec<_> = (0..WRITERS)
        .map(|writer| {
            let store = world.store.clone();
            let mut mutations: Vec<Mutation> = changes
                .iter()
                .map(|change| world.item(1, change.clone()))
                .collect();
            for (place, mutation) in mutations.iter_mut().enumerate() {
                mutation.must_match = (place + writer).is_multiple_of(2);
            }
            tokio::spawn(async move {
                for round in 0..40 {
                    let mutation = mutations[(round + writer) % mutations.len()].clone();
                    let mut tx = tx(vec![mutation]);
                    let request_id = format!("{writer}/{round}");
                    tx.receipt = Some(ReceiptDraft {
                        request_id,
                        request_hash: 1,
                    });
                    match store.write(&tx).await {
                        Ok(_)
                        | Err(
                            StoreError::NotMatched { index: 0 }
                            | StoreError::Constraint {
                                kind: ConstraintKind::Key,
                                ..
                            },
                        ) => {}
                        Err(error) => panic!("{writer}, {round}: {error}"),
                    }
                }
            })
        })
        .collect();
    for writer in writers {
        writer.await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_table_that_changes_under_prepared_statements_is_written_on() -> Result<()> {
    let world = World::primary().await?;
    world
        .store
        .write(&tx(vec![world.item(1, insert(&[]))]))
        .await?;
    world
        .run(
            "ALTER TABLE items ALTER COLUMN qty TYPE bigint; ALTER TABLE items ADD COLUMN more int",
        )
        .await?;
    let written = world
        .store
        .write(&tx(vec![world.item(1, add(1, 1))]))
        .await?;
    assert_eq!(written, [image(1, 2, None)]);
    world.run("ALTER TABLE items DROP COLUMN note").await?;
    let error = world.store.write(&tx(vec![world.item(1, add(1, 1))])).await;
    assert!(matches!(error, Err(StoreError::Schema(_))), "{error:?}");
    Ok(())
}

#[tokio::test]
async fn marks_are_left_under_the_fence() -> Result<()> {
    let world = World::primary().await?;
    let keys = [world.item_key(2), world.item_key(1), world.item_key(2)];
    world.store.mark("cart", 1, Token(3), &keys).await?;
    assert_eq!(world.rows(MARKERS).await?, "1 3 1; 2 3 1");
    assert_eq!(
        world.store.mark("cart", 2, Token(4), &keys).await,
        Err(StoreError::Stale)
    );
    assert_eq!(int(1), keys[1].key);
    Ok(())
}
