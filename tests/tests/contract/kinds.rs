//! Values of every kind come back exactly as they went.

use std::sync::Arc;

use dualwrite_core::mapping::Table;
use dualwrite_core::side::Role;
use dualwrite_core::value::{Kind, Value};
use dualwrite_engine::store::{Change, Mutation};

use super::bench::Bench;
use super::ddl::Draft;
use super::prelude::*;

/// One table a kind: `id`, and a column `v` of that kind.
async fn table_of(bench: &dyn Bench, kind: Kind, role: Role) -> Arc<Table> {
    let name = format!("of_{kind}");
    let draft = Draft::new(&name, &name)
        .column("id", Kind::Int)
        .nullable("v", kind)
        .key(&["id"]);
    let table = created(bench, &draft).await;
    install(&*bench.store(), &[&table], role).await;
    table
}

fn inserts(table: &Arc<Table>, values: &[Value]) -> Vec<Mutation> {
    let numbered = (0_i64..).zip(values);
    let change = |value: &Value| Change::Insert {
        values: vec![(1, value.clone())],
    };
    numbered
        .map(|(id, value)| mutation(table, id_key(id), change(value)))
        .collect()
}

fn rows(values: &[Value]) -> Vec<Option<Vec<Value>>> {
    (0_i64..)
        .zip(values)
        .map(|(id, value)| Some(vec![Value::Int(id), value.clone()]))
        .collect()
}

pub(crate) async fn every_kind_comes_back_as_it_went(bench: &dyn Bench) {
    let store = bench.store();
    for kind in bench.kinds() {
        let (table, values) = (
            table_of(bench, kind, Role::Primary).await,
            bench.samples(kind),
        );
        let mut images = write(&*store, inserts(&table, &values)).await;
        // A single mutation may take another way than several.
        let last = write_one(&*store, update(&table, 0, &[(1, values[0].clone())])).await;
        images[0] = last;
        let images: Vec<_> = images.into_iter().map(|image| image.row).collect();
        assert_eq!(images, rows(&values), "images of {kind}");
        let keys: Vec<_> = (0_i64..)
            .zip(&values)
            .map(|(id, _)| row_key(&table, id_key(id)))
            .collect();
        assert_eq!(
            store.read(SERVICE, &keys).await.unwrap().rows,
            rows(&values),
            "{kind} read"
        );
        let pulled = store.pull(SERVICE, &keys).await.unwrap();
        let pulled: Vec<_> = pulled.into_iter().map(|pulled| pulled.row).collect();
        assert_eq!(pulled, rows(&values), "{kind} pulled");
    }
}

pub(crate) async fn every_kind_is_copied_as_it_went(bench: &dyn Bench) {
    let store = bench.store();
    for kind in bench.kinds() {
        let (table, values) = (
            table_of(bench, kind, Role::Secondary).await,
            bench.samples(kind),
        );
        let copies: Vec<_> = (0_i64..)
            .zip(rows(&values))
            .map(|(id, row)| copy(&table, id_key(id), row))
            .collect();
        // Once into an empty table, once over what is there.
        apply(&*store, &copies).await;
        apply(&*store, &copies).await;
        let keys: Vec<_> = copies
            .iter()
            .map(|copy| row_key(&table, copy.key.clone()))
            .collect();
        assert_eq!(
            store.read(SERVICE, &keys).await.unwrap().rows,
            rows(&values),
            "{kind}"
        );
    }
}

pub(crate) async fn every_kind_may_be_null(bench: &dyn Bench) {
    let store = bench.store();
    for kind in bench.kinds() {
        let table = table_of(bench, kind, Role::Primary).await;
        let null = vec![Value::Int(0), Value::Null];
        let image = write_one(&*store, insert(&table, 0, &[(1, Value::Null)])).await;
        assert_eq!(image.row, Some(null.clone()), "{kind}");
        let value = bench.samples(kind).remove(0);
        write_one(&*store, update(&table, 0, &[(1, value)])).await;
        let image = write_one(&*store, update(&table, 0, &[(1, Value::Null)])).await;
        assert_eq!(image.row, Some(null), "{kind}");
    }
}

pub(crate) async fn every_kind_survives_a_receipt(bench: &dyn Bench) {
    let store = bench.store();
    for kind in bench.kinds() {
        let (table, values) = (
            table_of(bench, kind, Role::Primary).await,
            bench.samples(kind),
        );
        let id = kind.as_str();
        let several = with_receipt(tx(inserts(&table, &values)), id);
        let images = store.write(&several).await.unwrap();
        let tables = vec![Arc::clone(&table); images.len()];
        let receipt = store
            .receipt(SERVICE, id, &tables)
            .await
            .unwrap()
            .receipt
            .unwrap();
        assert_eq!(receipt.images, images, "{kind}");
        for (at, value) in (0_i64..).zip(&values) {
            let id = format!("{kind}-{at}");
            let one = vec![upsert(&table, at, &[(1, value.clone())])];
            let images = store.write(&with_receipt(tx(one), &id)).await.unwrap();
            let receipt = store
                .receipt(SERVICE, &id, &tables[..1])
                .await
                .unwrap()
                .receipt;
            assert_eq!(receipt.unwrap().images, images, "{kind}");
        }
    }
}
