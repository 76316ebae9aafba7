//! What is there, sequences, keys set aside.

use std::sync::Arc;

use dualwrite_core::catalog::Form;
use dualwrite_core::fence::Fence;
use dualwrite_core::side::Role;
use dualwrite_core::spec::TableName;
use dualwrite_core::value::{Kind, Value};
use dualwrite_engine::store::{InstallRequest, Quarantined, WriteTx};

use super::bench::Bench;
use super::ddl::Draft;
use super::prelude::*;

pub(crate) async fn it_answers_and_says_what_it_is(bench: &dyn Bench) {
    let store = bench.store();
    store.ping().await.unwrap();
    assert!(["postgresql", "mysql", "sqlite", "memory"].contains(&store.engine()));
    let pool = store.pool();
    assert!(pool.max > 0 && pool.in_use <= pool.max, "{pool:?}");
}

pub(crate) async fn tables_are_described(bench: &dyn Bench) {
    let (store, _) = (bench.store(), items_and_notes(bench, Role::Primary).await);
    let names = ["notes", "absent", "items"].map(TableName::bare);
    let catalog = store.describe(&names).await.unwrap();
    assert!(catalog.table(&names[1]).is_none());
    let items = catalog.table(&names[2]).unwrap();
    assert_eq!(items.primary_key, ["id"]);
    assert_eq!(items.uniques, [["code"]]);
    let qty = items.column("qty").unwrap();
    assert!(qty.has_default && !qty.nullable && !qty.generated);
    let name = items.column("name").unwrap();
    assert!(name.nullable && !name.has_default);
    assert_eq!(
        (name.kind, items.column("price").unwrap().kind),
        (Some(Kind::Text), Some(Kind::Decimal))
    );
    let notes = catalog.table(&names[0]).unwrap();
    assert_eq!(notes.primary_key, ["item", "line"]);
    let [foreign] = notes.foreign_keys.as_slice() else {
        panic!("{:?}", notes.foreign_keys)
    };
    assert_eq!(
        (&foreign.columns[..], &foreign.referenced_columns[..]),
        (&["item".to_owned()][..], &["id".to_owned()][..])
    );
    assert_eq!(foreign.references.name, "items");
    assert!(!foreign.on_delete.changes_rows() && !foreign.on_update.changes_rows());
    assert!(notes.triggers.is_empty());
}

pub(crate) async fn relations_are_listed_without_ours(bench: &dyn Bench) {
    let (store, _) = (bench.store(), items_and_notes(bench, Role::Primary).await);
    let found = store.relations().await.unwrap();
    let told: Vec<(&str, Form)> = found
        .iter()
        .map(|relation| (relation.name.name.as_str(), relation.form))
        .collect();
    assert_eq!(told, [("items", Form::Table), ("notes", Form::Table)]);
    let names: Vec<TableName> = found.into_iter().map(|relation| relation.name).collect();
    let catalog = store.describe(&names).await.unwrap();
    assert_eq!(catalog.tables.len(), names.len());
}

pub(crate) async fn sequences_move_past_the_largest_row_and_never_back(bench: &dyn Bench) {
    let draft = Draft::new("ticket", "tickets")
        .column("id", Kind::Int)
        .nullable("note", Kind::Text)
        .key(&["id"])
        .serial();
    let (store, table) = (bench.store(), created(bench, &draft).await);
    install(&*store, &[&table], Role::Primary).await;
    let tables = [Arc::clone(&table)];
    store.advance_sequences(&tables).await.unwrap();
    write_one(&*store, insert(&table, 500, &[])).await;
    store.advance_sequences(&tables).await.unwrap();
    let Some(drawn) = bench.insert_default("tickets").await else {
        return;
    };
    assert!(drawn > 500, "{drawn}");
    write(&*store, vec![delete(&table, 500), delete(&table, drawn)]).await;
    store.advance_sequences(&tables).await.unwrap();
    let next = bench.insert_default("tickets").await.unwrap();
    assert!(next > drawn, "{next} after {drawn}");
}

pub(crate) async fn keys_are_set_aside_counted_and_released(bench: &dyn Bench) {
    let (store, (items, notes)) = (bench.store(), items_and_notes(bench, Role::Primary).await);
    let line = key([Value::Int(1), text("é")]);
    let (item_key, note_key) = (row_key(&items, id_key(2)), row_key(&notes, line.clone()));
    let tables = [items, notes];
    assert_eq!(store.quarantined(SERVICE, &tables, 9).await.unwrap(), []);
    store.quarantine(SERVICE, &item_key, "first").await.unwrap();
    store.quarantine(SERVICE, &note_key, "other").await.unwrap();
    store
        .quarantine(SERVICE, &item_key, "second")
        .await
        .unwrap();

    let mut found = store.quarantined(SERVICE, &tables, 9).await.unwrap();
    found.sort_by(|a, b| a.entity.cmp(&b.entity));
    let aside =
        |entity: &str, key: dualwrite_core::key::Key, error: &str, tries: u32| Quarantined {
            entity: Arc::from(entity),
            key,
            error: error.to_owned(),
            tries,
        };
    let item = aside("item", id_key(2), "second", 2);
    assert_eq!(found, [item, aside("note", line, "other", 1)]);
    assert_eq!(
        store.quarantined(SERVICE, &tables, 1).await.unwrap().len(),
        1
    );
    assert_eq!(
        store
            .quarantined(SERVICE, &tables[1..], 9)
            .await
            .unwrap()
            .len(),
        1
    );
    assert_eq!(
        store.release(SERVICE, &[item_key.clone(), item_key]).await,
        Ok(1)
    );
    assert_eq!(
        store.quarantined(SERVICE, &tables[..1], 9).await.unwrap(),
        []
    );
    assert_eq!(store.release(SERVICE, &[note_key]).await, Ok(1));
}

/// Two services may share a database: a legacy one always is.
pub(crate) async fn services_do_not_meet(bench: &dyn Bench) {
    let (store, table) = (bench.store(), items(bench).await);
    let other = InstallRequest {
        service: "other".to_owned(),
        tables: vec![Arc::clone(&table)],
        probes: Vec::new(),
        fence: Some(Fence {
            epoch: 1,
            ..fence(1, Role::Secondary)
        }),
    };
    store.install(&other).await.unwrap();
    write_one(&*store, insert(&table, 1, &[])).await;
    assert_eq!(store.markers("other", &table, None, 9).await.unwrap(), []);
    assert_eq!(marks(&*store, &table).await.len(), 1);
    let stranger = WriteTx {
        service: Arc::from("other"),
        epoch: 1,
        ..tx(vec![delete(&table, 1)])
    };
    let stale = dualwrite_engine::store::StoreError::Stale;
    assert_eq!(store.write(&stranger).await, Err(stale));
    store
        .quarantine("other", &row_key(&table, id_key(1)), "e")
        .await
        .unwrap();
    let backlog = store.backlog(SERVICE, &[table]).await.unwrap();
    assert_eq!((backlog[0].markers, backlog[0].quarantined), (1, 0));
}
