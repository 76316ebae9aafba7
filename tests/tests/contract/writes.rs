//! What a write does to rows.

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use dualwrite_core::side::Role;
use dualwrite_core::value::{Kind, Value};
use dualwrite_engine::store::{Change, Condition, ConstraintKind, Image, Store, StoreError};

use super::bench::Bench;
use super::ddl::Draft;
use super::prelude::*;

const GONE: Image = Image {
    matched: true,
    row: None,
};
const NO_MATCH: Image = Image {
    matched: false,
    row: None,
};

fn there(row: Vec<Value>) -> Image {
    Image {
        matched: true,
        row: Some(row),
    }
}

fn constraint(error: &StoreError) -> (ConstraintKind, &str) {
    let StoreError::Constraint { kind, table, .. } = error else {
        panic!("{error:?} is no constraint")
    };
    (*kind, table)
}

pub(crate) async fn an_insert_answers_the_row_with_its_defaults(bench: &dyn Bench) {
    let (store, table) = (bench.store(), items(bench).await);
    let image = write_one(&*store, insert(&table, 1, &[(NAME, text("cup"))])).await;
    assert_eq!(image, there(item(1, "cup", 1)));
    assert_eq!(
        row(&*store, &table, id_key(1)).await,
        Some(item(1, "cup", 1))
    );
    let given = [
        (QTY, Value::Int(5)),
        (PRICE, decimal("9.99")),
        (CODE, text("c")),
    ];
    let image = write_one(&*store, insert(&table, 2, &given)).await;
    let expected = vec![
        Value::Int(2),
        Value::Null,
        Value::Int(5),
        decimal("9.99"),
        text("c"),
    ];
    assert_eq!(image, there(expected));
}

pub(crate) async fn an_insert_of_a_row_that_is_there_is_refused_whole(bench: &dyn Bench) {
    let (store, table) = (bench.store(), items(bench).await);
    write_one(&*store, insert(&table, 1, &[(NAME, text("first"))])).await;
    let before = marks(&*store, &table).await;
    let error = refused(&*store, vec![insert(&table, 1, &[(NAME, text("second"))])]).await;
    assert_eq!(constraint(&error).0, ConstraintKind::Key);
    assert_eq!(constraint(&error).1, table.name.to_string());
    assert!(!error.to_string().contains("second"), "{error}");
    assert_eq!(
        row(&*store, &table, id_key(1)).await,
        Some(item(1, "first", 1))
    );
    assert_eq!(marks(&*store, &table).await, before);
}

pub(crate) async fn an_upsert_sets_only_what_was_given(bench: &dyn Bench) {
    let (store, table) = (bench.store(), items(bench).await);
    let image = write_one(&*store, upsert(&table, 1, &[(QTY, Value::Int(4))])).await;
    assert_eq!(image.row.unwrap()[QTY], Value::Int(4));
    let image = write_one(&*store, upsert(&table, 1, &[(NAME, text("mug"))])).await;
    assert_eq!(image, there(item(1, "mug", 4)));
    let image = write_one(&*store, upsert(&table, 1, &[(NAME, Value::Null)])).await;
    assert_eq!(image.row.unwrap()[NAME], Value::Null);
}

pub(crate) async fn an_upsert_of_the_key_alone_answers_the_row(bench: &dyn Bench) {
    let (store, table) = (bench.store(), items(bench).await);
    let fresh = write_one(&*store, upsert(&table, 1, &[])).await;
    assert_eq!(fresh.row.unwrap()[QTY], Value::Int(1));
    write_one(
        &*store,
        update(&table, 1, &[(QTY, Value::Int(8)), (NAME, text("x"))]),
    )
    .await;
    let again = write_one(&*store, upsert(&table, 1, &[])).await;
    assert_eq!(again, there(item(1, "x", 8)));
}

pub(crate) async fn an_update_answers_the_row_or_no_match(bench: &dyn Bench) {
    let (store, table) = (bench.store(), items(bench).await);
    let set = [(NAME, text("pot")), (QTY, Value::Int(2))];
    assert_eq!(write_one(&*store, update(&table, 1, &set)).await, NO_MATCH);
    assert_eq!(ids(&*store, &table).await, [0_i64; 0]);
    write_one(&*store, insert(&table, 1, &[])).await;
    assert_eq!(
        write_one(&*store, update(&table, 1, &set)).await,
        there(item(1, "pot", 2))
    );
    // To set nothing is to ask whether the row is there.
    assert_eq!(
        write_one(&*store, update(&table, 1, &[])).await,
        there(item(1, "pot", 2))
    );
    assert_eq!(write_one(&*store, update(&table, 2, &[])).await, NO_MATCH);
}

