//! Copies on the secondary.

use std::sync::Arc;
use std::time::Duration;

use dualwrite_core::key::Key;
use dualwrite_core::mapping::Table;
use dualwrite_core::side::Role;
use dualwrite_core::value::Value;
use dualwrite_engine::store::{
    CommitError, ConstraintKind, Granted, LockMode, OpenApply, Pulled, Store, StoreError,
};

use super::bench::Bench;
use super::prelude::*;

/// The items, on a secondary.
async fn secondary(bench: &dyn Bench) -> Arc<Table> {
    let table = created(bench, &item_draft()).await;
    install(&*bench.store(), &[&table], Role::Secondary).await;
    table
}

async fn begin(store: &dyn Store) -> Box<dyn OpenApply> {
    store
        .begin_apply(&locks(&[1, 5], LockMode::Wait(LONG)))
        .await
        .unwrap()
}

fn note(item: i64, line: &str) -> (dualwrite_core::key::Key, Vec<Value>) {
    let parts = [Value::Int(item), text(line)];
    (
        key(parts.clone()),
        [parts.to_vec(), vec![Value::Null]].concat(),
    )
}

pub(crate) async fn a_pull_answers_token_and_row_in_the_order_of_the_keys(bench: &dyn Bench) {
    let (store, (items, notes)) = (bench.store(), items_and_notes(bench, Role::Primary).await);
    let one = tx(vec![insert(&items, 1, &[(NAME, text("a"))])]);
    store.write(&one).await.unwrap();
    let gone = tx(vec![delete(&items, 2)]);
    store.write(&gone).await.unwrap();
    let markers = store.markers(SERVICE, &items, None, 9).await.unwrap();
    let (line, body) = note(1, "é");
    let change = dualwrite_engine::store::Change::Insert { values: Vec::new() };
    let noted = tx(vec![mutation(&notes, line.clone(), change)]);
    store.write(&noted).await.unwrap();

    let keys = [
        row_key(&items, id_key(2)),
        row_key(&notes, line),
        row_key(&items, id_key(3)),
        row_key(&items, id_key(1)),
    ];
    let row = Some(item(1, "a", 1));
    let mut expected = [
        Pulled {
            token: gone.token,
            row: None,
        },
        Pulled {
            token: noted.token,
            row: Some(body),
        },
        Pulled {
            token: None,
            row: None,
        },
        Pulled {
            token: one.token,
            row,
        },
    ];
    assert_eq!(store.pull(SERVICE, &keys).await.unwrap(), expected);
    store.clear_markers(SERVICE, &markers).await.unwrap();
    expected[0].token = None;
    expected[3].token = None;
    assert_eq!(store.pull(SERVICE, &keys).await.unwrap(), expected);
    assert_eq!(store.pull(SERVICE, &[]).await.unwrap(), []);
}

pub(crate) async fn a_pull_of_many_keys_mixes_nothing_up(bench: &dyn Bench) {
    let (store, table) = (bench.store(), items(bench).await);
    let even: Vec<i64> = (0..300).filter(|id| id % 2 == 0).collect();
    let inserts = even
        .iter()
        .map(|id| insert(&table, *id, &[(QTY, Value::Int(id * 10))]));
    store.write(&tx(inserts.collect())).await.unwrap();
    let keys: Vec<_> = (0..300)
        .rev()
        .map(|id| row_key(&table, id_key(id)))
        .collect();
    let pulled = store.pull(SERVICE, &keys).await.unwrap();
    assert_eq!(pulled.len(), 300);
    for (id, pulled) in (0..300).rev().zip(pulled) {
        let qty = pulled.row.map(|row| row[QTY].clone());
        assert_eq!(qty, (id % 2 == 0).then_some(Value::Int(id * 10)), "{id}");
        assert_eq!(pulled.token.is_some(), id % 2 == 0, "{id}");
    }
}

