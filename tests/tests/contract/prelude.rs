//! The vocabulary of the cases: a small shop, and short words for what is
//! done with it.

use std::sync::Arc;

use dualwrite_core::fence::Fence;
use dualwrite_core::key::Key;
use dualwrite_core::mapping::{Table, TableColumn};
use dualwrite_core::phase::Phase;
use dualwrite_core::plan::{Cas, StepName};
use dualwrite_core::side::{Role, Side};
use dualwrite_core::spec::TableName;
use dualwrite_core::value::{Decimal, Kind, Value};
use dualwrite_engine::store::{
    Change, Condition, Copy, FenceRow, Image, InstallRequest, LockMode, LockRequest, Mutation,
    ReceiptDraft, RowKey, Sought, Store, StoreError, Token, WriteTx,
};
use std::time::Duration;

use crate::suite::bench::Bench;
use crate::suite::ddl::Draft;

pub(crate) const SERVICE: &str = "shop";

/// The epoch that the shop is installed at.
pub(crate) const EPOCH: u64 = 3;

/// A bound that only a real failure meets.
pub(crate) const LONG: Duration = Duration::from_mins(1);

/// Places of the item's columns.
pub(crate) const ID: usize = 0;
pub(crate) const NAME: usize = 1;
pub(crate) const QTY: usize = 2;
pub(crate) const PRICE: usize = 3;
pub(crate) const CODE: usize = 4;

/// `items(id, name?, qty = 1, price?, code? unique)`.
pub(crate) fn item_draft() -> Draft {
    Draft::new("item", "items")
        .column("id", Kind::Int)
        .nullable("name", Kind::Text)
        .default("qty", Value::Int(1))
        .nullable("price", Kind::Decimal)
        .nullable("code", Kind::Text)
        .key(&["id"])
        .unique(&["code"])
}

/// `notes(item refers to items, line, body?)`, keyed by item and line.
pub(crate) fn note_draft() -> Draft {
    Draft::new("note", "notes")
        .column("item", Kind::Int)
        .column("line", Kind::Text)
        .nullable("body", Kind::Text)
        .key(&["item", "line"])
        .references("item", "items", "id")
}

/// Creates a table and describes it as the engine sees it.
pub(crate) async fn created(bench: &dyn Bench, draft: &Draft) -> Arc<Table> {
    bench.create(draft).await;
    described(&*bench.store(), draft).await
}

pub(crate) async fn described(store: &dyn Store, draft: &Draft) -> Arc<Table> {
    let asked = TableName::bare(&*draft.name);
    let catalog = store.describe(std::slice::from_ref(&asked)).await.unwrap();
    let info = catalog
        .table(&asked)
        .unwrap_or_else(|| panic!("{asked} is not described"));
    let columns = draft.columns.iter().map(|column| {
        let info = info
            .column(&column.name)
            .unwrap_or_else(|| panic!("no {}", column.name));
        assert_eq!(
            info.kind,
            Some(column.kind),
            "{}: {}",
            column.name,
            info.native
        );
        TableColumn {
            name: info.name.clone(),
            native: info.native.clone(),
            kind: column.kind,
            nullable: info.nullable,
            generated: info.generated,
        }
    });
    let place = |name: &String| draft.columns.iter().position(|column| column.name == *name);
    Arc::new(Table {
        entity: Arc::from(draft.entity.as_str()),
        name: info.name.clone(),
        key: draft.key.iter().filter_map(place).collect(),
        columns: columns.collect(),
        fk_rank: 0,
        uniques: Vec::new(),
        references: Vec::new(),
    })
}

/// Installs the service with these tables and a fence of this role.
pub(crate) async fn install(store: &dyn Store, tables: &[&Arc<Table>], role: Role) {
    let request = install_request(tables, Some(fence(EPOCH, role)));
    store.install(&request).await.unwrap();
}

pub(crate) fn install_request(tables: &[&Arc<Table>], fence: Option<Fence>) -> InstallRequest {
    let tables = tables.iter().map(|table| Arc::clone(table)).collect();
    InstallRequest {
        service: SERVICE.to_owned(),
        tables,
        probes: Vec::new(),
        fence,
    }
}

/// The items, on a primary.
pub(crate) async fn items(bench: &dyn Bench) -> Arc<Table> {
    let table = created(bench, &item_draft()).await;
    install(&*bench.store(), &[&table], Role::Primary).await;
    table
}

