//! Keys in canonical order.

use std::sync::Arc;

use dualwrite_core::key::Key;
use dualwrite_core::mapping::Table;
use dualwrite_core::side::Role;
use dualwrite_core::value::{Kind, Value};
use dualwrite_engine::store::{Change, Store};

use super::bench::Bench;
use super::ddl::Draft;
use super::prelude::*;

/// A table whose key has these kinds, filled with these keys.
async fn filled(bench: &dyn Bench, name: &str, kinds: &[Kind], keys: &[Vec<Value>]) -> Arc<Table> {
    let names: Vec<String> = (0..kinds.len()).map(|part| format!("k{part}")).collect();
    let mut draft = Draft::new(name, name);
    for (name, kind) in names.iter().zip(kinds) {
        draft = draft.column(name, *kind);
    }
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let (store, table) = (bench.store(), created(bench, &draft.key(&names)).await);
    install(&*store, &[&table], Role::Primary).await;
    let inserts = keys.iter().map(|parts| {
        let change = Change::Insert { values: Vec::new() };
        mutation(&table, Key::new(parts.clone()).unwrap(), change)
    });
    write(&*store, inserts.collect()).await;
    table
}

/// Inserts the keys and expects them back in canonical order, whole and by
/// pages, and from the outbox likewise.
async fn expect_canonical(bench: &dyn Bench, name: &str, kinds: &[Kind], parts: &[Vec<Value>]) {
    let (store, table) = (bench.store(), filled(bench, name, kinds, parts).await);
    let mut expected: Vec<Key> = parts
        .iter()
        .map(|parts| Key::new(parts.clone()).unwrap())
        .collect();
    expected.sort();
    assert_eq!(keys(&*store, &table).await, expected, "{kinds:?}");
    let marked: Vec<Key> = marks(&*store, &table)
        .await
        .into_iter()
        .map(|(key, _)| key)
        .collect();
    assert_eq!(marked, expected, "{kinds:?}");
    let mut paged: Vec<Key> = Vec::new();
    loop {
        let page = store.keys(&table, paged.last(), None, 3).await.unwrap();
        paged.extend(page.keys);
        if !page.more {
            break;
        }
    }
    assert_eq!(paged, expected, "{kinds:?}");
}

pub(crate) async fn integers_are_ordered_by_number(bench: &dyn Bench) {
    let numbers = [10, 9, -1, -10, 0, i64::MAX, i64::MIN, 100, 1];
    let parts = numbers.map(|number| vec![Value::Int(number)]);
    expect_canonical(bench, "numbers", &[Kind::Int], &parts).await;
}

pub(crate) async fn texts_are_ordered_bytewise(bench: &dyn Bench) {
    let words = [
        "b", "a", "B", "A", "", " ", "a ", "é", "e", "z", "ß", "ss", "Ω", "日本", "🦀", "10", "9",
        "a-b", "ab", "a_b", "aB", "I", "ı", "i", "İ", "\u{e000}", "\u{ffff}", "'", "\"", "%", "\\",
    ];
    let parts = words.map(|word| vec![text(word)]);
    expect_canonical(bench, "words", &[Kind::Text], &parts).await;
}

pub(crate) async fn composite_keys_are_ordered_part_by_part(bench: &dyn Bench) {
    let mut parts = Vec::new();
    for word in ["a", "ab", "b", "É", "B"] {
        for number in [2, 10, -1] {
            parts.push(vec![text(word), Value::Int(number), text("x")]);
        }
    }
    parts.push(vec![text("a"), Value::Int(2), text("X")]);
    expect_canonical(bench, "pairs", &[Kind::Text, Kind::Int, Kind::Text], &parts).await;
}

pub(crate) async fn every_kind_of_key_is_in_canonical_order(bench: &dyn Bench) {
    for kind in bench.key_kinds() {
        let parts: Vec<Vec<Value>> = bench
            .key_samples(kind)
            .into_iter()
            .map(|value| vec![value])
            .collect();
        expect_canonical(bench, &format!("by_{kind}"), &[kind], &parts).await;
    }
}

pub(crate) async fn a_page_stays_within_its_bounds(bench: &dyn Bench) {
    let parts: Vec<Vec<Value>> = (1..=6).map(|id| vec![Value::Int(id)]).collect();
    let (store, table) = (
        bench.store(),
        filled(bench, "six", &[Kind::Int], &parts).await,
    );
    let page = async |after: Option<i64>, until: Option<i64>, limit: u32| {
        let (after, until) = (after.map(id_key), until.map(id_key));
        let page = store
            .keys(&table, after.as_ref(), until.as_ref(), limit)
            .await
            .unwrap();
        let ids = page.keys.iter().map(Key::display).collect::<String>();
        (ids, page.more)
    };
    assert_eq!(page(None, None, 6).await, ("123456".into(), false));
    assert_eq!(page(None, None, 5).await, ("12345".into(), true));
    assert_eq!(page(Some(2), Some(4), 9).await, ("34".into(), false));
    assert_eq!(page(Some(2), Some(4), 2).await, ("34".into(), false));
    assert_eq!(page(Some(2), Some(4), 1).await, ("3".into(), true));
    assert_eq!(page(None, Some(0), 9).await, (String::new(), false));
    assert_eq!(page(Some(6), None, 9).await, (String::new(), false));
    assert_eq!(page(Some(-5), Some(99), 9).await, ("123456".into(), false));
}

/// How many rows lie in each range between these ends.
async fn sizes(store: &dyn Store, table: &Arc<Table>, ends: &[Key]) -> Vec<usize> {
    let starts = std::iter::once(None).chain(ends.iter().map(Some));
    let ends = ends.iter().map(Some).chain(std::iter::once(None));
    let mut sizes = Vec::new();
    for (after, until) in starts.zip(ends) {
        sizes.push(
            store
                .keys(table, after, until, 10_000)
                .await
                .unwrap()
                .keys
                .len(),
        );
    }
    sizes
}

pub(crate) async fn a_split_cuts_the_table_in_like_parts(bench: &dyn Bench) {
    let parts: Vec<Vec<Value>> = (1..=100).map(|id| vec![Value::Int(id * 7)]).collect();
    let (store, table) = (
        bench.store(),
        filled(bench, "hundred", &[Kind::Int], &parts).await,
    );
    let (ends, _estimate) = store.split(&table, 4).await.unwrap();
    assert!(ends.is_sorted(), "{ends:?}");
    let sizes = sizes(&*store, &table, &ends).await;
    assert_eq!(sizes.iter().sum::<usize>(), 100);
    assert!((1..=6).contains(&sizes.len()), "{sizes:?}");
    assert_eq!(store.split(&table, 1).await.unwrap().0, []);
    let (ends, _estimate) = store.split(&table, 1000).await.unwrap();
    assert!(ends.len() <= 100 && ends.is_sorted(), "{} ends", ends.len());
}

pub(crate) async fn an_empty_table_has_no_parts(bench: &dyn Bench) {
    let (store, table) = (bench.store(), items(bench).await);
    assert_eq!(store.split(&table, 8).await.unwrap().0, []);
    assert_eq!(keys(&*store, &table).await, []);
}
