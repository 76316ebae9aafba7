//! What is SQLite's own; the contract of the port is held by a suite of its
//! own.

use dualwrite_core::fence::Fence;
use dualwrite_core::mapping::TableColumn;
use dualwrite_core::phase::Phase;
use dualwrite_core::side::Role;
use dualwrite_core::value::Value;
use dualwrite_engine::store::{Change, Condition, ConstraintKind, Copy, LockMode, Mutation};

use super::*;
use crate::sql::Sql;

struct Bench {
    store: SqliteStore,
    _folder: tempfile::TempDir,
}

/// A database with this schema, whose fence has this role.
async fn bench(schema: &[&str], role: Role) -> Bench {
    let folder = tempfile::tempdir().unwrap();
    let mut config = SqliteConfig::at(folder.path().join("data.db"));
    config.create_if_missing = true;
    let bench = Bench {
        store: SqliteStore::open(config).await.unwrap(),
        _folder: folder,
    };
    for statement in schema {
        bench.run(statement).await;
    }
    let fence = Fence {
        epoch: 1,
        role,
        phase: Phase::DualWrite,
        plan_id: String::new(),
        settings: String::new(),
    };
    let request = InstallRequest {
        service: "cart".into(),
        tables: Vec::new(),
        probes: Vec::new(),
        fence: Some(fence),
    };
    bench.store.install(&request).await.unwrap();
    bench
}

impl Bench {
    async fn run(&self, sql: &str) {
        let mut session = self.store.writing().await.unwrap();
        session.run(Sql::new(sql)).await.unwrap();
        session.commit().await.unwrap();
    }

    /// The table as the catalog has it, keyed by its primary key.
    async fn table(&self, name: &str) -> Arc<Table> {
        let catalog = self.store.describe(&[TableName::bare(name)]).await.unwrap();
        let info = catalog.tables.first().unwrap();
        let columns = info.columns.iter().map(|column| TableColumn {
            name: column.name.clone(),
            native: column.native.clone(),
            kind: column.kind.unwrap(),
            nullable: column.nullable,
            generated: column.generated,
        });
        let place = |name: &String| info.columns.iter().position(|c| c.name == *name).unwrap();
        Arc::new(Table {
            entity: Arc::from(name),
            name: info.name.clone(),
            key: info.primary_key.iter().map(place).collect(),
            columns: columns.collect(),
            fk_rank: 0,
            uniques: Vec::new(),
            references: Vec::new(),
        })
    }

    async fn write(
        &self,
        table: &Arc<Table>,
        key: Value,
        change: Change,
    ) -> Result<Image, StoreError> {
        let key = Key::new(vec![key]).unwrap();
        let mutation = Mutation {
            table: Arc::clone(table),
            key,
            change,
            must_match: false,
        };
        let tx = WriteTx {
            service: Arc::from("cart"),
            epoch: 1,
            token: None,
            mutations: vec![mutation],
            receipt: None,
        };
        self.store
            .write(&tx)
            .await
            .map(|mut images| images.remove(0))
    }

    async fn apply(&self, copies: &[Copy]) -> Result<(), CommitError> {
        let mode = LockMode::Wait(Duration::from_mins(1));
        let request = LockRequest {
            service: Arc::from("cart"),
            epoch: 1,
            buckets: vec![1],
            mode,
        };
        let mut open = self.store.begin_apply(&request).await.unwrap();
        open.apply(copies).await.map_err(CommitError::Refused)?;
        open.commit().await
    }