/// The items and their notes, in this role.
pub(crate) async fn items_and_notes(bench: &dyn Bench, role: Role) -> (Arc<Table>, Arc<Table>) {
    let items = created(bench, &item_draft()).await;
    let notes = created(bench, &note_draft()).await;
    install(&*bench.store(), &[&items, &notes], role).await;
    (items, notes)
}

// --- fences ------------------------------------------------------------------

pub(crate) fn fence(epoch: u64, role: Role) -> Fence {
    Fence {
        epoch,
        role,
        phase: Phase::DualWrite,
        plan_id: "plan 'one'".to_owned(),
        settings: r#"{"it's": "\"set\""}"#.to_owned(),
    }
}

/// A change from the fence at `from` to one of this epoch and role.
pub(crate) fn cas(from: (u64, Role), to: (u64, Role)) -> Cas {
    Cas {
        name: StepName::Freeze,
        side: Side::Legacy,
        from: fence(from.0, from.1).at(),
        to: fence(to.0, to.1),
    }
}

/// Changes the fence, however often somebody is in the way.
pub(crate) async fn move_fence(store: &dyn Store, from: (u64, Role), to: (u64, Role)) {
    let outcome = patiently(async || store.change_fence(SERVICE, &cas(from, to), None).await).await;
    assert_eq!(outcome, dualwrite_engine::store::CasOutcome::Changed);
}

/// The role and epoch that stand there.
pub(crate) async fn fence_at(store: &dyn Store) -> Option<(u64, Role)> {
    at(&store.fence(SERVICE).await.unwrap())
}

pub(crate) fn at(row: &FenceRow) -> Option<(u64, Role)> {
    row.as_ref().map(|fence| (fence.epoch, fence.role))
}

// --- writes ------------------------------------------------------------------

/// A transaction of these mutations with a token of its own.
pub(crate) fn tx(mutations: Vec<Mutation>) -> WriteTx {
    WriteTx {
        service: Arc::from(SERVICE),
        epoch: EPOCH,
        token: Some(Token(rand::random())),
        mutations,
        receipt: None,
    }
}

pub(crate) fn with_receipt(tx: WriteTx, request_id: &str) -> WriteTx {
    let request_id = request_id.to_owned();
    WriteTx {
        receipt: Some(ReceiptDraft {
            request_id,
            request_hash: -77,
        }),
        ..tx
    }
}

pub(crate) fn mutation(table: &Arc<Table>, key: Key, change: Change) -> Mutation {
    Mutation {
        table: Arc::clone(table),
        key,
        change,
        must_match: false,
    }
}

pub(crate) fn insert(table: &Arc<Table>, id: i64, values: &[(usize, Value)]) -> Mutation {
    mutation(
        table,
        id_key(id),
        Change::Insert {
            values: values.to_vec(),
        },
    )
}

pub(crate) fn upsert(table: &Arc<Table>, id: i64, values: &[(usize, Value)]) -> Mutation {
    mutation(
        table,
        id_key(id),
        Change::Upsert {
            values: values.to_vec(),
        },
    )
}

pub(crate) fn update(table: &Arc<Table>, id: i64, set: &[(usize, Value)]) -> Mutation {
    update_if(table, id, set, &[])
}

pub(crate) fn update_if(
    table: &Arc<Table>,
    id: i64,
    set: &[(usize, Value)],
    only_if: &[(usize, Value)],
) -> Mutation {
    let change = Change::Update {
        set: set.to_vec(),
        add: Vec::new(),
        only_if: Condition::equal(only_if.to_vec()),
    };
    mutation(table, id_key(id), change)
}

pub(crate) fn add(table: &Arc<Table>, id: i64, add: &[(usize, Value)]) -> Mutation {
    let change = Change::Update {
        set: Vec::new(),
        add: add.to_vec(),
        only_if: Condition::default(),
    };
    mutation(table, id_key(id), change)
}

pub(crate) fn delete(table: &Arc<Table>, id: i64) -> Mutation {
    mutation(
        table,
        id_key(id),
        Change::Delete {
            only_if: Condition::default(),
        },
    )
}

pub(crate) fn must(mutation: Mutation) -> Mutation {
    Mutation {
        must_match: true,
        ..mutation
    }
}

