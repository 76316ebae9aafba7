//! Rows that hang on each other, under writers and kills: unique names that are
//! swapped, children that move, parents that go and come again.
//!
//! The primary takes every transaction as a whole. The secondary has the same
//! constraints and sees the keys one by one, from sidecars that die in between.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use dualwrite_client::{DualwriteClient, fields};
use dualwrite_proto::v1::Phase;
use dualwrite_tests::cart::{Databases, Which};
use dualwrite_tests::fleet::RunningFleet;
use dualwrite_tests::{Fleet, Operator, Postgres, SqliteFile, eventually, rows};

const MANIFEST: &str = "
apiVersion: dualwrite/v1
kind: Migration
metadata:
  name: menu
spec:
  phase: legacy_only
  entities:
    - name: product
      key: [id]
      legacy: { table: products }
      new: { table: products }
      columns: [id, category, place, code]
    - name: category
      root: true
      key: [id]
      legacy: { table: categories }
      new: { table: categories }
      columns: [id, name, above]
";

/// Nothing here can be checked late, and two of the three unique sets cannot
/// be left empty.
const TABLES: &str = "
CREATE TABLE categories (
    id BIGINT PRIMARY KEY,
    name VARCHAR(40) NOT NULL UNIQUE,
    above BIGINT REFERENCES categories (id)
);
CREATE TABLE products (
    id BIGINT PRIMARY KEY,
    category BIGINT NOT NULL REFERENCES categories (id),
    place INTEGER NOT NULL CHECK (place >= 0),
    code VARCHAR(40) UNIQUE,
    UNIQUE (category, place)
);
";

const CATEGORIES: u64 = 12;
const PRODUCTS: u64 = 30;

struct Menu {
    fleet: RunningFleet,
    operator: Operator,
    databases: Databases,
}

/// Rows from before the migration: each category is below the next one, so that
/// a copy in the order of keys finds no parent.
fn before() -> String {
    let mut script = Vec::new();
    for id in (1..=CATEGORIES).rev() {
        let above = if id == CATEGORIES {
            "NULL".to_owned()
        } else {
            (id + 1).to_string()
        };
        script.push(format!(
            "INSERT INTO categories VALUES ({id}, 'name {id}', {above});\n"
        ));
    }
    for id in 1..=PRODUCTS {
        let category = id % CATEGORIES + 1;
        script.push(format!(
            "INSERT INTO products VALUES ({id}, {category}, {id}, 'code {id}');\n"
        ));
    }
    script.concat()
}

async fn databases(postgres: bool) -> Databases {
    let legacy_script = format!("{TABLES}{}", before());
    if postgres {
        let (legacy, new) = tokio::try_join!(Postgres::start(), Postgres::start()).unwrap();
        legacy.create_database("shop").await.unwrap();
        new.create_database("cart").await.unwrap();
        let shop = legacy.connect("shop").await.unwrap();
        shop.batch_execute(&legacy_script).await.unwrap();
        let cart = new.connect("cart").await.unwrap();
        cart.batch_execute(TABLES).await.unwrap();
        let (legacy, new) = (Box::new(legacy), Box::new(new));
        return Databases::Postgres { legacy, new };
    }
    let (legacy, new) = (SqliteFile::create().unwrap(), SqliteFile::create().unwrap());
    legacy.execute(&legacy_script).await.unwrap();
    new.execute(TABLES).await.unwrap();
    Databases::Sqlite { legacy, new }
}

impl Menu {
    /// In `dual_write`, backfilled, with two sidecars.
    async fn open(postgres: bool) -> Self {
        let databases = databases(postgres).await;
        let (legacy, new) = (databases.url(Which::Legacy), databases.url(Which::New));
        let mut fleet = Fleet::of("menu", legacy, new).start().await.unwrap();
        let operator = Operator::of("menu", &fleet.control_plane_url()).unwrap();
        operator.apply(MANIFEST).await.unwrap();
        for _ in 0..2 {
            fleet.add_sidecar().await.unwrap();
        }
        operator.followed_by(2).await.unwrap();
        operator.phase(Phase::DualWrite, "begin").await.unwrap();
        operator.backfill().await.unwrap();
        Self {
            fleet,
            operator,
            databases,
        }
    }

    fn client(&self, first: usize) -> DualwriteClient {
        let urls = [first, 1 - first].map(|number| self.fleet.sidecar_url(number).unwrap());
        let builder = urls
            .into_iter()
            .fold(DualwriteClient::builder(), |builder, url| {
                builder.endpoint(url)
            });
        builder.connect().unwrap()
    }

    async fn count(&self, which: Which, of: &str) -> String {
        let query = format!("SELECT count(*) FROM {of}");
        let rows = self.databases.query(which, &query).await.unwrap();
        rows[0][0].clone().unwrap()
    }

