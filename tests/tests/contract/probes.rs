//! Tables of ours for probes: they mirror those of the application, and come
//! and go with everything of ours.

use std::sync::Arc;

use dualwrite_core::fence::Fence;
use dualwrite_core::mapping::Table;
use dualwrite_core::phase::Phase;
use dualwrite_core::side::Role;
use dualwrite_core::value::Value;
use dualwrite_engine::store::{InstallRequest, Mutation, ProbeTable, Store};

use super::bench::Bench;
use super::prelude::{
    CODE, EPOCH, NAME, QTY, SERVICE, created, delete, fence, ids, insert, install_request,
    item_draft, marks, text, write_one,
};

/// The probe of a table, as an installation creates it.
fn probe(store: &dyn Store, like: &Arc<Table>, stale: bool) -> ProbeTable {
    let table = Table {
        entity: Arc::from(format!("probe-{}", like.entity)),
        name: store.own_table(&format!("probe_{SERVICE}_{}", like.entity)),
        uniques: Vec::new(),
        ..(**like).clone()
    };
    ProbeTable {
        table: Arc::new(table),
        like: Arc::clone(like),
        stale,
    }
}

fn request(like: &Arc<Table>, probe: &ProbeTable, phase: Phase) -> InstallRequest {
    let fence = Fence {
        phase,
        ..fence(EPOCH, Role::Primary)
    };
    InstallRequest {
        probes: vec![probe.clone()],
        ..install_request(&[like, &probe.table], Some(fence))
    }
}

/// A row with everything that may not be NULL: a probe's table has no defaults.
fn row(table: &Arc<Table>, id: i64) -> Mutation {
    let values = [(NAME, text("Zoë")), (QTY, Value::Int(7)), (CODE, text("c"))];
    insert(table, id, &values)
}

pub(crate) async fn they_mirror_and_are_written_like_any_table(bench: &dyn Bench) {
    let (store, items) = (bench.store(), created(bench, &item_draft()).await);
    let probe = probe(&*store, &items, false);
    let request = request(&items, &probe, Phase::DualWrite);
    for _ in 0..2 {
        store.install(&request).await.unwrap();
    }
    let names = [items.name.clone(), probe.table.name.clone()];
    let catalog = store.describe(&names).await.unwrap();
    let [like, there] = names.map(|name| catalog.table(&name).unwrap().clone());
    assert_eq!(there.primary_key, like.primary_key);
    let shapes = |table: &dualwrite_core::catalog::TableInfo| -> Vec<(String, String)> {
        let each = table.columns.iter();
        each.map(|one| (one.name.clone(), one.native.to_lowercase()))
            .collect()
    };
    assert_eq!(shapes(&there), shapes(&like));

    // Two rows with one code: what is unique among the application's rows is
    // nothing to a probe.
    for id in [1, 2] {
        write_one(&*store, row(&probe.table, id)).await;
    }
    assert_eq!(ids(&*store, &probe.table).await, [1, 2]);
    assert_eq!(marks(&*store, &probe.table).await.len(), 2);
    assert_eq!(marks(&*store, &items).await, []);
    assert_eq!(ids(&*store, &items).await, Vec::<i64>::new());
    for id in [1, 2] {
        assert!(write_one(&*store, delete(&probe.table, id)).await.matched);
    }
    let listed = store.relations().await.unwrap();
    let listed: Vec<String> = listed.iter().map(|one| one.name.to_string()).collect();
    assert!(
        !listed.iter().any(|name| name.contains("probe")),
        "{listed:?}"
    );
}

pub(crate) async fn one_of_an_older_mapping_is_made_anew(bench: &dyn Bench) {
    let (store, items) = (bench.store(), created(bench, &item_draft()).await);
    let older = probe(&*store, &items, false);
    let begin = request(&items, &older, Phase::DualWrite);
    store.install(&begin).await.unwrap();
    write_one(&*store, row(&older.table, 1)).await;

    let mut shorter = (*items).clone();
    shorter.columns.truncate(QTY + 1);
    let newer = probe(&*store, &Arc::new(shorter), true);
    store
        .install(&request(&items, &newer, Phase::DualWrite))
        .await
        .unwrap();
    let name = newer.table.name.clone();
    let catalog = store.describe(std::slice::from_ref(&name)).await.unwrap();
    assert_eq!(catalog.table(&name).unwrap().columns.len(), QTY + 1);
    assert_eq!(ids(&*store, &newer.table).await, Vec::<i64>::new());
    assert_eq!(marks(&*store, &newer.table).await, []);
    // The application's own table is the one it was.
    write_one(&*store, insert(&items, 1, &[(CODE, text("c"))])).await;
}

pub(crate) async fn they_go_with_everything_else(bench: &dyn Bench) {
    let (store, items) = (bench.store(), created(bench, &item_draft()).await);
    let probe = probe(&*store, &items, false);
    let end = request(&items, &probe, Phase::NewOnly);
    store.install(&end).await.unwrap();
    write_one(&*store, row(&probe.table, 1)).await;
    let done = store.remove(SERVICE).await.unwrap();
    assert_eq!(done.left, Vec::<String>::new());
    assert_eq!(done.schema_before, done.schema_after);
    let name = probe.table.name.clone();
    let catalog = store.describe(std::slice::from_ref(&name)).await.unwrap();
    assert!(catalog.table(&name).is_none());
}
