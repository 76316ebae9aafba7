use dualwrite_core::fence::Fence;
use dualwrite_core::mapping::TableColumn;
use dualwrite_core::phase::Phase;
use dualwrite_core::side::Role;
use dualwrite_core::value::{Kind, Value};

use super::*;
use crate::store::{Change, Mutation};

fn table() -> Arc<Table> {
    let column = |name: &str, kind: Kind, nullable: bool| TableColumn {
        name: name.to_owned(),
        native: kind.to_string(),
        kind,
        nullable,
        generated: false,
    };
    Arc::new(Table {
        entity: Arc::from("item"),
        name: TableName::bare("items"),
        key: vec![0],
        columns: vec![
            column("id", Kind::Int, false),
            column("name", Kind::Text, true),
        ],
        fk_rank: 0,
        uniques: Vec::new(),
        references: Vec::new(),
    })
}

async fn store(table: &Arc<Table>) -> FakeStore {
    let store = FakeStore::new();
    let items = FakeTable::new("items")
        .column("id", Kind::Int)
        .nullable("name", Kind::Text);
    store.create_table(items.key(&["id"]));
    let fence = Fence {
        epoch: 1,
        role: Role::Primary,
        phase: Phase::DualWrite,
        plan_id: String::new(),
        settings: "{}".to_owned(),
    };
    let tables = vec![Arc::clone(table)];
    let request = InstallRequest {
        service: "cart".to_owned(),
        tables,
        probes: Vec::new(),
        fence: Some(fence),
    };
    store.install(&request).await.unwrap();
    store
}

fn upsert(table: &Arc<Table>, id: i64) -> WriteTx {
    let mutation = Mutation {
        table: Arc::clone(table),
        key: Key::new(vec![Value::Int(id)]).unwrap(),
        change: Change::Upsert {
            values: vec![(1, Value::Text("x".to_owned()))],
        },
        must_match: false,
    };
    WriteTx {
        service: Arc::from("cart"),
        epoch: 1,
        token: Some(Token(7)),
        mutations: vec![mutation],
        receipt: None,
    }
}

#[tokio::test]
async fn a_lost_reply_is_told_from_a_lost_request_only_by_looking() {
    let table = table();
    let store = store(&table).await;
    store.fail_next(Call::Write, Fault::Before);
    store.fail_next(Call::Write, Fault::After);
    for (id, rows) in [(1, 0), (2, 1)] {
        let error = store.write(&upsert(&table, id)).await.unwrap_err();
        assert!(matches!(error, StoreError::UnknownOutcome(_)), "{error}");
        assert_eq!(store.rows("items").len(), rows);
        assert_eq!(FakeStore::markers(&store).len(), rows);
    }
    store.write(&upsert(&table, 3)).await.unwrap();
}

#[tokio::test]
async fn what_is_refused_or_out_of_reach_leaves_nothing() {
    let table = table();
    let store = store(&table).await;
    store.fail_next(Call::Write, Fault::Constraint);
    let error = store.write(&upsert(&table, 1)).await.unwrap_err();
    assert!(matches!(error, StoreError::Constraint { .. }), "{error}");
    store.set_unreachable(true);
    let error = store.write(&upsert(&table, 1)).await.unwrap_err();
    assert!(matches!(error, StoreError::Unavailable(_)), "{error}");
    assert!(store.fence("cart").await.is_err());
    store.set_unreachable(false);
    assert!(store.rows("items").is_empty());
}

#[tokio::test]
async fn a_commit_fails_on_its_own() {
    let table = table();
    let store = store(&table).await;
    for (fault, rows) in [
        (Fault::Before, 0),
        (Fault::Unavailable, 0),
        (Fault::After, 1),
    ] {
        let open = store.begin_write(&upsert(&table, 1)).await.unwrap();
        store.fail_next(Call::CommitWrite, fault);
        assert!(matches!(open.commit().await, Err(CommitError::Unknown(_))));
        assert_eq!(store.rows("items").len(), rows, "{fault:?}");
    }
    let open = store.begin_write(&upsert(&table, 2)).await.unwrap();
    store.fail_next(Call::CommitWrite, Fault::Constraint);
    assert!(matches!(open.commit().await, Err(CommitError::Refused(_))));
}