/// Writes and answers the images.
pub(crate) async fn write(store: &dyn Store, mutations: Vec<Mutation>) -> Vec<Image> {
    store.write(&tx(mutations)).await.unwrap()
}

/// Writes one mutation and answers its image.
pub(crate) async fn write_one(store: &dyn Store, mutation: Mutation) -> Image {
    let images = write(store, vec![mutation]).await;
    let [image] = <[Image; 1]>::try_from(images).expect("one image a mutation");
    image
}

/// Writes what must be refused.
pub(crate) async fn refused(store: &dyn Store, mutations: Vec<Mutation>) -> StoreError {
    store
        .write(&tx(mutations))
        .await
        .expect_err("this must be refused")
}

/// Asks again while the answer is that somebody is in the way, as the engine
/// does within its deadline.
pub(crate) async fn patiently<T>(mut call: impl AsyncFnMut() -> Result<T, StoreError>) -> T {
    loop {
        match call().await {
            Ok(answer) => return answer,
            Err(StoreError::Busy(_) | StoreError::Conflict(_)) => tokio::task::yield_now().await,
            Err(error) => panic!("{error}"),
        }
    }
}

// --- rows --------------------------------------------------------------------

pub(crate) fn id_key(id: i64) -> Key {
    key([Value::Int(id)])
}

pub(crate) fn key<const N: usize>(parts: [Value; N]) -> Key {
    Key::new(parts.to_vec()).unwrap()
}

pub(crate) fn row_key(table: &Arc<Table>, key: Key) -> RowKey {
    RowKey {
        table: Arc::clone(table),
        key,
    }
}

pub(crate) fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

pub(crate) fn decimal(text: &str) -> Value {
    Value::Decimal(Decimal::parse(text).unwrap())
}

/// A whole item.
pub(crate) fn item(id: i64, name: &str, qty: i64) -> Vec<Value> {
    vec![
        Value::Int(id),
        text(name),
        Value::Int(qty),
        Value::Null,
        Value::Null,
    ]
}

pub(crate) async fn row(store: &dyn Store, table: &Arc<Table>, key: Key) -> Option<Vec<Value>> {
    store
        .read(SERVICE, &[row_key(table, key)])
        .await
        .unwrap()
        .rows
        .remove(0)
}

/// All keys that a table has.
pub(crate) async fn keys(store: &dyn Store, table: &Arc<Table>) -> Vec<Key> {
    store.keys(table, None, None, 10_000).await.unwrap().keys
}

/// The ids of all rows of a table.
pub(crate) async fn ids(store: &dyn Store, table: &Arc<Table>) -> Vec<i64> {
    let ids = keys(store, table)
        .await
        .into_iter()
        .map(|key| match key.parts() {
            [Value::Int(id)] => *id,
            other => panic!("{other:?} is no id"),
        });
    ids.collect()
}

/// Every marker of a table: its key and token.
pub(crate) async fn marks(store: &dyn Store, table: &Arc<Table>) -> Vec<(Key, Token)> {
    let markers = store.markers(SERVICE, table, None, 10_000).await.unwrap();
    markers
        .into_iter()
        .map(|marker| (marker.row.key, marker.token))
        .collect()
}

// --- copies ------------------------------------------------------------------

pub(crate) fn copy(table: &Arc<Table>, key: Key, row: Option<Vec<Value>>) -> Copy {
    Copy {
        table: Arc::clone(table),
        key,
        row,
    }
}

pub(crate) fn sought(table: &Arc<Table>, holding: &[(usize, Value)]) -> Sought {
    let (columns, values) = holding.iter().cloned().unzip();
    Sought {
        table: Arc::clone(table),
        columns,
        values,
    }
}

pub(crate) fn locks(buckets: &[u16], mode: LockMode) -> LockRequest {
    LockRequest {
        service: Arc::from(SERVICE),
        epoch: EPOCH,
        buckets: buckets.to_vec(),
        mode,
    }
}

/// Copies in one transaction.
pub(crate) async fn apply(store: &dyn Store, copies: &[Copy]) {
    let mut open = store
        .begin_apply(&locks(&[1], LockMode::Wait(LONG)))
        .await
        .unwrap();
    open.apply(copies).await.unwrap();
    open.commit().await.unwrap();
}
