//! Values of every kind, the extremes among them.

use dualwrite_core::value::{Kind, Value};

/// Values of a kind. No two are equal.
pub(crate) fn samples(kind: Kind) -> Vec<Value> {
    let texts = match kind {
        Kind::Bool => &["true", "false"],
        Kind::Int => INTS,
        Kind::UInt => UINTS,
        Kind::Decimal => DECIMALS,
        Kind::Float => FLOATS,
        Kind::Text => TEXTS,
        Kind::Bytes => BYTES,
        Kind::Uuid => UUIDS,
        Kind::Timestamp => TIMESTAMPS,
        Kind::DateTime => DATETIMES,
        Kind::Date => &["1970-01-01", "2024-02-29", "0001-01-01", "9999-12-31"],
        Kind::Time => TIMES,
        Kind::Json => JSONS,
    };
    let values = texts
        .iter()
        .map(|text| Value::from_text(kind, text).unwrap());
    values.collect()
}

const INTS: &[&str] = &[
    "0",
    "-1",
    "42",
    "9223372036854775807",
    "-9223372036854775808",
];

/// Engines without unsigned integers of their own stop at 2^63-1.
const UINTS: &[&str] = &["0", "1", "9223372036854775807"];

const DECIMALS: &[&str] = &[
    "0",
    "-0.1",
    "0.10",
    "9.99",
    "-12345678901234567890.12345678901234567890",
    "10",
    "9",
    "1e30",
    "0.00000000000000000001",
];

const FLOATS: &[&str] = &[
    "0",
    "0.1",
    "-1.5",
    "1e308",
    "5e-324",
    "1.7976931348623157e308",
    "2.2250738585072014e-308",
    "9007199254740993",
    "123456789012",
    "Infinity",
    "-Infinity",
];

const TEXTS: &[&str] = &[
    "",
    " ",
    "plain",
    "ünïcödé 日本 🦀",
    "it's \"quoted\" \\ and\n\ttabbed",
    "NULL",
    "123",
    "1.50",
    "0x10",
    "\\x00",
    "true",
    "2026-01-31",
];

const BYTES: &[&str] = &["\\x", "\\x00", "\\x00ff00", "\\xdeadbeef", "\\x31", "\\x27"];

const UUIDS: &[&str] = &[
    "00000000-0000-0000-0000-000000000000",
    "ffffffff-ffff-ffff-ffff-ffffffffffff",
    "0191d3c4-1e50-7abc-8def-0123456789ab",
];

const TIMESTAMPS: &[&str] = &[
    "1970-01-01T00:00:00Z",
    "2026-01-31T23:59:59.123456Z",
    "1969-12-31T23:59:59.999999Z",
    "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59.999999Z",
    "2026-01-31T23:59:59.100000Z",
];

const DATETIMES: &[&str] = &[
    "1970-01-01T00:00:00",
    "2026-01-31T23:59:59.123456",
    "0001-01-01T00:00:00",
    "9999-12-31T23:59:59.999999",
    "2024-02-29T12:00:00.000001",
];

const TIMES: &[&str] = &["00:00:00", "23:59:59.999999", "12:30:00.000001", "24:00:00"];

const JSONS: &[&str] = &[
    "null",
    "true",
    "{}",
    "[]",
    r#"{"b":[1,2.50,{"a":"é\n"}],"a":null}"#,
    "\"text\"",
    "12345678901234567890.123456789",
    r#""it's""#,
];