    async fn read(&self, table: &Arc<Table>, key: Value) -> Result<Option<Vec<Value>>, StoreError> {
        let key = RowKey {
            table: Arc::clone(table),
            key: Key::new(vec![key]).unwrap(),
        };
        self.store
            .read("cart", &[key])
            .await
            .map(|mut read| read.rows.remove(0))
    }
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

#[tokio::test]
async fn tables_without_rowid_strict_ones_and_rowid_keys_are_written_alike() {
    let schema = [
        "CREATE TABLE a (id INTEGER PRIMARY KEY, v TEXT)",
        "CREATE TABLE b (id INTEGER PRIMARY KEY, v TEXT) WITHOUT ROWID",
        "CREATE TABLE c (id INTEGER PRIMARY KEY, v TEXT) STRICT",
    ];
    let bench = bench(&schema, Role::Primary).await;
    for name in ["a", "b", "c"] {
        let table = bench.table(name).await;
        let values = vec![(1, text("x"))];
        let image = bench
            .write(&table, Value::Int(7), Change::Insert { values })
            .await
            .unwrap();
        assert_eq!(image.row, Some(vec![Value::Int(7), text("x")]), "{name}");
        let again = Change::Insert { values: Vec::new() };
        let error = bench.write(&table, Value::Int(7), again).await.unwrap_err();
        let StoreError::Constraint { kind, .. } = error else {
            panic!("{name}: {error:?}")
        };
        assert_eq!(kind, ConstraintKind::Key, "{name}");
        let upsert = Change::Upsert {
            values: vec![(1, text("y"))],
        };
        let image = bench.write(&table, Value::Int(7), upsert).await.unwrap();
        assert_eq!(image.row, Some(vec![Value::Int(7), text("y")]), "{name}");
    }
}

#[tokio::test]
async fn an_ill_typed_cell_is_named_and_not_guessed_at() {
    let schema = [
        "CREATE TABLE t (id INTEGER PRIMARY KEY, at TIMESTAMP, flag BOOLEAN, n INTEGER)",
        "INSERT INTO t VALUES (1, 'secret', 1, 1), (2, NULL, 'secret', 1), (3, NULL, 1, 'secret')",
        "INSERT INTO t VALUES (4, '2026-01-31 10:00:00+01:00', 0, 4), (5, 1700000000, 0, 4)",
    ];
    let bench = bench(&schema, Role::Primary).await;
    let table = bench.table("t").await;
    for (id, column) in [(1, "t.at"), (2, "t.flag"), (3, "t.n"), (5, "t.at")] {
        let error = bench.read(&table, Value::Int(id)).await.unwrap_err();
        let StoreError::Value(why) = error else {
            panic!("{error:?}")
        };
        assert!(why.starts_with(column) && !why.contains("secret"), "{why}");
    }
    let row = bench.read(&table, Value::Int(4)).await.unwrap().unwrap();
    assert_eq!(
        row[1].to_text().as_deref(),
        Some("2026-01-31T09:00:00.000000Z")
    );
}

#[tokio::test]
async fn a_key_that_cannot_be_found_by_its_value_is_refused() {
    let schema = [
        "CREATE TABLE t (at TIMESTAMP PRIMARY KEY, v TEXT)",
        "INSERT INTO t VALUES ('2026-01-31 10:00:00+01:00', 'x')",
    ];
    let bench = bench(&schema, Role::Primary).await;
    let table = bench.table("t").await;
    let error = bench.store.keys(&table, None, None, 9).await.unwrap_err();
    assert!(
        matches!(&error, StoreError::Value(why) if why.contains("canonical")),
        "{error:?}"
    );
    bench.run("UPDATE t SET at = NULL").await;
    let error = bench.store.keys(&table, None, None, 9).await.unwrap_err();
    assert!(matches!(error, StoreError::Value(_)), "{error:?}");
}

#[tokio::test]
async fn generated_columns_are_read_and_never_written() {
    let schema = ["CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER, \
                   twice INTEGER AS (n * 2) STORED)"];
    let bench = bench(&schema, Role::Secondary).await;
    let table = bench.table("t").await;
    let row = vec![Value::Int(1), Value::Int(4), Value::Int(-1)];
    let key = Key::new(vec![Value::Int(1)]).unwrap();
    let copy = Copy {
        table: Arc::clone(&table),
        key,
        row: Some(row),
    };
    bench.apply(&[copy]).await.unwrap();
    let row = bench.read(&table, Value::Int(1)).await.unwrap();
    assert_eq!(row, Some(vec![Value::Int(1), Value::Int(4), Value::Int(8)]));
}

#[tokio::test]
async fn a_deferred_foreign_key_refuses_the_commit() {
    let schema = [
        "CREATE TABLE parent (id INTEGER PRIMARY KEY)",
        "CREATE TABLE child (id INTEGER PRIMARY KEY, \
         parent INTEGER REFERENCES parent DEFERRABLE INITIALLY DEFERRED)",
    ];
    let bench = bench(&schema, Role::Secondary).await;
    let table = bench.table("child").await;
    let key = Key::new(vec![Value::Int(1)]).unwrap();
    let row = Some(vec![Value::Int(1), Value::Int(99)]);
    let error = bench
        .apply(&[Copy {
            table: Arc::clone(&table),
            key,
            row,
        }])
        .await
        .unwrap_err();
    let CommitError::Refused(StoreError::Constraint { kind, .. }) = error else {
        panic!("{error:?}")
    };
    assert_eq!(kind, ConstraintKind::ForeignKey);
    assert_eq!(bench.read(&table, Value::Int(1)).await.unwrap(), None);
}

#[tokio::test]
async fn what_a_trigger_raises_is_a_constraint_without_its_text() {
    let schema = [
        "CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT)",
        "CREATE TRIGGER guard BEFORE INSERT ON t BEGIN SELECT RAISE(ABORT, 'secret'); END",
    ];
    let bench = bench(&schema, Role::Primary).await;
    let table = bench.table("t").await;
    let insert = Change::Insert { values: Vec::new() };
    let error = bench
        .write(&table, Value::Int(1), insert)
        .await
        .unwrap_err();
    let StoreError::Constraint { kind, .. } = &error else {
        panic!("{error:?}")
    };
    assert_eq!(*kind, ConstraintKind::Check);
    assert!(!error.to_string().contains("secret"), "{error}");
}

#[tokio::test]
async fn a_script_for_a_person_does_what_installing_does() {
    let schema = ["CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT)"];
    let bench = bench(&schema, Role::Primary).await;
    let fence = bench.store.fence("cart").await.unwrap();
    let tables = vec![bench.table("t").await];
    let request = InstallRequest {
        service: "it's".into(),
        tables,
        probes: Vec::new(),
        fence: fence.clone(),
    };
    let script = bench.store.install_sql(&request);
    let body = script.strip_prefix("BEGIN IMMEDIATE;").unwrap();
    let body = body.trim().strip_suffix("COMMIT;").unwrap();
    for statement in body
        .split(";\n")
        .filter(|statement| !statement.trim().is_empty())
    {
        bench.run(statement).await;
    }
    assert_eq!(bench.store.fence("it's").await.unwrap(), fence);
    bench
        .store
        .install(&InstallRequest {
            fence: None,
            ..request
        })
        .await
        .unwrap();
}

#[tokio::test]
async fn an_outbox_of_another_key_is_refused() {
    let schema = ["CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT)"];
    let bench = bench(&schema, Role::Primary).await;
    let request = |table: &Arc<Table>| InstallRequest {
        service: "cart".into(),
        tables: vec![Arc::clone(table)],
        probes: Vec::new(),
        fence: None,
    };
    let table = bench.table("t").await;
    bench.store.install(&request(&table)).await.unwrap();
    let other = Arc::new(Table {
        key: vec![1],
        ..(*table).clone()
    });
    let error = bench.store.install(&request(&other)).await.unwrap_err();
    assert!(
        matches!(&error, StoreError::Schema(why) if why.contains("another key")),
        "{error:?}"
    );
    bench.store.install(&request(&table)).await.unwrap();
}

#[tokio::test]
async fn what_others_wrote_in_another_form_is_compared_as_a_value() {
    let schema = [
        "CREATE TABLE t (id INTEGER PRIMARY KEY, price DECIMAL_TEXT, at DATETIME)",
        "INSERT INTO t VALUES (1, '1.50', '2026-01-31 10:00:00'), (2, '1.51', '2026-01-31')",
    ];
    let bench = bench(&schema, Role::Primary).await;
    let table = bench.table("t").await;
    let price = Value::from_text(dualwrite_core::value::Kind::Decimal, "1.5").unwrap();
    let at =
        Value::from_text(dualwrite_core::value::Kind::DateTime, "2026-01-31T10:00:00").unwrap();
    for filter in [(1, price.clone()), (2, at)] {
        let filter = vec![filter];
        let listing = Listing {
            table: Arc::clone(&table),
            filter,
            after: None,
            limit: 9,
        };
        let rows = bench.store.list("cart", &listing).await.unwrap().rows;
        assert_eq!(
            rows.iter().map(|row| &row[0]).collect::<Vec<_>>(),
            [&Value::Int(1)]
        );
    }
    let update = Change::Update {
        set: Vec::new(),
        add: vec![(1, price.clone())],
        only_if: Condition::equal(vec![(1, price)]),
    };
    let image = bench.write(&table, Value::Int(1), update).await.unwrap();
    assert_eq!(image.row.unwrap()[1].to_text().as_deref(), Some("3"));
}