pub(crate) async fn rows_are_made_equal(bench: &dyn Bench) {
    let (store, table) = (bench.store(), secondary(bench).await);
    let full = vec![
        Value::Int(1),
        text("a"),
        Value::Int(4),
        decimal("2.5"),
        text("c"),
    ];
    apply(&*store, &[copy(&table, id_key(1), Some(full.clone()))]).await;
    assert_eq!(row(&*store, &table, id_key(1)).await, Some(full));
    // A copy is the whole row: what is NULL there becomes NULL here.
    let bare = vec![
        Value::Int(1),
        Value::Null,
        Value::Int(5),
        Value::Null,
        Value::Null,
    ];
    let second = copy(&table, id_key(2), Some(item(2, "b", 1)));
    let absent = copy(&table, id_key(3), None);
    apply(
        &*store,
        &[copy(&table, id_key(1), Some(bare.clone())), second, absent],
    )
    .await;
    assert_eq!(row(&*store, &table, id_key(1)).await, Some(bare));
    assert_eq!(ids(&*store, &table).await, [1, 2]);
    apply(
        &*store,
        &[copy(&table, id_key(1), None), copy(&table, id_key(2), None)],
    )
    .await;
    assert_eq!(ids(&*store, &table).await, [0_i64; 0]);
    apply(&*store, &[]).await;
}

pub(crate) async fn a_copy_leaves_no_marker(bench: &dyn Bench) {
    let (store, table) = (bench.store(), secondary(bench).await);
    apply(&*store, &[copy(&table, id_key(1), Some(item(1, "a", 1)))]).await;
    assert_eq!(marks(&*store, &table).await, []);
}

pub(crate) async fn parents_come_first_and_children_go_first(bench: &dyn Bench) {
    let (store, (items, notes)) = (bench.store(), items_and_notes(bench, Role::Secondary).await);
    let (line, body) = note(1, "a");
    let parent = copy(&items, id_key(1), Some(item(1, "p", 1)));
    apply(&*store, &[parent, copy(&notes, line.clone(), Some(body))]).await;
    assert_eq!(keys(&*store, &notes).await, std::slice::from_ref(&line));
    apply(
        &*store,
        &[copy(&notes, line, None), copy(&items, id_key(1), None)],
    )
    .await;
    assert_eq!(ids(&*store, &items).await, [0_i64; 0]);
}

pub(crate) async fn the_wrong_order_is_refused_and_nothing_is_left(bench: &dyn Bench) {
    let (store, (items, notes)) = (bench.store(), items_and_notes(bench, Role::Secondary).await);
    let (line, body) = note(1, "a");
    let mut open = begin(&*store).await;
    open.apply(&[copy(&items, id_key(2), Some(item(2, "x", 1)))])
        .await
        .unwrap();
    let error = open
        .apply(&[copy(&notes, line, Some(body))])
        .await
        .unwrap_err();
    let StoreError::Constraint { kind, .. } = error else {
        panic!("{error:?}")
    };
    assert_eq!(kind, ConstraintKind::ForeignKey);
    open.rollback().await;
    assert_eq!(ids(&*store, &items).await, [0_i64; 0]);
    apply(&*store, &[copy(&items, id_key(2), Some(item(2, "x", 1)))]).await;
}

/// A commit that says yes and did nothing would have the markers cleared.
pub(crate) async fn a_commit_after_an_error_is_refused(bench: &dyn Bench) {
    let (store, (items, notes)) = (bench.store(), items_and_notes(bench, Role::Secondary).await);
    let (orphan, body) = note(9, "a");
    let mut open = begin(&*store).await;
    open.apply(&[copy(&items, id_key(2), Some(item(2, "x", 1)))])
        .await
        .unwrap();
    let error = open.apply(&[copy(&notes, orphan, Some(body))]).await;
    assert!(error.is_err());
    let commit = open.commit().await;
    assert!(matches!(commit, Err(CommitError::Refused(_))), "{commit:?}");
    assert_eq!(ids(&*store, &items).await, [0_i64; 0]);
}

