use dualwrite_core::value::{Kind, Value};

use super::*;

/// A table of one column of this type.
fn table(native: &str, kind: Kind) -> Table {
    let column = TableColumn {
        name: "v".to_owned(),
        native: native.to_owned(),
        kind,
        nullable: true,
        generated: false,
    };
    Table {
        entity: "e".into(),
        name: dualwrite_core::spec::TableName::bare("t"),
        key: vec![0],
        columns: vec![column],
        fk_rank: 0,
        uniques: Vec::new(),
        references: Vec::new(),
    }
}

fn encoded(native: &str, kind: Kind, text: &str) -> Result<Cell, String> {
    let value = Value::from_text(kind, text).unwrap();
    encode(&table(native, kind), 0, &value).map_err(|error| error.to_string())
}

#[test]
fn what_the_server_would_change_in_silence_is_refused_without_the_value() {
    let table = [
        ("decimal(4,1)", Kind::Decimal, "7.77", "3 digits before"),
        ("decimal(4,1)", Kind::Decimal, "7777", "3 digits before"),
        ("float", Kind::Float, "0.7", "24 bits"),
        ("double", Kind::Float, "NaN", "NaN"),
        ("double", Kind::Float, "-Infinity", "infinity"),
        ("char(5)", Kind::Text, "777 ", "blanks"),
        ("varchar(3)", Kind::Text, "777 ", "3 characters"),
        ("enum('a','b')", Kind::Text, "A", "member"),
        ("binary(4)", Kind::Bytes, "\\x77", "exactly 4"),
        (
            "datetime",
            Kind::DateTime,
            "1977-07-07T07:07:07.7",
            "datetime(6)",
        ),
        ("time(2)", Kind::Time, "07:07:07.777", "time(6)"),
        (
            "timestamp(6)",
            Kind::Timestamp,
            "1967-07-07T07:07:07Z",
            "datetime(6)",
        ),
        (
            "timestamp(6)",
            Kind::Timestamp,
            "2077-07-07T07:07:07Z",
            "datetime(6)",
        ),
    ];
    for (native, kind, text, why) in table {
        let error = encoded(native, kind, text).unwrap_err();
        assert!(error.contains(why), "{native}: {error}");
        assert!(error.contains("t.v: ") && !error.contains("777"), "{error}");
    }
}

#[test]
fn what_fits_is_sent_as_the_server_writes_it() {
    let text = |text: &str| Cell::Text(text.to_owned());
    let digits = |digits: &str, scale| Cell::Decimal {
        digits: digits.to_owned(),
        scale,
    };
    let table = [
        (
            "decimal(4,1)",
            Kind::Decimal,
            "-777.70",
            digits("-777.7", 1),
        ),
        ("decimal(2,2)", Kind::Decimal, "0.07", digits("0.07", 2)),
        ("float", Kind::Float, "0.5", Cell::Double(0.5)),
        (
            "bigint unsigned",
            Kind::UInt,
            "18446744073709551615",
            Cell::UInt(u64::MAX),
        ),
        ("varchar(4)", Kind::Text, "ab  ", text("ab  ")),
        ("enum('a','b')", Kind::Text, "b", text("b")),
        ("tinyint(1)", Kind::Bool, "true", Cell::Int(1)),
        ("binary(2)", Kind::Bytes, "\\x0007", Cell::Bytes(vec![0, 7])),
        (
            "datetime(1)",
            Kind::DateTime,
            "1977-07-07T07:07:07.7",
            text("1977-07-07 07:07:07.700000"),
        ),
        (
            "timestamp",
            Kind::Timestamp,
            "1977-07-07T07:07:07Z",
            text("1977-07-07 07:07:07.000000"),
        ),
        ("time", Kind::Time, "24:00:00", text("24:00:00.000000")),
    ];
    for (native, kind, given, cell) in table {
        assert_eq!(encoded(native, kind, given), Ok(cell), "{native}");
    }
}

#[test]
fn null_in_a_timestamp_that_has_none_is_a_constraint() {
    let mut table = table("timestamp", Kind::Timestamp);
    table.columns[0].nullable = false;
    let error = encode(&table, 0, &Value::Null).unwrap_err();
    assert!(matches!(error, StoreError::Constraint { .. }), "{error:?}");
}
