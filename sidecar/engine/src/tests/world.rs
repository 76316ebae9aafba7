//! Two databases in memory and the sidecars over them.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use dualwrite_core::convert::Convert;
use dualwrite_core::fence::EpochSettings;
use dualwrite_core::flags::Flags;
use dualwrite_core::key::Key;
use dualwrite_core::phase::Phase;
use dualwrite_core::plan::{Plan, PlanKind};
use dualwrite_core::side::Side;
use dualwrite_core::spec::{Capture, Column, Entity, TableName};
use dualwrite_core::value::{Decimal, Kind, Value};
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout};

use crate::error::DataError;
use crate::fake::{FakeStore, FakeTable};
use crate::ports::Entropy;
use crate::request::{
    Fields, PlanEvent, PlanOutcome, RequestChange, RequestMutation, Wait, WriteReply, WriteRequest,
};
use crate::store::Store;
use crate::{Engine, EngineConfig, Stores};

/// Numbers that never repeat and never surprise.
#[derive(Debug)]
struct Counting(AtomicU64);

impl Entropy for Counting {
    fn next_u64(&self) -> u64 {
        self.0.fetch_add(0x9E37_79B9_7F4A_7C15, Ordering::Relaxed)
    }
}

/// Two databases and one sidecar; more can be added.
pub(super) struct World {
    pub(super) legacy: FakeStore,
    pub(super) new: FakeStore,
    pub(super) engine: Engine,
    pub(super) phase: Phase,
}

impl World {
    /// A world at rest in a phase, its first sidecar ready.
    pub(super) async fn at(phase: Phase) -> Self {
        let legacy = database(&[
            (
                "old_carts",
                1,
                &[
                    ("cart_id", Kind::Int),
                    ("status", Kind::Text),
                    ("cents", Kind::Int),
                    ("n", Kind::Int),
                ],
            ),
            (
                "old_items",
                2,
                &[
                    ("cart_id", Kind::Int),
                    ("product", Kind::Text),
                    ("qty", Kind::Int),
                ],
            ),
        ]);
        let new = database(&[
            (
                "carts",
                1,
                &[
                    ("id", Kind::Int),
                    ("state", Kind::Text),
                    ("total", Kind::Decimal),
                    ("visits", Kind::Int),
                ],
            ),
            (
                "items",
                2,
                &[
                    ("cart_id", Kind::Int),
                    ("product", Kind::Text),
                    ("quantity", Kind::Int),
                ],
            ),
        ]);
        let engine = start(&legacy, &new);
        let settings = EpochSettings::initial("shop", phase, true, entities());
        engine.install(&settings).await.unwrap();
        Self {
            legacy,
            new,
            engine,
            phase,
        }
    }

    /// One more sidecar over the same databases.
    pub(super) async fn another_sidecar(&self) -> Engine {
        let engine = start(&self.legacy, &self.new);
        eventually(|| engine.readiness() == crate::Readiness::Ready).await;
        engine
    }

    pub(super) fn flags(&self, change: impl FnOnce(&mut Flags)) {
        let mut flags = Flags::default();
        change(&mut flags);
        self.engine.adopt(1, flags, false);
    }

    pub(super) fn store(&self, side: Side) -> &FakeStore {
        match side {
            Side::Legacy => &self.legacy,
            Side::New => &self.new,
        }
    }

    pub(super) async fn write(
        &self,
        mutations: Vec<RequestMutation>,
    ) -> Result<WriteReply, DataError> {
        write(&self.engine, mutations).await
    }

    /// Everything written has arrived.
    pub(super) async fn converged(&self) {
        let primary = self.phase_now().primary();
        eventually(|| self.store(primary).markers().is_empty()).await;
        assert_eq!(self.carts(Side::Legacy), self.carts(Side::New));
        assert_eq!(self.items(Side::Legacy), self.items(Side::New));
    }

    pub(super) fn phase_now(&self) -> Phase {
        let fences = [self.legacy.fence_row("shop"), self.new.fence_row("shop")];
        let primary = fences
            .into_iter()
            .flatten()
            .find(|fence| fence.role == dualwrite_core::side::Role::Primary);
        primary.map_or(self.phase, |fence| fence.phase)
    }

