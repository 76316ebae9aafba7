//! Copies on the secondary.

use std::time::Duration;

use anyhow::Result;
use dualwrite_core::key::Key;
use dualwrite_core::value::{Kind, Value};
use dualwrite_engine::store::{
    CommitError, ConstraintKind, Copy, Granted, LockMode, Pulled, RowKey, Store, StoreError, Token,
};

use crate::world::{SERVICE, World, int, locks, table, text, tx, upsert};

const WAIT: LockMode = LockMode::Wait(Duration::from_secs(20));

fn item(world: &World, id: i64, row: Option<(i64, &str)>) -> Copy {
    let row = row.map(|(qty, note)| vec![Value::Int(id), Value::Int(qty), text(note), Value::Null]);
    Copy {
        table: world.items.clone(),
        key: int(id),
        row,
    }
}

fn line(world: &World, item: i64, name: &str, price: &str) -> Copy {
    let price = Value::from_text(Kind::Decimal, price).unwrap();
    Copy {
        table: world.lines.clone(),
        key: Key::new(vec![Value::Int(item), text(name)]).unwrap(),
        row: Some(vec![Value::Int(item), text(name), price]),
    }
}

#[tokio::test]
async fn rows_are_made_equal_whether_they_are_there_or_not() -> Result<()> {
    let world = World::secondary().await?;
    world
        .run("INSERT INTO items VALUES (1, 1, 'old', 'x'), (2, 2, 'gone', NULL)")
        .await?;
    let mut open = world.store.begin_apply(&locks(&[3, 9], WAIT)).await?;
    assert_eq!(open.granted(), &Granted::All);
    let copies = [
        item(&world, 1, Some((5, "a"))),
        item(&world, 3, Some((6, "b"))),
        line(&world, 3, "n", "1.50"),
        item(&world, 2, None),
        item(&world, 4, None),
    ];
    open.apply(&copies).await?;
    let keys = [world.item_key(2), world.item_key(3)];
    let seen = open.read(&keys).await?;
    assert_eq!(seen[0], None);
    assert_eq!(
        seen[1].as_ref().map(|row| row[1].clone()),
        Some(Value::Int(6))
    );
    open.commit().await?;
    assert_eq!(
        world.rows("SELECT * FROM items ORDER BY id").await?,
        "1 5 a null; 3 6 b null"
    );
    assert_eq!(world.rows("SELECT * FROM lines").await?, "3 n 1.50");
    Ok(())
}

#[tokio::test]
async fn a_value_that_would_be_rounded_is_refused() -> Result<()> {
    let world = World::secondary().await?;
    world
        .run("INSERT INTO items VALUES (1, 1, NULL, NULL)")
        .await?;
    let mut open = world.store.begin_apply(&locks(&[], WAIT)).await?;
    let error = open
        .apply(&[line(&world, 1, "n", "1.505")])
        .await
        .unwrap_err();
    assert!(
        matches!(&error, StoreError::Value(said) if said.contains("price")),
        "{error}"
    );
    // The server saw nothing wrong: it is the adapter that refuses.
    assert!(matches!(open.commit().await, Err(CommitError::Refused(_))));
    assert_eq!(world.rows("SELECT count(*) FROM lines").await?, "0");
    Ok(())
}

#[tokio::test]
async fn constraints_answer_before_the_commit_even_when_they_are_deferred() -> Result<()> {
    let world = World::secondary().await?;
    world
        .run("ALTER TABLE lines DROP CONSTRAINT lines_item_fkey,
              ADD CONSTRAINT late FOREIGN KEY (item) REFERENCES items DEFERRABLE INITIALLY DEFERRED")
        .await?;
    let mut open = world.store.begin_apply(&locks(&[1], WAIT)).await?;
    let error = open.apply(&[line(&world, 8, "n", "1")]).await.unwrap_err();
    let StoreError::Constraint {
        kind,
        table,
        constraint,
    } = error
    else {
        panic!("{error}")
    };
    assert_eq!(
        (kind, &*table, &*constraint),
        (ConstraintKind::ForeignKey, "public.lines", "late")
    );
    open.rollback().await;
    Ok(())
}

#[tokio::test]
async fn generated_columns_are_left_out_and_generated_keys_overridden() -> Result<()> {
    let world = World::secondary().await?;
    world
        .run(
            "CREATE TABLE made (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, a int,
              b int GENERATED ALWAYS AS (a * 2) STORED)",
        )
        .await?;
    let made = table(&*world.store, "made", "made").await?;
    let row = vec![Value::Int(7), Value::Int(2), Value::Int(99)];
    let copy = Copy {
        table: made,
        key: int(7),
        row: Some(row),
    };
    for _ in 0..2 {
        let mut open = world.store.begin_apply(&locks(&[1], WAIT)).await?;
        open.apply(std::slice::from_ref(&copy)).await?;
        open.commit().await?;
    }
    assert_eq!(world.rows("SELECT * FROM made").await?, "7 2 4");
    Ok(())
}

