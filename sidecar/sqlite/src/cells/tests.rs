use std::sync::Arc;

use dualwrite_core::mapping::{Table, TableColumn};
use dualwrite_core::spec::TableName;
use dualwrite_core::value::{Decimal, Kind, Value};
use dualwrite_engine::store::StoreError;

use super::{Cell, encode};

fn table(kind: Kind, native: &str) -> Table {
    let column = TableColumn {
        name: "c".to_owned(),
        native: native.to_owned(),
        kind,
        nullable: true,
        generated: false,
    };
    Table {
        entity: Arc::from("thing"),
        name: TableName::bare("things"),
        key: vec![0],
        columns: vec![column],
        fk_rank: 0,
        uniques: Vec::new(),
        references: Vec::new(),
    }
}

fn refusal(kind: Kind, native: &str, value: &Value) -> String {
    match encode(&table(kind, native), 0, value) {
        Err(StoreError::Value(why)) => why,
        other => panic!("expected a refusal, got {other:?}"),
    }
}

#[test]
fn values_are_stored_in_the_class_of_their_kind() {
    let table_of_cases = [
        (Kind::Bool, "BOOLEAN", Value::Bool(true), Cell::Integer(1)),
        (
            Kind::Int,
            "BIGINT",
            Value::Int(i64::MIN),
            Cell::Integer(i64::MIN),
        ),
        (Kind::Float, "REAL", Value::Float(0.5), Cell::Real(0.5)),
        (
            Kind::Bytes,
            "BLOB",
            Value::Bytes(vec![0, 255]),
            Cell::Blob(vec![0, 255]),
        ),
        (
            Kind::Text,
            "TEXT",
            Value::Text("12".into()),
            Cell::from("12"),
        ),
        (Kind::Int, "BIGINT", Value::Null, Cell::Null),
        (
            Kind::Decimal,
            "DECIMAL_TEXT",
            Value::Decimal(Decimal::parse("0.10").unwrap()),
            Cell::from("0.1"),
        ),
        (Kind::Date, "DATE", Value::Date(0), Cell::from("1970-01-01")),
    ];
    for (kind, native, value, cell) in table_of_cases {
        assert_eq!(
            encode(&table(kind, native), 0, &value),
            Ok(cell),
            "{native}"
        );
    }
}

#[test]
fn what_sqlite_would_change_is_refused_with_table_and_column() {
    let nan = refusal(Kind::Float, "REAL", &Value::Float(f64::NAN));
    assert_eq!(nan, "things.c: SQLite cannot hold NaN");
    assert!(refusal(Kind::UInt, "BIGINT UNSIGNED", &Value::UInt(u64::MAX)).contains("2^63-1"));
    let json = Value::json("1.50").unwrap();
    let why = refusal(Kind::Json, "JSON", &json);
    assert!(why.contains("JSON_TEXT") && !why.contains("1.50"), "{why}");
    assert!(encode(&table(Kind::Json, "JSON_TEXT"), 0, &json).is_ok());
    for whole in ["[1.50]", "7", "-9223372036854775808"] {
        let json = Value::json(whole).unwrap();
        assert!(
            encode(&table(Kind::Json, "JSON"), 0, &json).is_ok(),
            "{whole}"
        );
    }
}

#[test]
fn another_kind_is_refused_without_the_value() {
    let why = refusal(Kind::Int, "BIGINT", &Value::Text("secret".into()));
    assert_eq!(why, "things.c: expected int, got text");
    assert!(refusal(Kind::Date, "DATE", &Value::Date(i32::MAX)).contains("year"));
}