    /// The carts of a side in the new side's form: id, state, total, visits.
    pub(super) fn carts(&self, side: Side) -> Vec<Vec<Value>> {
        match side {
            Side::New => self.new.rows("carts"),
            Side::Legacy => self
                .legacy
                .rows("old_carts")
                .into_iter()
                .map(|mut row| {
                    row[2] = Convert::CentsToDecimal.forward(row[2].clone()).unwrap();
                    row
                })
                .collect(),
        }
    }

    pub(super) fn items(&self, side: Side) -> Vec<Vec<Value>> {
        match side {
            Side::New => self.new.rows("items"),
            Side::Legacy => self.legacy.rows("old_items"),
        }
    }

    /// The plan of a step from the phase that the fences say now.
    pub(super) fn plan(&self, to: Phase) -> Plan {
        let from = self.phase_now();
        let fence = self.store(from.primary()).fence_row("shop").unwrap();
        let settings = EpochSettings::from_json(&fence.settings)
            .unwrap()
            .moved_to(to);
        let other = self
            .store(from.primary().other())
            .fence_row("shop")
            .unwrap();
        Plan {
            plan_id: format!("plan-{}", fence.epoch),
            kind: PlanKind::between(from, to).unwrap(),
            from_phase: from,
            to_phase: to,
            from_epoch: fence.epoch,
            to_epoch: fence.epoch.max(other.epoch) + 1,
            primary: from.primary(),
            settings: settings.to_json(),
            aborting: false,
        }
    }

    /// Executes a step and answers how it ended, with the steps it took.
    pub(super) async fn step(&self, to: Phase) -> (PlanOutcome, Vec<&'static str>) {
        execute(&self.engine, self.plan(to)).await
    }
}

/// Executes a plan to its end.
pub(super) async fn execute(engine: &Engine, plan: Plan) -> (PlanOutcome, Vec<&'static str>) {
    let (sender, mut events) = mpsc::channel::<PlanEvent>(100);
    engine.execute(plan, sender).await;
    let mut steps = Vec::new();
    let mut outcome = PlanOutcome::Running;
    while let Some(event) = events.recv().await {
        steps.push(event.step);
        outcome = event.outcome;
    }
    (outcome, steps)
}

/// Gives each sidecar its own numbers.
static SEED: AtomicU64 = AtomicU64::new(1);

pub(super) fn start(legacy: &FakeStore, new: &FakeStore) -> Engine {
    let stores = Stores {
        legacy: Some(Arc::new(legacy.clone()) as Arc<dyn Store>),
        new: Some(Arc::new(new.clone()) as Arc<dyn Store>),
    };
    let entropy = Counting(AtomicU64::new(SEED.fetch_add(1 << 32, Ordering::Relaxed)));
    let engine = Engine::new(
        EngineConfig {
            service: "shop".into(),
        },
        stores,
        Arc::new(entropy),
    );
    tokio::spawn(engine.clone().run(std::future::pending()));
    engine
}

/// Waits, in virtual time, until something is so.
pub(super) async fn eventually(check: impl Fn() -> bool) {
    let waited = timeout(Duration::from_mins(2), async {
        while !check() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    });
    waited.await.expect("what is waited for never came");
}

pub(super) fn soon() -> Instant {
    Instant::now() + Duration::from_secs(10)
}

pub(super) async fn write(
    engine: &Engine,
    mutations: Vec<RequestMutation>,
) -> Result<WriteReply, DataError> {
    engine.write(request(mutations), soon()).await
}

pub(super) fn request(mutations: Vec<RequestMutation>) -> WriteRequest {
    WriteRequest {
        mutations,
        idempotency_key: None,
        attempt: 1,
        wait: Wait::Committed,
    }
}

pub(super) fn keyed(id: &str, mutations: Vec<RequestMutation>) -> WriteRequest {
    WriteRequest {
        idempotency_key: Some(id.into()),
        ..request(mutations)
    }
}

pub(super) fn upsert(id: i64, state: &str) -> RequestMutation {
    mutation(RequestChange::Upsert {
        values: fields(&[
            ("id", Value::Int(id)),
            ("state", text(state)),
            ("total", money("1.50")),
            ("visits", Value::Int(0)),
        ]),
    })
}

pub(super) fn insert(id: i64, state: &str) -> RequestMutation {
    mutation(RequestChange::Insert {
        values: fields(&[
            ("id", Value::Int(id)),
            ("state", text(state)),
            ("total", money("0")),
            ("visits", Value::Int(0)),
        ]),
    })
}

