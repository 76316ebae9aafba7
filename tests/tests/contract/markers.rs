//! Markers.

use std::sync::Arc;

use dualwrite_core::key::Key;
use dualwrite_core::side::Role;
use dualwrite_core::value::Value;
use dualwrite_engine::store::{Change, Marker, StoreError, Token, WriteTx};

use super::bench::Bench;
use super::prelude::*;

pub(crate) async fn a_write_leaves_one_marker_a_key(bench: &dyn Bench) {
    let (store, table) = (bench.store(), items(bench).await);
    let tx = tx(vec![
        insert(&table, 2, &[]),
        insert(&table, 1, &[]),
        delete(&table, 2),
    ]);
    store.write(&tx).await.unwrap();
    let token = tx.token.unwrap();
    assert_eq!(
        marks(&*store, &table).await,
        [(id_key(1), token), (id_key(2), token)]
    );
}

pub(crate) async fn a_write_without_token_leaves_none(bench: &dyn Bench) {
    let (store, table) = (bench.store(), items(bench).await);
    let one = WriteTx {
        token: None,
        ..tx(vec![insert(&table, 1, &[])])
    };
    let two = WriteTx {
        token: None,
        ..tx(vec![insert(&table, 2, &[]), insert(&table, 3, &[])])
    };
    store.write(&one).await.unwrap();
    store.write(&two).await.unwrap();
    assert_eq!(ids(&*store, &table).await, [1, 2, 3]);
    assert_eq!(marks(&*store, &table).await, []);
}

pub(crate) async fn a_later_write_replaces_the_token(bench: &dyn Bench) {
    let (store, table) = (bench.store(), items(bench).await);
    for token in [i64::MIN, 0, i64::MAX] {
        let tx = tx(vec![upsert(&table, 1, &[(QTY, Value::Int(token))])]);
        store
            .write(&WriteTx {
                token: Some(Token(token)),
                ..tx
            })
            .await
            .unwrap();
        assert_eq!(marks(&*store, &table).await, [(id_key(1), Token(token))]);
    }
}

fn marker(table: &std::sync::Arc<dualwrite_core::mapping::Table>, id: i64, token: Token) -> Marker {
    Marker {
        row: row_key(table, id_key(id)),
        token,
    }
}

pub(crate) async fn only_the_matching_token_clears(bench: &dyn Bench) {
    let (store, table) = (bench.store(), items(bench).await);
    let first = tx(vec![insert(&table, 1, &[])]);
    store.write(&first).await.unwrap();
    let second = tx(vec![update(&table, 1, &[(QTY, Value::Int(2))])]);
    store.write(&second).await.unwrap();
    let (first, second) = (first.token.unwrap(), second.token.unwrap());
    assert_eq!(
        store
            .clear_markers(SERVICE, &[marker(&table, 1, first)])
            .await,
        Ok(0)
    );
    assert_eq!(marks(&*store, &table).await, [(id_key(1), second)]);
    assert_eq!(
        store
            .clear_markers(SERVICE, &[marker(&table, 1, second)])
            .await,
        Ok(1)
    );
    assert_eq!(marks(&*store, &table).await, []);
    assert_eq!(
        store
            .clear_markers(SERVICE, &[marker(&table, 1, second)])
            .await,
        Ok(0)
    );
    assert_eq!(store.clear_markers(SERVICE, &[]).await, Ok(0));
}

pub(crate) async fn clearing_spares_siblings_of_the_same_token(bench: &dyn Bench) {
    let (store, table) = (bench.store(), items(bench).await);
    let tx = tx((1..=4).map(|id| insert(&table, id, &[])).collect());
    store.write(&tx).await.unwrap();
    let token = tx.token.unwrap();
    let some = [
        marker(&table, 3, token),
        marker(&table, 1, token),
        marker(&table, 9, token),
    ];
    assert_eq!(store.clear_markers(SERVICE, &some).await, Ok(2));
    assert_eq!(
        marks(&*store, &table).await,
        [(id_key(2), token), (id_key(4), token)]
    );
}

