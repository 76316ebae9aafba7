//! Copies that belong together: unique values that pass between keys, children
//! and parents, and what one transaction wrote.
//!
//! A shop of its own, with constraints on both sides: categories (unique names,
//! each perhaps below another one) and the products in them (unique codes).

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use dualwrite_core::convert::Convert;
use dualwrite_core::fence::EpochSettings;
use dualwrite_core::phase::Phase;
use dualwrite_core::spec::{Capture, Column, Entity, TableName};
use dualwrite_core::value::{Kind, Value};

use super::world::{eventually, fields, key, start, text, write};
use crate::Engine;
use crate::fake::{Call, FakeStore, FakeTable, Fault};
use crate::request::{KeyVerdict, RequestChange, RequestMutation};
use crate::store::{Change, Mutation, RowKey, Store, Token, WriteTx};

struct Shop {
    legacy: FakeStore,
    new: FakeStore,
    engine: Engine,
}

fn database() -> FakeStore {
    let store = FakeStore::new();
    store.create_table(
        FakeTable::new("categories")
            .column("id", Kind::Int)
            .column("name", Kind::Text)
            .nullable("above", Kind::Int)
            .key(&["id"])
            .unique(&["name"])
            .references(&["above"], "categories", &["id"]),
    );
    store.create_table(
        FakeTable::new("products")
            .column("id", Kind::Int)
            .column("category", Kind::Int)
            .nullable("code", Kind::Text)
            .key(&["id"])
            .unique(&["code"])
            .references(&["category"], "categories", &["id"]),
    );
    store
}

fn entity(name: &str, table: &str, columns: &[&str]) -> Entity {
    let column = |name: &&str| Column {
        legacy: (*name).to_owned(),
        new: (*name).to_owned(),
        convert: Convert::None,
        sensitive: false,
    };
    Entity {
        name: name.into(),
        root: name == "category",
        key: vec!["id".into()],
        capture: Capture::default(),
        legacy_table: TableName::bare(table),
        new_table: TableName::bare(table),
        columns: columns.iter().map(column).collect(),
    }
}

impl Shop {
    async fn open() -> Self {
        let (legacy, new) = (database(), database());
        let engine = start(&legacy, &new);
        let entities = vec![
            // Out of order, so that the order comes from the keys.
            entity("product", "products", &["id", "category", "code"]),
            entity("category", "categories", &["id", "name", "above"]),
        ];
        let settings = EpochSettings::initial("shop", Phase::DualWrite, true, entities);
        engine.install(&settings).await.unwrap();
        eventually(|| engine.readiness() == crate::Readiness::Ready).await;
        Self {
            legacy,
            new,
            engine,
        }
    }

    async fn write(&self, mutations: Vec<RequestMutation>) {
        write(&self.engine, mutations).await.unwrap();
    }

    async fn converged(&self) {
        eventually(|| self.legacy.markers().is_empty()).await;
        for table in ["categories", "products"] {
            assert_eq!(self.legacy.rows(table), self.new.rows(table), "{table}");
        }
    }

    async fn quarantined(&self) -> Vec<String> {
        let tables = self.tables();
        let aside = self.legacy.quarantined("shop", &tables, 100).await.unwrap();
        aside.into_iter().map(|one| one.error).collect()
    }

    fn tables(&self) -> Vec<Arc<dualwrite_core::mapping::Table>> {
        let active = self.engine.shared().watcher.view().active.clone();
        crate::relay::tables(&active.unwrap())
    }

    /// What is written meanwhile reaches the secondary only afterwards.
    async fn while_away(&self, writes: impl Future<Output = ()>) {
        self.new.set_unreachable(true);
        writes.await;
        self.new.set_unreachable(false);
    }
}

fn optional(id: Option<i64>) -> Value {
    id.map_or(Value::Null, Value::Int)
}

fn on(entity: &str, change: RequestChange) -> RequestMutation {
    RequestMutation {
        entity: entity.into(),
        change,
        must_match: false,
    }
}

fn category(id: i64, name: &str, above: Option<i64>) -> RequestMutation {
    let values = fields(&[
        ("id", Value::Int(id)),
        ("name", text(name)),
        ("above", optional(above)),
    ]);
    on("category", RequestChange::Upsert { values })
}

fn product(id: i64, category: i64, code: &str) -> RequestMutation {
    let values = fields(&[
        ("id", Value::Int(id)),
        ("category", Value::Int(category)),
        ("code", text(code)),
    ]);
    on("product", RequestChange::Upsert { values })
}

fn gone(entity: &str, id: i64) -> RequestMutation {
    on(
        entity,
        RequestChange::Delete {
            key: fields(&[("id", Value::Int(id))]),
            only_if: Vec::new(),
            at_least: Vec::new(),
        },
    )
}

