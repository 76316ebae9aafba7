use std::sync::Arc;

use dualwrite_core::mapping::TableColumn;
use dualwrite_core::spec::TableName;
use dualwrite_core::value::Kind;

use super::*;

fn carts() -> Table {
    let column = |name: &str| TableColumn {
        name: name.to_owned(),
        native: "TEXT".to_owned(),
        kind: Kind::Text,
        nullable: false,
        generated: false,
    };
    Table {
        entity: Arc::from("cart"),
        name: TableName::parse("main.carts").unwrap(),
        key: vec![1, 0],
        columns: vec![column("sku"), column("user"), column("note")],
        fk_rank: 0,
        uniques: Vec::new(),
        references: Vec::new(),
    }
}

fn told(code: i32, message: &str) -> (ConstraintKind, String, String) {
    let error = constraint(Some(code), message, Some(&carts()));
    let StoreError::Constraint {
        kind,
        table,
        constraint,
    } = error
    else {
        panic!("{error:?}")
    };
    (kind, table, constraint)
}

#[test]
fn the_key_is_told_from_other_unique_columns() {
    let key = told(
        code::CONSTRAINT_PRIMARYKEY,
        "UNIQUE constraint failed: carts.user, carts.sku",
    );
    assert_eq!(
        key,
        (ConstraintKind::Key, "main.carts".into(), "user, sku".into())
    );
    // A key that the schema only declares UNIQUE is the entity's key as well.
    let unique = told(
        code::CONSTRAINT_UNIQUE,
        "UNIQUE constraint failed: carts.sku, carts.user",
    );
    assert_eq!(unique.0, ConstraintKind::Key);
    let part = told(
        code::CONSTRAINT_UNIQUE,
        "UNIQUE constraint failed: carts.sku",
    );
    assert_eq!(part, (ConstraintKind::Unique, "carts".into(), "sku".into()));
    let other = told(
        code::CONSTRAINT_UNIQUE,
        "UNIQUE constraint failed: log.user, log.sku",
    );
    assert_eq!((other.0, other.1.as_str()), (ConstraintKind::Unique, "log"));
    let index = told(
        code::CONSTRAINT_UNIQUE,
        "UNIQUE constraint failed: index 'folded'",
    );
    assert_eq!(
        index,
        (
            ConstraintKind::Unique,
            "main.carts".into(),
            "index 'folded'".into()
        )
    );
}

#[test]
fn other_constraints_name_what_they_know() {
    let null = told(
        code::CONSTRAINT_NOTNULL,
        "NOT NULL constraint failed: carts.note",
    );
    assert_eq!(
        null,
        (ConstraintKind::NotNull, "carts".into(), "note".into())
    );
    let check = told(code::CONSTRAINT_CHECK, "CHECK constraint failed: qty > 0.5");
    assert_eq!(
        check,
        (
            ConstraintKind::Check,
            "main.carts".into(),
            "qty > 0.5".into()
        )
    );
    let foreign = told(code::CONSTRAINT_FOREIGNKEY, "FOREIGN KEY constraint failed");
    assert_eq!(foreign.0, ConstraintKind::ForeignKey);
}

#[test]
fn what_a_trigger_raises_may_hold_values_and_is_left_out() {
    let raised = told(code::CONSTRAINT_TRIGGER, "no: secret.value");
    assert_eq!(
        raised,
        (
            ConstraintKind::Check,
            "main.carts".into(),
            "raised by a trigger".into()
        )
    );
}

#[test]
fn a_lost_thread_is_an_outage_and_its_commit_is_unknown() {
    let lost = sqlx::Error::WorkerCrashed;
    assert!(matches!(
        store_error(&lost, None),
        StoreError::Unavailable(_)
    ));
    assert!(matches!(commit_error(&lost), CommitError::Unknown(_)));
}
