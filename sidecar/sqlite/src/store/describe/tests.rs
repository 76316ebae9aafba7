use dualwrite_core::catalog::Action;
use dualwrite_engine::store::Store;

use super::*;
use crate::{SqliteConfig, SqliteStore};

const SCHEMA: [&str; 6] = [
    "CREATE TABLE parent (id INTEGER PRIMARY KEY, code TEXT UNIQUE)",
    "CREATE TABLE child (
        a TEXT NOT NULL, b VARCHAR(9) COLLATE NOCASE, c TEXT COLLATE RTRIM,
        price DECIMAL(10,2), exact DECIMAL_TEXT NOT NULL DEFAULT '0',
        parent INTEGER REFERENCES parent ON DELETE CASCADE,
        total INTEGER GENERATED ALWAYS AS (parent * 2) VIRTUAL, kept AS (1) STORED,
        PRIMARY KEY (b, a), UNIQUE (c, price)
    )",
    "CREATE UNIQUE INDEX some ON child (price) WHERE price > 0",
    "CREATE UNIQUE INDEX folded ON child (lower(a))",
    "CREATE TRIGGER noisy AFTER INSERT ON child BEGIN DELETE FROM parent; END",
    "CREATE TRIGGER guard BEFORE UPDATE ON child BEGIN SELECT RAISE(ABORT, 'no'); END",
];

async fn described() -> Catalog {
    let folder = tempfile::tempdir().unwrap();
    let mut config = SqliteConfig::at(folder.path().join("data.db"));
    config.create_if_missing = true;
    let store = SqliteStore::open(config).await.unwrap();
    let mut session = store.writing().await.unwrap();
    for statement in SCHEMA {
        session.run(Sql::new(statement)).await.unwrap();
    }
    session.commit().await.unwrap();
    let names = ["child", "parent", "absent", "sqlite_schema"].map(TableName::bare);
    store.describe(&names).await.unwrap()
}

#[tokio::test]
async fn tables_are_described_as_they_are() {
    let catalog = described().await;
    assert_eq!(catalog.tables.len(), 2);
    let child = catalog.table(&TableName::bare("child")).unwrap();
    assert_eq!(child.primary_key, ["b", "a"]);
    assert_eq!(child.uniques, [["c", "price"]]);
    let parent = catalog.table(&TableName::bare("parent")).unwrap();
    assert_eq!(parent.uniques, [["code"]]);
    assert!(parent.column("id").unwrap().has_default);
}

#[tokio::test]
async fn columns_say_what_they_hold_and_why_not() {
    let catalog = described().await;
    let child = catalog.table(&TableName::bare("child")).unwrap();
    let column = |name: &str| child.column(name).unwrap();
    assert_eq!(column("a").kind, Some(Kind::Text));
    assert!(!column("a").nullable && !column("a").has_default);
    assert!(column("exact").has_default);
    assert_eq!(
        (column("price").kind, column("price").nullable),
        (None, true)
    );
    assert!(column("price").why.contains("DECIMAL_TEXT"));
    let generated: Vec<bool> = child
        .columns
        .iter()
        .map(|column| column.generated)
        .collect();
    assert_eq!(
        generated,
        [false, false, false, false, false, false, true, true]
    );
}

#[tokio::test]
async fn collations_that_take_texts_as_equal_are_found() {
    let catalog = described().await;
    let child = catalog.table(&TableName::bare("child")).unwrap();
    let found: Vec<&str> = child
        .columns
        .iter()
        .filter(|column| column.collation_unsafe)
        .map(|column| column.name.as_str())
        .collect();
    assert_eq!(found, ["b", "c", "exact"]);
}

#[tokio::test]
async fn foreign_keys_and_triggers_say_what_they_change() {
    let catalog = described().await;
    let child = catalog.table(&TableName::bare("child")).unwrap();
    let [key] = child.foreign_keys.as_slice() else {
        panic!("{:?}", child.foreign_keys)
    };
    assert_eq!(
        (key.on_delete, key.on_update),
        (Action::Cascade, Action::NoAction)
    );
    assert_eq!(
        (key.columns.join(","), key.referenced_columns.join(",")),
        ("parent".into(), "id".into())
    );
    assert_eq!(key.references, TableName::bare("parent"));
    let triggers: Vec<(&str, bool)> = child
        .triggers
        .iter()
        .map(|trigger| (trigger.name.as_str(), trigger.changes_rows))
        .collect();
    assert_eq!(triggers, [("guard", false), ("noisy", true)]);
}