pub(crate) async fn a_unique_value_in_the_way_is_a_constraint(bench: &dyn Bench) {
    let (store, table) = (bench.store(), secondary(bench).await);
    let coded = |id: i64| {
        let row = vec![
            Value::Int(id),
            Value::Null,
            Value::Int(1),
            Value::Null,
            text("same"),
        ];
        copy(&table, id_key(id), Some(row))
    };
    apply(&*store, &[coded(1)]).await;
    let mut open = begin(&*store).await;
    let error = open.apply(&[coded(2)]).await.unwrap_err();
    let StoreError::Constraint { kind, .. } = error else {
        panic!("{error:?}")
    };
    assert_eq!(kind, ConstraintKind::Unique);
    open.rollback().await;
    assert_eq!(ids(&*store, &table).await, [1]);
}

pub(crate) async fn holders_of_values_are_found(bench: &dyn Bench) {
    let (store, (items, notes)) = (bench.store(), items_and_notes(bench, Role::Secondary).await);
    let coded = |id: i64, code: &str| {
        let row = vec![
            Value::Int(id),
            Value::Null,
            Value::Int(1),
            Value::Null,
            text(code),
        ];
        copy(&items, id_key(id), Some(row))
    };
    let lines: Vec<_> = ["a", "b", "c"]
        .map(|line| note(1, line))
        .map(|(key, row)| copy(&notes, key, Some(row)))
        .to_vec();
    apply(&*store, &[coded(1, "x"), coded(2, "y")]).await;
    apply(&*store, &lines).await;
    let has_code = |code: &str| sought(&items, &[(CODE, text(code))]);
    let refers_to = |id: i64| sought(&notes, &[(0, Value::Int(id))]);
    let mut open = begin(&*store).await;
    let asked = [
        has_code("y"),
        refers_to(1),
        has_code("nobody"),
        refers_to(2),
        has_code("x"),
    ];
    let mut found = open.holders(&asked, 10).await.unwrap();
    found[1].sort();
    let own: Vec<Key> = lines.iter().map(|copy| copy.key.clone()).collect();
    assert_eq!(
        found,
        [vec![id_key(2)], own, vec![], vec![], vec![id_key(1)]]
    );
    // At most so many of each, and what this transaction wrote is there.
    let few = open.holders(&[refers_to(1)], 2).await.unwrap();
    assert_eq!(few[0].len(), 2);
    open.apply(&[coded(3, "new")]).await.unwrap();
    let own = open.holders(&[has_code("new")], 10).await.unwrap();
    assert_eq!(own, [vec![id_key(3)]]);
    let both = sought(&items, &[(CODE, text("x")), (QTY, Value::Int(1))]);
    let neither = sought(&items, &[(CODE, text("x")), (QTY, Value::Int(2))]);
    let found = open.holders(&[both, neither], 10).await.unwrap();
    assert_eq!(found, [vec![id_key(1)], vec![]]);
    assert_eq!(open.holders(&[], 10).await.unwrap(), Vec::<Vec<Key>>::new());
    open.commit().await.unwrap();
}

/// What the engine sends for two keys that swapped a unique value: one of them
/// out of the way first, then both as they are.
pub(crate) async fn a_swap_is_written_by_way_of_a_value_out_of_the_way(bench: &dyn Bench) {
    let (store, table) = (bench.store(), secondary(bench).await);
    let coded = |id: i64, code: Value| {
        let row = vec![
            Value::Int(id),
            Value::Null,
            Value::Int(1),
            Value::Null,
            code,
        ];
        copy(&table, id_key(id), Some(row))
    };
    apply(&*store, &[coded(1, text("x")), coded(2, text("y"))]).await;
    for out_of_the_way in [Value::Null, text("parked")] {
        let before = row(&*store, &table, id_key(1)).await.unwrap()[CODE].clone();
        let other = row(&*store, &table, id_key(2)).await.unwrap()[CODE].clone();
        let swapped = [
            coded(1, out_of_the_way),
            coded(2, before.clone()),
            coded(1, other.clone()),
        ];
        apply(&*store, &swapped).await;
        let after = row(&*store, &table, id_key(1)).await.unwrap()[CODE].clone();
        assert_eq!(after, other);
        let after = row(&*store, &table, id_key(2)).await.unwrap()[CODE].clone();
        assert_eq!(after, before);
    }
}

