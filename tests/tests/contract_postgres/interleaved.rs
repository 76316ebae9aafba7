//! The same interleavings on a real PostgreSQL and on the simulated one: what
//! each party is told must be the same, or the simulation proves nothing.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use dualwrite_core::mapping::Table;
use dualwrite_core::side::Role;
use dualwrite_engine::store::{
    Image, LockMode, Mutation, OpenWrite, RowKey, Store, StoreError, WriteTx,
};
use tokio::time::timeout;

use crate::on_postgres::PostgresBench;
use crate::on_simulated::SimulatedBench;
use crate::suite::bench::Bench;
use crate::suite::prelude::*;

/// How long somebody who waits for a lock is watched doing so.
const WATCHED: Duration = Duration::from_millis(300);

/// Two parties over one table, and what each was told.
struct Play {
    one: Arc<dyn Store>,
    two: Arc<dyn Store>,
    items: Arc<Table>,
    notes: Arc<Table>,
    told: Vec<String>,
}

impl Play {
    /// The first party writes and leaves its transaction open. Without a token
    /// nothing but the rows is locked.
    async fn open(&self, mutations: Vec<Mutation>) -> Box<dyn OpenWrite> {
        self.one.begin_write(&unmarked(mutations)).await.unwrap()
    }

    /// The second party writes; `meanwhile` happens once it is seen to wait, or
    /// has ended. Notes both.
    async fn beside<F>(&mut self, what: &str, tx: WriteTx, meanwhile: F)
    where
        F: Future<Output = ()>,
    {
        let two = Arc::clone(&self.two);
        let writing = async move { two.write(&tx).await };
        let told = self.watched(writing, meanwhile).await;
        self.told.push(format!("{what}: {told}"));
    }

    async fn watched<F, G>(&self, writing: F, meanwhile: G) -> String
    where
        F: Future<Output = Result<Vec<Image>, StoreError>>,
        G: Future<Output = ()>,
    {
        let mut writing: Pin<Box<F>> = Box::pin(writing);
        let (waited, told) = if let Ok(told) = timeout(WATCHED, &mut writing).await {
            meanwhile.await;
            ("at once", told)
        } else {
            meanwhile.await;
            ("after a wait", writing.await)
        };
        match told {
            Ok(images) => {
                let matched: Vec<_> = images.iter().map(|image| image.matched).collect();
                format!("{waited} {matched:?}")
            }
            Err(StoreError::Constraint { kind, .. }) => format!("{waited} {kind} constraint"),
            Err(error) => format!("{waited} {}", error.kind()),
        }
    }

    /// Sets the rows back to one item.
    async fn begin_again(&self) {
        for id in 1..=3 {
            self.one
                .write(&unmarked(vec![delete(&self.items, id)]))
                .await
                .unwrap();
        }
        let first = insert(&self.items, 1, &[(NAME, text("a")), (CODE, text("x"))]);
        self.one.write(&unmarked(vec![first])).await.unwrap();
    }
}

fn unmarked(mutations: Vec<Mutation>) -> WriteTx {
    WriteTx {
        token: None,
        ..tx(mutations)
    }
}

async fn commit(open: Box<dyn OpenWrite>) {
    open.commit().await.unwrap();
}

/// All interleavings; answers what was told.
async fn play(bench: &dyn Bench) -> Vec<String> {
    let (items, notes) = items_and_notes(bench, Role::Primary).await;
    let mut play = Play {
        one: bench.store(),
        two: bench.another().await,
        items,
        notes,
        told: Vec::new(),
    };
    uncommitted_inserts(&mut play).await;
    changed_rows(&mut play).await;
    unique_values_and_references(&mut play).await;
    markers_and_receipts(&mut play).await;
    fences_and_key_locks(&mut play).await;
    play.told
}

async fn uncommitted_inserts(play: &mut Play) {
    let items = Arc::clone(&play.items);
    let cases: [(&str, Mutation); 4] = [
        ("delete beside an insert", delete(&items, 2)),
        (
            "update beside an insert",
            update(&items, 2, &[(NAME, text("b"))]),
        ),
        (
            "upsert beside an insert",
            upsert(&items, 2, &[(NAME, text("b"))]),
        ),
        ("insert beside an insert", insert(&items, 2, &[])),
    ];
    for commits in [true, false] {
        for (what, mutation) in cases.clone() {
            play.begin_again().await;
            let open = play.open(vec![insert(&items, 2, &[])]).await;
            let end = async {
                if commits {
                    commit(open).await;
                } else {
                    open.rollback().await;
                }
            };
            play.beside(what, unmarked(vec![mutation]), end).await;
        }
    }
}

async fn changed_rows(play: &mut Play) {
    let items = Arc::clone(&play.items);
    let renamed = || update(&items, 1, &[(NAME, text("b"))]);
    let if_named =
        |name: &str| update_if(&items, 1, &[(QTY, 9.into_value())], &[(NAME, text(name))]);
    let again = || vec![delete(&items, 1), insert(&items, 1, &[(NAME, text("a"))])];
    let cases: [(&str, Vec<Mutation>, Mutation); 6] = [
        (
            "a condition that holds no more",
            vec![renamed()],
            if_named("a"),
        ),
        (
            "a condition that only now holds",
            vec![renamed()],
            if_named("b"),
        ),
        ("update beside a delete", vec![delete(&items, 1)], renamed()),
        (
            "upsert beside a delete",
            vec![delete(&items, 1)],
            upsert(&items, 1, &[]),
        ),
        ("update beside delete and insert", again(), renamed()),
        (
            "delete beside delete and insert",
            again(),
            delete(&items, 1),
        ),
    ];
    for (what, first, second) in cases {
        play.begin_again().await;
        let open = play.open(first).await;
        play.beside(what, unmarked(vec![second]), commit(open))
            .await;
    }
}