pub(crate) async fn a_delete_answers_whether_it_found_the_row(bench: &dyn Bench) {
    let (store, table) = (bench.store(), items(bench).await);
    write_one(&*store, insert(&table, 1, &[])).await;
    assert_eq!(write_one(&*store, delete(&table, 1)).await, GONE);
    assert_eq!(write_one(&*store, delete(&table, 1)).await, NO_MATCH);
    assert_eq!(row(&*store, &table, id_key(1)).await, None);
}

pub(crate) async fn several_mutations_are_one_transaction_in_the_order_given(bench: &dyn Bench) {
    let (store, (items, notes)) = (bench.store(), items_and_notes(bench, Role::Primary).await);
    let note = |line: &str| key([Value::Int(2), text(line)]);
    let images = write(
        &*store,
        vec![
            insert(&items, 2, &[(NAME, text("second"))]),
            insert(&items, 1, &[]),
            mutation(
                &notes,
                note("b"),
                Change::Insert {
                    values: vec![(2, text("hi"))],
                },
            ),
            update(&items, 2, &[(QTY, Value::Int(7))]),
            delete(&items, 1),
            insert(&items, 1, &[(NAME, text("again"))]),
        ],
    )
    .await;
    assert_eq!(images.len(), 6);
    assert_eq!(images[2], there(vec![Value::Int(2), text("b"), text("hi")]));
    assert_eq!(images[3], there(item(2, "second", 7)));
    assert_eq!(images[4], GONE);
    assert_eq!(images[5], there(item(1, "again", 1)));
    assert_eq!(ids(&*store, &items).await, [1, 2]);
    let tokens: Vec<_> = [marks(&*store, &items).await, marks(&*store, &notes).await].concat();
    assert_eq!(tokens.len(), 3);
    assert!(
        tokens.iter().all(|(_, token)| *token == tokens[0].1),
        "{tokens:?}"
    );
}

pub(crate) async fn one_refused_mutation_refuses_all(bench: &dyn Bench) {
    let (store, table) = (bench.store(), items(bench).await);
    write_one(&*store, insert(&table, 9, &[])).await;
    let before = marks(&*store, &table).await;
    let error = refused(
        &*store,
        vec![insert(&table, 1, &[]), insert(&table, 9, &[])],
    )
    .await;
    assert_eq!(constraint(&error).0, ConstraintKind::Key);
    assert_eq!(ids(&*store, &table).await, [9]);
    assert_eq!(marks(&*store, &table).await, before);
}

pub(crate) async fn a_mutation_that_must_match_refuses_all(bench: &dyn Bench) {
    let (store, table) = (bench.store(), items(bench).await);
    let missing = must(update(&table, 2, &[(QTY, Value::Int(1))]));
    let alone = refused(&*store, vec![missing.clone()]).await;
    assert_eq!(alone, StoreError::NotMatched { index: 0 });
    let second = refused(&*store, vec![insert(&table, 1, &[]), missing]).await;
    assert_eq!(second, StoreError::NotMatched { index: 1 });
    let gone = refused(&*store, vec![must(delete(&table, 5))]).await;
    assert_eq!(gone, StoreError::NotMatched { index: 0 });
    assert_eq!(ids(&*store, &table).await, [0_i64; 0]);
    assert_eq!(marks(&*store, &table).await, []);
    write_one(&*store, must(insert(&table, 1, &[]))).await;
    write_one(&*store, must(update(&table, 1, &[(QTY, Value::Int(1))]))).await;
}

pub(crate) async fn composite_keys_name_one_row(bench: &dyn Bench) {
    let (store, (items, notes)) = (bench.store(), items_and_notes(bench, Role::Primary).await);
    write(
        &*store,
        vec![insert(&items, 1, &[]), insert(&items, 2, &[])],
    )
    .await;
    for (item, line) in [(1, "a"), (1, "b"), (2, "a")] {
        let change = Change::Upsert {
            values: vec![(2, text(&format!("{item}{line}")))],
        };
        write_one(
            &*store,
            mutation(&notes, key([Value::Int(item), text(line)]), change),
        )
        .await;
    }
    let only = key([Value::Int(1), text("b")]);
    let change = Change::Delete {
        only_if: Condition::default(),
    };
    assert_eq!(
        write_one(&*store, mutation(&notes, only, change)).await,
        GONE
    );
    let left = [
        key([Value::Int(1), text("a")]),
        key([Value::Int(2), text("a")]),
    ];
    assert_eq!(keys(&*store, &notes).await, left);
}