#[tokio::test]
async fn a_dropped_apply_cannot_be_committed() -> Result<()> {
    let world = World::secondary().await?;
    let holder = world
        .holding("BEGIN; LOCK TABLE items IN EXCLUSIVE MODE")
        .await?;
    let mut open = world.store.begin_apply(&locks(&[1], WAIT)).await?;
    let copies = [item(&world, 1, Some((5, "a")))];
    tokio::select! {
        done = open.apply(&copies) => panic!("{done:?}"),
        () = world.until_waiting("relation", 1) => {}
    }
    holder.batch_execute("ROLLBACK").await?;
    assert!(matches!(open.commit().await, Err(CommitError::Refused(_))));
    assert_eq!(world.rows("SELECT count(*) FROM items").await?, "0");
    Ok(())
}

#[tokio::test]
async fn key_locks_are_waited_for_or_left() -> Result<()> {
    let world = World::secondary().await?;
    let first = world.store.begin_apply(&locks(&[2, 5], WAIT)).await?;
    let free = world
        .store
        .begin_apply(&locks(&[1, 5, 9], LockMode::Try))
        .await?;
    assert_eq!(free.granted(), &Granted::Some(vec![1, 9]));
    free.rollback().await;
    let short = LockMode::Wait(Duration::from_millis(20));
    let busy = world.store.begin_apply(&locks(&[5], short)).await;
    assert!(matches!(busy, Err(StoreError::Busy(_))), "{busy:?}");

    let store = world.store.clone();
    let waits = tokio::spawn(async move { store.begin_apply(&locks(&[5], WAIT)).await });
    world.until_waiting("advisory", 1).await;
    first.commit().await?;
    let second = waits.await??;
    assert_eq!(second.granted(), &Granted::All);
    second.rollback().await;
    Ok(())
}

#[tokio::test]
async fn what_is_pulled_is_token_and_row_of_several_tables_in_the_order_asked() -> Result<()> {
    let world = World::primary().await?;
    world
        .store
        .write(&tx(vec![
            world.item(1, upsert(&[])),
            world.item(2, upsert(&[])),
        ]))
        .await?;
    world
        .run("DELETE FROM items WHERE id = 2; INSERT INTO items VALUES (3, 3, NULL, NULL)")
        .await?;
    let line = RowKey {
        table: world.lines.clone(),
        key: Key::new(vec![Value::Int(1), text("n")]).unwrap(),
    };
    let keys = [
        world.item_key(3),
        line,
        world.item_key(2),
        world.item_key(1),
    ];
    let row = |id, qty| vec![Value::Int(id), Value::Int(qty), Value::Null, Value::Null];
    let expected = [
        Pulled {
            token: None,
            row: Some(row(3, 3)),
        },
        Pulled {
            token: None,
            row: None,
        },
        Pulled {
            token: Some(Token(7)),
            row: None,
        },
        Pulled {
            token: Some(Token(7)),
            row: Some(row(1, 1)),
        },
    ];
    assert_eq!(world.store.pull(SERVICE, &keys).await?, expected);
    assert_eq!(world.store.pull(SERVICE, &keys[..1]).await?, expected[..1]);
    assert_eq!(world.store.pull(SERVICE, &[]).await?, []);
    Ok(())
}

#[tokio::test]
async fn markers_that_were_replaced_or_are_held_stay() -> Result<()> {
    use dualwrite_engine::store::Marker;
    let world = World::primary().await?;
    let markers: Vec<Marker> = (1..=3)
        .map(|id| Marker {
            row: world.item_key(id),
            token: Token(7),
        })
        .collect();
    let keys: Vec<RowKey> = markers.iter().map(|marker| marker.row.clone()).collect();
    world.store.mark(SERVICE, 1, Token(7), &keys).await?;
    world.store.mark(SERVICE, 1, Token(8), &keys[..1]).await?;
    world
        .run("BEGIN; SELECT * FROM dualwrite.outbox_cart_item WHERE k1 = 2 FOR UPDATE")
        .await?;
    assert_eq!(world.store.clear_markers(SERVICE, &markers).await?, 1);
    world.run("COMMIT").await?;
    let left = "SELECT k1, token FROM dualwrite.outbox_cart_item ORDER BY k1";
    assert_eq!(world.rows(left).await?, "1 8; 2 7");
    let found = world
        .store
        .markers(SERVICE, &world.items, Some(&int(1)), 5)
        .await?;
    assert_eq!(found, markers[1..2]);
    Ok(())
}