pub(super) fn visit(id: i64) -> RequestMutation {
    mutation(RequestChange::Update {
        key: fields(&[("id", Value::Int(id))]),
        set: Vec::new(),
        increment: fields(&[("visits", Value::Int(1))]),
        only_if: Vec::new(),
        at_least: Vec::new(),
    })
}

pub(super) fn order_if_open(id: i64) -> RequestMutation {
    mutation(RequestChange::Update {
        key: fields(&[("id", Value::Int(id))]),
        set: fields(&[("state", text("ordered"))]),
        increment: Vec::new(),
        only_if: fields(&[("state", text("open"))]),
        at_least: Vec::new(),
    })
}

/// Takes `price` off a cart's total, if at least that is there.
pub(super) fn charge(id: i64, price: &str) -> RequestMutation {
    let charged = mutation(RequestChange::Update {
        key: fields(&[("id", Value::Int(id))]),
        set: Vec::new(),
        increment: fields(&[("total", money(&format!("-{price}")))]),
        only_if: Vec::new(),
        at_least: fields(&[("total", money(price))]),
    });
    RequestMutation {
        must_match: true,
        ..charged
    }
}

pub(super) fn delete(id: i64) -> RequestMutation {
    mutation(RequestChange::Delete {
        key: fields(&[("id", Value::Int(id))]),
        only_if: Vec::new(),
        at_least: Vec::new(),
    })
}

pub(super) fn item(cart: i64, product: &str, quantity: i64) -> RequestMutation {
    RequestMutation {
        entity: "item".into(),
        change: RequestChange::Upsert {
            values: fields(&[
                ("cart_id", Value::Int(cart)),
                ("product", text(product)),
                ("quantity", Value::Int(quantity)),
            ]),
        },
        must_match: false,
    }
}

pub(super) fn mutation(change: RequestChange) -> RequestMutation {
    RequestMutation {
        entity: "cart".into(),
        change,
        must_match: false,
    }
}

pub(super) fn fields(pairs: &[(&str, Value)]) -> Fields {
    pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), value.clone()))
        .collect()
}

pub(super) fn text(text: &str) -> Value {
    Value::Text(text.into())
}

pub(super) fn money(text: &str) -> Value {
    Value::Decimal(Decimal::parse(text).unwrap())
}

pub(super) fn key(id: i64) -> Key {
    Key::new(vec![Value::Int(id)]).unwrap()
}

/// A table's name, how many columns make its key, and its columns.
type Shape<'a> = (&'a str, usize, &'a [(&'a str, Kind)]);

/// A database with these tables; the first columns of each are its key.
fn database(tables: &[Shape<'_>]) -> FakeStore {
    let store = FakeStore::new();
    for (name, key, columns) in tables {
        let table = columns
            .iter()
            .fold(FakeTable::new(name), |table, (column, kind)| {
                table.column(column, *kind)
            });
        let key: Vec<&str> = columns[..*key].iter().map(|(column, _)| *column).collect();
        store.create_table(table.key(&key));
    }
    store
}

fn entities() -> Vec<Entity> {
    let column = |legacy: &str, new: &str, convert| Column {
        legacy: legacy.into(),
        new: new.into(),
        convert,
        sensitive: false,
    };
    vec![
        Entity {
            name: "cart".into(),
            root: true,
            key: vec!["id".into()],
            capture: Capture::default(),
            legacy_table: TableName::bare("old_carts"),
            new_table: TableName::bare("carts"),
            columns: vec![
                column("cart_id", "id", Convert::None),
                column("status", "state", Convert::None),
                column("cents", "total", Convert::CentsToDecimal),
                column("n", "visits", Convert::None),
            ],
        },
        Entity {
            name: "item".into(),
            root: false,
            key: vec!["cart_id".into(), "product".into()],
            capture: Capture::default(),
            legacy_table: TableName::bare("old_items"),
            new_table: TableName::bare("items"),
            columns: vec![
                column("cart_id", "cart_id", Convert::None),
                column("product", "product", Convert::None),
                column("qty", "quantity", Convert::None),
            ],
        },
    ]
}

/// Runs something and something else at once; the first must end.
pub(super) async fn both<A, B>(
    one: impl Future<Output = A>,
    other: impl Future<Output = B>,
) -> (A, B) {
    tokio::join!(one, other)
}