async fn unique_values_and_references(play: &mut Play) {
    let (items, notes) = (Arc::clone(&play.items), Arc::clone(&play.notes));
    let coded = |id| insert(&items, id, &[(CODE, text("y"))]);
    for commits in [true, false] {
        play.begin_again().await;
        let open = play.open(vec![coded(2)]).await;
        let end = async {
            if commits {
                commit(open).await;
            } else {
                open.rollback().await;
            }
        };
        let second = unmarked(vec![coded(3)]);
        play.beside("the same unique value", second, end).await;
    }
    play.begin_again().await;
    let open = play.open(vec![delete(&items, 1)]).await;
    let line = key([dualwrite_core::value::Value::Int(1), text("l")]);
    let child = mutation(
        &notes,
        line,
        dualwrite_engine::store::Change::Insert { values: Vec::new() },
    );
    let second = unmarked(vec![child]);
    play.beside("a child beside its parent's delete", second, commit(open))
        .await;
}

async fn markers_and_receipts(play: &mut Play) {
    let items = Arc::clone(&play.items);
    play.begin_again().await;
    // The one statement works with the snapshot from before its wait.
    let first = tx(vec![insert(&items, 2, &[])]);
    let open = play.one.begin_write(&first).await.unwrap();
    let second = tx(vec![delete(&items, 2)]);
    play.beside("delete behind a marker", second, commit(open))
        .await;

    let standing = play.one.markers(SERVICE, &items, None, 9).await.unwrap();
    let again = tx(vec![upsert(&items, 2, &[])]);
    let open = play.one.begin_write(&again).await.unwrap();
    let cleared = play.two.clear_markers(SERVICE, &standing).await;
    play.told
        .push(format!("a marker that is being replaced: {cleared:?}"));
    commit(open).await;

    let keyed = with_receipt(tx(vec![upsert(&items, 3, &[])]), "r");
    let open = play.one.begin_write(&keyed).await.unwrap();
    let other = with_receipt(tx(vec![upsert(&items, 1, &[])]), "r");
    play.beside("the same request twice", other, commit(open))
        .await;
    let gone = play.two.settle(SERVICE, EPOCH, "q").await;
    play.told.push(format!("an unknown request: {gone:?}"));
}

async fn fences_and_key_locks(play: &mut Play) {
    let items = Arc::clone(&play.items);
    let open = play.open(vec![upsert(&items, 3, &[])]).await;
    let change = cas((EPOCH, Role::Primary), (EPOCH + 1, Role::Frozen));
    let refused = play.two.change_fence(SERVICE, &change, None).await;
    let refused = refused.map_err(|error| error.kind());
    play.told
        .push(format!("a change beside a write: {refused:?}"));
    commit(open).await;
    move_fence(&*play.one, (EPOCH, Role::Primary), (EPOCH, Role::Secondary)).await;
    let held = play
        .one
        .begin_apply(&locks(&[5], LockMode::Wait(LONG)))
        .await
        .unwrap();
    let free = play
        .two
        .begin_apply(&locks(&[4, 5], LockMode::Try))
        .await
        .unwrap();
    play.told
        .push(format!("key locks that are free: {:?}", free.granted()));
    free.rollback().await;
    let short = locks(&[5], LockMode::Wait(Duration::from_millis(20)));
    let busy = play.two.begin_apply(&short).await.map(|_| ());
    let busy = busy.map_err(|error| error.kind());
    play.told.push(format!("a key lock that is held: {busy:?}"));
    held.rollback().await;
    let row: Vec<RowKey> = vec![row_key(&items, id_key(3))];
    let pulled = play.two.pull(SERVICE, &row).await.unwrap();
    play.told
        .push(format!("a row is there: {}", pulled[0].row.is_some()));
}

/// A number as a value.
trait IntoValue {
    fn into_value(self) -> dualwrite_core::value::Value;
}

impl IntoValue for i64 {
    fn into_value(self) -> dualwrite_core::value::Value {
        dualwrite_core::value::Value::Int(self)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_simulated_server_interleaves_as_postgres_does() {
    let (real, simulated) = (
        PostgresBench::start().await,
        SimulatedBench::postgres().await,
    );
    let real = dualwrite_tests::eventually::ends("interleavings", play(&real)).await;
    let simulated = play(&simulated).await;
    assert!(real.len() > 20, "{real:#?}");
    assert_eq!(real, simulated);
}

/// Where InnoDB's rules are others, as its documentation has them.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_simulated_innodb_waits_where_postgres_does_not() {
    let told = play(&SimulatedBench::innodb().await).await;
    for expected in [
        "delete beside an insert: after a wait [true]",
        "update beside an insert: after a wait [true]",
        "update beside delete and insert: after a wait [true]",
        "delete behind a marker: after a wait [true]",
    ] {
        assert!(
            told.iter().any(|line| line == expected),
            "{expected}: {told:#?}"
        );
    }
}