    fn own(&self, name: &str) -> String {
        match self.databases {
            Databases::Postgres { .. } => format!("dualwrite.{name}"),
            Databases::Sqlite { .. } => format!("dualwrite_{name}"),
        }
    }

    /// Both sides hold the same rows, nothing is outstanding, nothing set aside.
    async fn check(&self) {
        for which in [Which::Legacy, Which::New] {
            for entity in ["category", "product"] {
                let outbox = self.own(&format!("outbox_menu_{entity}"));
                eventually("the markers go", async || {
                    self.count(which, &outbox).await == "0"
                })
                .await;
            }
            let quarantine = self.own("quarantine");
            eventually("nothing is set aside", async || {
                self.count(which, &quarantine).await == "0"
            })
            .await;
        }
        for query in [
            "SELECT id, name, above FROM categories",
            "SELECT id, category, place, code FROM products",
        ] {
            let legacy = self.databases.query(Which::Legacy, query).await.unwrap();
            let new = self.databases.query(Which::New, query).await.unwrap();
            let compared = rows::compare(legacy, new, 1).unwrap();
            compared.ensure_equal().unwrap();
        }
    }
}

/// Numbers that never surprise.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }
}

/// One writer. What the primary refuses (two of them took the same place) is no
/// failure: then neither side has it.
async fn writer(client: DualwriteClient, number: u64, stop: Arc<AtomicBool>, done: Arc<AtomicU64>) {
    let mut numbers = Numbers(number + 1);
    let mut turn = 0_u64;
    while !stop.load(Ordering::SeqCst) {
        turn += 1;
        let passing = format!("passing {number} {turn}");
        let [one, other] = [(); 2].map(|()| numbers.below(CATEGORIES) + 1);
        let [first, second] = [(); 2].map(|()| numbers.below(PRODUCTS) + 1);
        let write = client.write();
        let write = match numbers.below(6) {
            // Names pass around, by way of one that is nobody's.
            0 => write
                .update("category", fields! { id: one }, fields! { name: passing })
                .must_match()
                .update(
                    "category",
                    fields! { id: other },
                    fields! { name: format!("name {one}") },
                ),
            // The same in writes of their own.
            1 => write.update(
                "category",
                fields! { id: one },
                fields! { name: format!("name {other}") },
            ),
            2 => write.update(
                "product",
                fields! { id: first },
                fields! { category: one, place: numbers.below(3) },
            ),
            3 => write
                .update("product", fields! { id: first }, fields! { code: passing })
                .update(
                    "product",
                    fields! { id: second },
                    fields! { code: format!("code {first}") },
                ),
            // Its children go with it, where they are known.
            4 => write
                .delete("product", fields! { id: first })
                .delete("product", fields! { id: second })
                .delete("category", fields! { id: one }),
            _ => write
                .upsert(
                    "category",
                    fields! { id: one, name: format!("name {one} of {number}"), above: other },
                )
                .upsert(
                    "product",
                    fields! {
                        id: first, category: one, place: turn % 1_000, code: format!("code {second}"),
                    },
                ),
        };
        if write.send().await.is_ok() {
            done.fetch_add(1, Ordering::SeqCst);
        }
    }
}

async fn belongs(postgres: bool, kills: usize) {
    let mut menu = Menu::open(postgres).await;
    menu.check().await;
    let (stop, done) = (
        Arc::new(AtomicBool::new(false)),
        Arc::new(AtomicU64::new(0)),
    );
    let writers: Vec<_> = (0..6)
        .map(|number| {
            let client = menu.client(usize::from(number % 2 == 1));
            let (stop, done) = (Arc::clone(&stop), Arc::clone(&done));
            tokio::spawn(writer(client, number, stop, done))
        })
        .collect();
    for kill in 0..kills {
        let before = done.load(Ordering::SeqCst);
        eventually("writes go on", async || {
            done.load(Ordering::SeqCst) > before + 60
        })
        .await;
        let victim = kill % 2;
        menu.fleet.sidecar(victim).unwrap().kill9().await.unwrap();
        menu.fleet.restart_sidecar(victim).await.unwrap();
        if kill == kills / 2 {
            menu.operator.followed_by(2).await.unwrap();
            let reason = "in the middle of it";
            menu.operator
                .phase(Phase::NewPrimary, reason)
                .await
                .unwrap();
        }
    }
    stop.store(true, Ordering::SeqCst);
    for writer in writers {
        writer.await.unwrap();
    }
    menu.check().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_hang_on_each_other_arrive_on_postgresql_whoever_is_killed() {
    belongs(true, 6).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_hang_on_each_other_arrive_on_sqlite_whoever_is_killed() {
    belongs(false, 3).await;
}