/// Swaps the names of two categories, as an application has to: by way of a
/// third.
async fn swap(shop: &Shop, (one, own): (i64, &str), (other, its): (i64, &str)) {
    shop.write(vec![category(one, "between", None)]).await;
    shop.write(vec![category(other, own, None)]).await;
    shop.write(vec![category(one, its, None)]).await;
}

#[tokio::test(start_paused = true)]
async fn names_that_were_swapped_arrive_although_neither_can_come_first() {
    let shop = Shop::open().await;
    shop.write(vec![category(1, "a", None)]).await;
    shop.write(vec![category(2, "b", None)]).await;
    shop.converged().await;
    shop.while_away(swap(&shop, (1, "a"), (2, "b"))).await;
    shop.converged().await;
    assert_eq!(shop.quarantined().await, Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn a_ring_of_swaps_is_found_whoever_is_copied_first() {
    let shop = Shop::open().await;
    for id in 0..20 {
        shop.write(vec![category(id, &format!("n{id}"), None)])
            .await;
    }
    shop.converged().await;
    let turn = async {
        shop.write(vec![category(0, "between", None)]).await;
        for id in 1..20 {
            let name = format!("n{}", id - 1);
            shop.write(vec![category(id, "passing", None)]).await;
            shop.write(vec![category(id, &name, None)]).await;
        }
        shop.write(vec![category(0, "n19", None)]).await;
    };
    // Rounds: each key finds the one that holds its name.
    shop.while_away(turn).await;
    shop.converged().await;
    assert_eq!(shop.quarantined().await, Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn children_move_and_parents_go_and_come_again() {
    let shop = Shop::open().await;
    shop.write(vec![category(1, "a", None), product(1, 1, "x")])
        .await;
    shop.write(vec![product(2, 1, "y")]).await;
    shop.converged().await;
    let moves = async {
        // The old parent goes, its name passes to the new one, the children
        // move there and swap their codes, and the old key comes again below.
        shop.write(vec![category(2, "passing", None)]).await;
        shop.write(vec![product(1, 2, "between")]).await;
        shop.write(vec![product(2, 2, "x")]).await;
        shop.write(vec![gone("category", 1)]).await;
        shop.write(vec![category(2, "a", None)]).await;
        shop.write(vec![product(1, 2, "y")]).await;
        shop.write(vec![category(3, "c", Some(2))]).await;
        shop.write(vec![category(1, "d", Some(3))]).await;
        shop.write(vec![product(3, 1, "z")]).await;
    };
    shop.while_away(moves).await;
    shop.converged().await;
    let goes = async {
        shop.write(vec![gone("product", 3)]).await;
        shop.write(vec![gone("category", 1)]).await;
        shop.write(vec![gone("category", 3)]).await;
        shop.write(vec![gone("product", 1), gone("product", 2)])
            .await;
        shop.write(vec![gone("category", 2)]).await;
    };
    shop.while_away(goes).await;
    shop.converged().await;
    assert_eq!(shop.quarantined().await, Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn categories_below_each_other_arrive() {
    let shop = Shop::open().await;
    let circle = async {
        shop.write(vec![category(1, "a", None)]).await;
        shop.write(vec![category(2, "b", Some(1))]).await;
        shop.write(vec![category(3, "c", Some(2))]).await;
        shop.write(vec![category(1, "a", Some(3))]).await;
        shop.write(vec![category(4, "d", Some(4))]).await;
    };
    shop.while_away(circle).await;
    shop.converged().await;
    assert_eq!(shop.quarantined().await, Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn a_strict_write_may_swap_as_well() {
    let shop = Shop::open().await;
    let flags = dualwrite_core::flags::Flags {
        fail_on_new_error: true,
        ..dualwrite_core::flags::Flags::default()
    };
    shop.engine.adopt(1, flags, false);
    shop.write(vec![category(1, "a", None), category(2, "b", None)])
        .await;
    shop.write(vec![
        category(1, "between", None),
        category(2, "a", None),
        category(1, "b", None),
    ])
    .await;
    assert_eq!(shop.legacy.rows("categories"), shop.new.rows("categories"));
}

/// A row on the secondary that no marker speaks of: nothing is overwritten,
/// both keys are named, everybody else goes on.
#[tokio::test(start_paused = true)]
async fn a_row_in_the_way_without_a_marker_is_a_divergence() {
    let shop = Shop::open().await;
    shop.new
        .put("categories", vec![Value::Int(9), text("a"), Value::Null]);
    shop.write(vec![category(1, "a", None)]).await;
    shop.write(vec![product(5, 1, "x")]).await;
    shop.write(vec![category(2, "b", None)]).await;
    eventually(|| shop.new.rows("categories").len() == 2).await;
    let told = async || shop.quarantined().await.join("; ");
    let mut told_now = told().await;
    for _ in 0..400 {
        if told_now.contains("has no marker") {
            break;
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
        told_now = told().await;
    }
    assert!(
        told_now.contains("category") && told_now.contains("has no marker"),
        "{told_now}"
    );
    let left: Vec<(String, _)> = shop
        .legacy
        .markers()
        .into_iter()
        .map(|(entity, key, _)| (entity, key))
        .collect();
    assert!(left.contains(&("category".into(), key(1))), "{left:?}");
    assert_eq!(
        shop.new.rows("categories")[1][0],
        Value::Int(9),
        "untouched"
    );
    // Somebody repairs the row: everything arrives, nothing stays aside.
    let table = shop.tables().into_iter();
    let table = table.into_iter().find(|table| &*table.entity == "category");
    let row = RowKey {
        table: table.unwrap(),
        key: key(9),
    };
    let token = Token(77);
    shop.legacy.mark("shop", 1, token, &[row]).await.unwrap();
    shop.converged().await;
    for _ in 0..10 {
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    assert_eq!(shop.quarantined().await, Vec::<String>::new());
}

/// Two rows that one transaction wrote are never seen apart on the secondary,
/// as long as neither was overwritten.
#[tokio::test(start_paused = true)]
async fn what_one_transaction_wrote_is_seen_at_once() {
    let shop = Shop::open().await;
    let another = start(&shop.legacy, &shop.new);
    eventually(|| another.readiness() == crate::Readiness::Ready).await;
    let ended = AtomicBool::new(false);
    let writes = async {
        for round in 0..40 {
            let code = |id: i64| format!("{id} in round {round}");
            let mut mutations = vec![category(round, &code(0), None)];
            mutations.extend((0..30).map(|id| product(id, round, &code(id))));
            // Two sidecars write the same keys by turns, so that each finds the
            // other's tokens on keys of its own.
            let engine = if round % 2 == 0 {
                &shop.engine
            } else {
                &another
            };
            write(engine, mutations).await.unwrap();
            if round % 5 == 0 {
                shop.new.fail_next(Call::CommitApply, Fault::After);
            }
            eventually(|| shop.legacy.markers().is_empty()).await;
        }
        ended.store(true, Ordering::Relaxed);
    };
    let reads = async {
        while !ended.load(Ordering::Relaxed) {
            // All products are in one category at every moment.
            let rows = shop.new.rows("products");
            let first = rows.first().map(|row| row[1].clone());
            assert!(rows.is_empty() || rows.len() == 30, "{}", rows.len());
            assert!(rows.iter().all(|row| Some(&row[1]) == first.as_ref()));
            tokio::time::sleep(Duration::from_micros(500)).await;
        }
    };
    tokio::join!(writes, reads);
    shop.converged().await;
}

/// Whoever wrote them is gone: the sweep finds them by their token.
#[tokio::test(start_paused = true)]
async fn what_a_dead_sidecar_wrote_is_copied_at_once_too() {
    let shop = Shop::open().await;
    let tables = shop.tables();
    let insert = |entity: &str, id: i64, values: Vec<(usize, Value)>| {
        let table = tables.iter().find(|table| &*table.entity == entity);
        Mutation {
            table: Arc::clone(table.unwrap()),
            key: key(id),
            change: Change::Insert { values },
            must_match: true,
        }
    };
    let mut mutations = vec![insert("category", 1, vec![(1, text("a"))])];
    mutations.extend((0..30).map(|id| insert("product", id, vec![(1, Value::Int(1))])));
    let tx = WriteTx {
        service: Arc::from("shop"),
        epoch: 1,
        token: Some(Token(7)),
        mutations,
        receipt: None,
    };
    shop.legacy.write(&tx).await.unwrap();
    eventually(|| {
        let (categories, products) = (shop.new.rows("categories"), shop.new.rows("products"));
        let together = (categories.len(), products.len());
        assert!(matches!(together, (0, 0) | (1, 30)), "{together:?}");
        together == (1, 30)
    })
    .await;
    shop.converged().await;
}

/// What one refused key keeps back is not more than itself.
#[tokio::test(start_paused = true)]
async fn a_refused_key_keeps_no_sibling_back() {
    let shop = Shop::open().await;
    shop.new.refuse("products", &key(2), true);
    shop.write(vec![
        category(1, "a", None),
        product(1, 1, "x"),
        product(2, 1, "y"),
        product(3, 1, "z"),
    ])
    .await;
    eventually(|| shop.new.rows("products").len() == 2).await;
    eventually(|| shop.legacy.markers().len() == 1).await;
    let verdict = crate::check::check_key(
        shop.engine.shared(),
        Some("product"),
        fields(&[("id", Value::Int(2))]),
        super::world::soon(),
    );
    let verdict = verdict.await.unwrap().verdict;
    assert_eq!(verdict, KeyVerdict::Pending);
}