pub(crate) async fn a_transaction_sees_its_own_copies(bench: &dyn Bench) {
    let (store, other, table) = (bench.store(), bench.another().await, secondary(bench).await);
    let mut open = begin(&*store).await;
    open.apply(&[copy(&table, id_key(1), Some(item(1, "a", 1)))])
        .await
        .unwrap();
    let keys = [row_key(&table, id_key(2)), row_key(&table, id_key(1))];
    assert_eq!(
        open.read(&keys).await.unwrap(),
        [None, Some(item(1, "a", 1))]
    );
    assert_eq!(row(&*other, &table, id_key(1)).await, None);
    open.commit().await.unwrap();
    assert_eq!(row(&*other, &table, id_key(1)).await, Some(item(1, "a", 1)));
}

pub(crate) async fn a_rollback_leaves_nothing(bench: &dyn Bench) {
    end_without_commit(bench, async |open| open.rollback().await).await;
}

pub(crate) async fn a_drop_leaves_nothing(bench: &dyn Bench) {
    end_without_commit(bench, async |open| drop(open)).await;
}

async fn end_without_commit(bench: &dyn Bench, end: impl AsyncFnOnce(Box<dyn OpenApply>)) {
    let (store, table) = (bench.store(), secondary(bench).await);
    let mut open = begin(&*store).await;
    open.apply(&[copy(&table, id_key(1), Some(item(1, "a", 1)))])
        .await
        .unwrap();
    end(open).await;
    // The same locks are to be had, and the row is not there.
    let mut again = begin(&*store).await;
    assert_eq!(
        again.read(&[row_key(&table, id_key(1))]).await.unwrap(),
        [None]
    );
    again.rollback().await;
}

pub(crate) async fn a_key_lock_is_waited_for_and_not_longer_than_said(bench: &dyn Bench) {
    let (store, other) = (bench.store(), bench.another().await);
    secondary(bench).await;
    let held = begin(&*store).await;
    assert_eq!(*held.granted(), Granted::All);
    let short = locks(&[5], LockMode::Wait(Duration::from_millis(20)));
    for contender in [&store, &other] {
        let error = contender.begin_apply(&short).await.map(|_| ()).unwrap_err();
        assert!(matches!(error, StoreError::Busy(_)), "{error:?}");
    }
    let wait = locks(&[5, 6], LockMode::Wait(LONG));
    let (waited, ()) = tokio::join!(other.begin_apply(&wait), async {
        tokio::task::yield_now().await;
        held.commit().await.unwrap();
    });
    let waited = waited.unwrap();
    assert_eq!(*waited.granted(), Granted::All);
    waited.rollback().await;
}

pub(crate) async fn a_try_takes_no_lock_that_is_held(bench: &dyn Bench) {
    let (store, other) = (bench.store(), bench.another().await);
    secondary(bench).await;
    let held = begin(&*store).await;
    match other.begin_apply(&locks(&[4, 5, 6], LockMode::Try)).await {
        Ok(open) => {
            assert_eq!(*open.granted(), Granted::Some(vec![4, 6]));
            open.rollback().await;
        }
        // Where one lock stands for all of them.
        Err(error) => assert!(matches!(error, StoreError::Busy(_)), "{error:?}"),
    }
    held.rollback().await;
    let free = other
        .begin_apply(&locks(&[4, 5, 6], LockMode::Try))
        .await
        .unwrap();
    assert_eq!(*free.granted(), Granted::All);
}