pub(crate) async fn they_are_listed_in_key_order_by_pages(bench: &dyn Bench) {
    let (store, table) = (bench.store(), items(bench).await);
    write(
        &*store,
        [10, -1, 9, 200, 3]
            .map(|id| insert(&table, id, &[]))
            .to_vec(),
    )
    .await;
    let mut seen = Vec::new();
    loop {
        let after = seen.last().map(|id: &i64| id_key(*id));
        let page = store
            .markers(SERVICE, &table, after.as_ref(), 2)
            .await
            .unwrap();
        assert!(page.len() <= 2);
        if page.is_empty() {
            break;
        }
        seen.extend(page.iter().map(|marker| match marker.row.key.parts() {
            [Value::Int(id)] => *id,
            other => panic!("{other:?}"),
        }));
    }
    assert_eq!(seen, [-1, 3, 9, 10, 200]);
}

pub(crate) async fn a_repair_leaves_them_under_the_fence(bench: &dyn Bench) {
    let (store, table) = (bench.store(), items(bench).await);
    // Also for rows that are not there: the secondary may have them.
    let keys = [row_key(&table, id_key(5)), row_key(&table, id_key(4))];
    store.mark(SERVICE, EPOCH, Token(42), &keys).await.unwrap();
    assert_eq!(
        marks(&*store, &table).await,
        [(id_key(4), Token(42)), (id_key(5), Token(42))]
    );
    store
        .mark(SERVICE, EPOCH, Token(43), &keys[..1])
        .await
        .unwrap();
    assert_eq!(marks(&*store, &table).await[1], (id_key(5), Token(43)));
    let stale = store.mark(SERVICE, EPOCH + 1, Token(44), &keys).await;
    assert_eq!(stale, Err(StoreError::Stale));
    assert_eq!(marks(&*store, &table).await[1], (id_key(5), Token(43)));
}

pub(crate) async fn the_backlog_counts_them(bench: &dyn Bench) {
    let (store, (items, notes)) = (
        bench.store(),
        items_and_notes(bench, dualwrite_core::side::Role::Primary).await,
    );
    write(
        &*store,
        vec![insert(&items, 1, &[]), insert(&items, 2, &[])],
    )
    .await;
    store
        .quarantine(SERVICE, &row_key(&items, id_key(2)), "refused")
        .await
        .unwrap();
    let backlog = store.backlog(SERVICE, &[notes, items]).await.unwrap();
    let counts: Vec<_> = backlog
        .iter()
        .map(|one| (&*one.entity, one.markers, one.quarantined))
        .collect();
    assert_eq!(counts, [("note", 0, 0), ("item", 2, 1)]);
}

pub(crate) async fn those_of_one_transaction_are_found_in_every_outbox(bench: &dyn Bench) {
    let (store, (items, notes)) = (bench.store(), items_and_notes(bench, Role::Primary).await);
    let of_two = tx(vec![
        insert(&items, 1, &[]),
        insert(&items, 2, &[]),
        mutation(
            &notes,
            key([Value::Int(1), text("a")]),
            Change::Insert { values: Vec::new() },
        ),
    ]);
    let other = tx(vec![insert(&items, 3, &[])]);
    store.write(&of_two).await.unwrap();
    store.write(&other).await.unwrap();
    let tables = [Arc::clone(&items), Arc::clone(&notes)];
    let keys = async |tokens: &[Token], limit: u32| {
        let found = store.siblings(SERVICE, &tables, tokens, limit).await;
        let mut keys: Vec<(String, Key)> = found
            .unwrap()
            .into_iter()
            .map(|marker| (marker.row.table.entity.to_string(), marker.row.key))
            .collect();
        keys.sort();
        keys
    };
    let token = of_two.token.unwrap();
    let expected = [
        ("item".to_owned(), id_key(1)),
        ("item".to_owned(), id_key(2)),
        ("note".to_owned(), key([Value::Int(1), text("a")])),
    ];
    assert_eq!(keys(&[token], 10).await, expected);
    assert_eq!(keys(&[token], 2).await.len(), 2);
    assert_eq!(keys(&[token, other.token.unwrap()], 10).await.len(), 4);
    assert_eq!(keys(&[Token(token.0 ^ 1)], 10).await, []);
}