pub(crate) async fn other_constraints_are_told_apart(bench: &dyn Bench) {
    let (store, (items, notes)) = (bench.store(), items_and_notes(bench, Role::Primary).await);
    write_one(&*store, insert(&items, 1, &[(CODE, text("taken"))])).await;
    let error = refused(&*store, vec![insert(&items, 2, &[(CODE, text("taken"))])]).await;
    assert_eq!(constraint(&error).0, ConstraintKind::Unique);
    // An upsert meets only its own key.
    let error = refused(&*store, vec![upsert(&items, 2, &[(CODE, text("taken"))])]).await;
    assert_eq!(constraint(&error).0, ConstraintKind::Unique);
    assert!(!error.to_string().contains("taken"), "{error}");
    let error = refused(&*store, vec![insert(&items, 2, &[(QTY, Value::Null)])]).await;
    assert_eq!(constraint(&error).0, ConstraintKind::NotNull);
    let orphan = key([Value::Int(7), text("a")]);
    let change = Change::Insert { values: Vec::new() };
    let error = refused(&*store, vec![mutation(&notes, orphan, change)]).await;
    assert_eq!(constraint(&error).0, ConstraintKind::ForeignKey);
    assert_eq!(marks(&*store, &items).await.len(), 1);
    assert_eq!(marks(&*store, &notes).await, []);
}

pub(crate) async fn a_value_of_another_kind_is_refused_without_the_value(bench: &dyn Bench) {
    let (store, table) = (bench.store(), items(bench).await);
    let error = refused(&*store, vec![insert(&table, 1, &[(QTY, text("secret"))])]).await;
    assert!(matches!(error, StoreError::Value(_)), "{error:?}");
    let message = error.to_string();
    assert!(!message.contains("secret"), "{message}");
    assert_eq!(ids(&*store, &table).await, [0_i64; 0]);
}

pub(crate) async fn a_table_that_is_not_there_is_a_matter_of_schema(bench: &dyn Bench) {
    let (store, table) = (bench.store(), items(bench).await);
    let mut lost = (*table).clone();
    lost.name.name = "lost".to_owned();
    let lost = std::sync::Arc::new(lost);
    let error = refused(&*store, vec![insert(&lost, 1, &[])]).await;
    assert!(
        matches!(&error, StoreError::Schema(why) if why.contains("lost")),
        "{error:?}"
    );
    assert_eq!(marks(&*store, &table).await, []);
}

pub(crate) async fn names_need_no_care(bench: &dyn Bench) {
    let draft = Draft::new("odd", "Select \"it\"")
        .column("token", Kind::Int)
        .nullable("epoch", Kind::Text)
        .nullable("a \"b\" c", Kind::Text)
        .key(&["token"]);
    let (store, table) = (bench.store(), created(bench, &draft).await);
    install(&*store, &[&table], Role::Primary).await;
    let given = [(1, text("e")), (2, text("'; DROP TABLE x; --"))];
    let expected = vec![Value::Int(4), text("e"), text("'; DROP TABLE x; --")];
    assert_eq!(
        write_one(&*store, insert(&table, 4, &given)).await,
        there(expected.clone())
    );
    let pulled = store
        .pull(SERVICE, &[row_key(&table, id_key(4))])
        .await
        .unwrap();
    assert_eq!(pulled[0].row, Some(expected));
    assert!(pulled[0].token.is_some());
}

/// Polls the write at most so often, then drops it. Answers whether it ended.
async fn dropped_after(
    store: &dyn Store,
    write: &dualwrite_engine::store::WriteTx,
    polls: usize,
) -> bool {
    let mut future = pin!(store.write(write));
    let mut context = Context::from_waker(Waker::noop());
    for _ in 0..polls {
        if let Poll::Ready(result) = future.as_mut().poll(&mut context) {
            result.unwrap();
            return true;
        }
        tokio::task::yield_now().await;
    }
    false
}

pub(crate) async fn a_dropped_write_is_whole_or_nothing(bench: &dyn Bench) {
    let (store, table) = (bench.store(), items(bench).await);
    let mut polls = 1;
    loop {
        let two = tx(vec![upsert(&table, 1, &[]), upsert(&table, 2, &[])]);
        let ended = dropped_after(&*store, &two, polls).await;
        // The next user of the connection finds it clean, and so this is a
        // statement about everything that the dropped write did.
        write_one(&*store, upsert(&table, 3, &[])).await;
        let token = two.token.unwrap();
        let marked = marks(&*store, &table).await;
        let marked = marked.iter().filter(|(_, other)| *other == token).count();
        let rows = ids(&*store, &table).await.len();
        assert!(
            (rows, marked) == (1, 0) || (rows, marked) == (3, 2),
            "{rows} {marked} at {polls}"
        );
        if ended {
            assert_eq!(rows, 3);
            return;
        }
        write(&*store, vec![delete(&table, 1), delete(&table, 2)]).await;
        polls = polls + 1 + polls / 4;
    }
}
