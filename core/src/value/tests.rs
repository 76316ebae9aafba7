use std::collections::HashSet;

use proptest::prelude::*;

use super::*;

fn read(kind: Kind, text: &str) -> Result<Value, ValueError> {
    Value::from_text(kind, text)
}

/// Any value that can stand in a row.
pub(crate) fn any_value() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::Int),
        any::<u64>().prop_map(Value::UInt),
        any_decimal().prop_map(Value::Decimal),
        any::<f64>().prop_map(Value::Float),
        any::<String>().prop_map(Value::Text),
        any::<Vec<u8>>().prop_map(Value::Bytes),
        any::<[u8; 16]>().prop_map(Value::Uuid),
        (-62_167_219_200_000_000_i64..253_402_300_800_000_000).prop_map(Value::Timestamp),
        (-62_167_219_200_000_000_i64..253_402_300_800_000_000).prop_map(Value::DateTime),
        (-719_528..=2_932_896).prop_map(Value::Date),
        (0..=86_400_000_000_i64).prop_map(Value::Time),
    ]
}

pub(crate) fn any_decimal() -> impl Strategy<Value = Decimal> {
    (any::<i128>(), 0..40_u8).prop_map(|(unscaled, scale)| Decimal::from_scaled(unscaled, scale))
}

proptest! {
    #[test]
    fn every_value_comes_back_from_its_text(value in any_value()) {
        if let Some(kind) = value.kind() {
            let text = value.to_text().unwrap();
            prop_assert_eq!(read(kind, &text), Ok(value), "{}", text);
        }
    }

    #[test]
    fn every_value_comes_back_from_storage(value in any_value()) {
        let stored = serde_json::to_string(&value).unwrap();
        prop_assert_eq!(serde_json::from_str::<Value>(&stored).unwrap(), value);
    }

    #[test]
    fn timestamps_as_text_sort_as_they_are(
        a in -62_167_219_200_000_000_i64..253_402_300_800_000_000,
        b in -62_167_219_200_000_000_i64..253_402_300_800_000_000,
    ) {
        let (left, right) = (Value::Timestamp(a).to_text(), Value::Timestamp(b).to_text());
        prop_assert_eq!(left.cmp(&right), a.cmp(&b));
    }

    #[test]
    fn no_text_makes_reading_panic(text in any::<String>()) {
        for kind in Kind::ALL {
            let _read = read(kind, &text);
        }
    }

    #[test]
    fn equal_values_hash_alike(value in any_value()) {
        let set: HashSet<Value> = [value.clone(), value].into_iter().collect();
        prop_assert_eq!(set.len(), 1);
    }
}

#[test]
fn what_postgresql_writes_is_read() {
    let table = [
        (Kind::Bool, "t", Value::Bool(true)),
        (Kind::Bool, "false", Value::Bool(false)),
        (Kind::Int, "-9223372036854775808", Value::Int(i64::MIN)),
        (Kind::UInt, "18446744073709551615", Value::UInt(u64::MAX)),
        (
            Kind::Decimal,
            "-0012.500",
            Value::Decimal(Decimal::from_scaled(-125, 1)),
        ),
        (
            Kind::Decimal,
            "1E+3",
            Value::Decimal(Decimal::from(1000_i64)),
        ),
        (Kind::Float, "1e-07", Value::Float(1e-7)),
        (Kind::Float, "-Infinity", Value::Float(f64::NEG_INFINITY)),
        (Kind::Float, "NaN", Value::Float(f64::NAN)),
        (Kind::Bytes, "\\x00FF", Value::Bytes(vec![0, 255])),
        (Kind::Bytes, "\\x", Value::Bytes(vec![])),
        (
            Kind::Timestamp,
            "1970-01-01 00:00:01+00",
            Value::Timestamp(1_000_000),
        ),
        (
            Kind::Timestamp,
            "1970-01-01 02:30:00.5+02:30",
            Value::Timestamp(500_000),
        ),
        (
            Kind::Timestamp,
            "1969-12-31T23:59:59.999999Z",
            Value::Timestamp(-1),
        ),
        (
            Kind::Timestamp,
            "2026-01-31 23:59:59.123456+00",
            Value::Timestamp(1_769_903_999_123_456),
        ),
        (
            Kind::DateTime,
            "1970-01-02 00:00:00",
            Value::DateTime(86_400_000_000),
        ),
        (Kind::Date, "2000-02-29", Value::Date(11_016)),
        (Kind::Date, "0000-01-01", Value::Date(-719_528)),
        (Kind::Time, "23:59", Value::Time(86_340_000_000)),
        (Kind::Time, "24:00:00", Value::Time(86_400_000_000)),
    ];
    for (kind, text, value) in table {
        assert_eq!(read(kind, text), Ok(value), "{kind} {text}");
    }
}

#[test]
fn what_cannot_be_carried_is_refused_with_what_would_be_right() {
    let table = [
        (Kind::Bool, "yes", "true or false"),
        (Kind::Int, "1.0", "whole number"),
        (Kind::Int, "9223372036854775808", "2^63-1"),
        (Kind::UInt, "-1", "0 to 2^64-1"),
        (Kind::Decimal, "NaN", "no NaN"),
        (Kind::Decimal, "1e", "exponent"),
        (Kind::Decimal, "1e200000", "131072 digits"),
        (Kind::Float, "1e999", "64 bits"),
        (Kind::Bytes, "00ff", "\\x"),
        (Kind::Bytes, "\\x0", "two hexadecimal digits"),
        (Kind::Uuid, "123", "dashes"),
        (Kind::Timestamp, "2026-01-31 23:59:59", "with its zone"),
        (Kind::Timestamp, "infinity", "no infinity"),
        (Kind::Timestamp, "-infinity", "no infinity"),
        (Kind::Timestamp, "10000-01-01 00:00:00+00", "0000 to 9999"),
        (Kind::Timestamp, "9999-12-31 23:59:59-01", "0000 to 9999"),
        (Kind::Timestamp, "0044-03-15 12:00:00+00 BC", "0000 to 9999"),
        (
            Kind::Timestamp,
            "2026-01-31T23:59:59.1234567Z",
            "microseconds",
        ),
        (Kind::DateTime, "2026-01-31 23:59:59Z", "without a zone"),
        (Kind::DateTime, "2026-01-31 24:00:00", "without a zone"),
        (Kind::Date, "2026-02-30", "2026-01-31"),
        (Kind::Date, "infinity", "no infinity"),
        (Kind::Date, "0044-03-15 BC", "0000 to 9999"),
        (Kind::Time, "24:00:01", "23:59:59"),
        (Kind::Json, "{'a':1}", "JSON document"),
    ];
    for (kind, text, expected) in table {
        let error = read(kind, text).unwrap_err().to_string();
        assert!(error.contains(expected), "{kind} {text}: {error}");
        assert!(error.contains(kind.as_str()), "{kind} {text}: {error}");
    }
}

#[test]
fn an_error_never_holds_the_value() {
    for kind in Kind::ALL {
        if let Err(error) = read(kind, "geheim-4711 x") {
            assert!(!error.to_string().contains("4711"), "{error}");
        }
        if let Err(error) = Value::Text("geheim-4711 x".into()).coerce(kind) {
            assert!(!format!("{error:?}").contains("4711"), "{error}");
        }
    }
}

#[test]
fn json_is_brought_to_one_form() {
    let table = [
        (
            "{ \"b\": [1 , 2.50], \"a\" : null }",
            "{\"a\":null,\"b\":[1,2.50]}",
        ),
        ("\"\\u0041\\ud83d\\ude00\\/\\u0007\"", "\"A😀/\\u0007\""),
        ("{\"a\":1,\"a\":2}", "{\"a\":2}"),
        ("1E+2", "1E+2"),
        ("-0", "-0"),
        (
            "12345678901234567890.123456789012345678901",
            "12345678901234567890.123456789012345678901",
        ),
        (" [ ] ", "[]"),
        ("{}", "{}"),
        ("\"\\\"\\\\\\n\"", "\"\\\"\\\\\\n\""),
    ];
    for (text, canonical) in table {
        let value = Value::json(text).unwrap();
        assert_eq!(value, Value::Json(canonical.to_owned()), "{text}");
        assert_eq!(
            Value::json(canonical),
            Ok(value),
            "canonical form is stable: {text}"
        );
    }
}

#[test]
fn what_is_no_json_is_refused() {
    let deep = "[".repeat(10_000);
    for text in [
        "",
        "{",
        "[1,]",
        "{\"a\"}",
        "01",
        "1.",
        "+1",
        "tru",
        "\"\\ud800\"",
        "\"\\ud800\\u0041\"",
        "\"\\x\"",
        "\"a\nb\"",
        "1 2",
        "nan",
        "'a'",
        "\"\\u+041\"",
        deep.as_str(),
    ] {
        assert!(
            Value::json(text).is_err(),
            "{}",
            &text[..text.len().min(20)]
        );
    }
}

#[test]
fn floats_are_equal_when_engines_take_them_so() {
    assert_eq!(Value::Float(0.0), Value::Float(-0.0));
    assert_eq!(Value::Float(f64::NAN), Value::Float(-f64::NAN));
    assert_ne!(Value::Float(1.0), Value::Float(1.0 + f64::EPSILON));
    assert_ne!(Value::Float(1.0), Value::Int(1));
    assert_ne!(Value::Timestamp(1), Value::DateTime(1));
}

#[test]
fn applications_may_send_what_means_exactly_one_value() {
    let text = |text: &str| Value::Text(text.to_owned());
    let table = [
        (Value::Null, Kind::Int, Value::Null),
        (Value::Int(5), Kind::UInt, Value::UInt(5)),
        (Value::UInt(5), Kind::Int, Value::Int(5)),
        (
            Value::Int(-5),
            Kind::Decimal,
            Value::Decimal(Decimal::from(-5_i64)),
        ),
        (
            Value::Decimal(Decimal::from(7_i64)),
            Kind::Int,
            Value::Int(7),
        ),
        (Value::Int(-3), Kind::Float, Value::Float(-3.0)),
        (Value::Int(1), Kind::Bool, Value::Bool(true)),
        (Value::UInt(0), Kind::Bool, Value::Bool(false)),
        (
            text("12.50"),
            Kind::Decimal,
            Value::Decimal(Decimal::from_scaled(125, 1)),
        ),
        (text("2026-01-31"), Kind::Date, Value::Date(20_484)),
        (text("{ }"), Kind::Json, Value::Json("{}".to_owned())),
        (text("00000000-0000-0000-0000-0000000000FF"), Kind::Uuid, {
            let mut bytes = [0; 16];
            bytes[15] = 255;
            Value::Uuid(bytes)
        }),
    ];
    for (given, kind, value) in table {
        assert_eq!(given.clone().coerce(kind), Ok(value), "{given:?} as {kind}");
    }
}

#[test]
fn what_does_not_fit_says_expected_and_got() {
    let table = [
        (Value::Int(-1), Kind::UInt, "not negative"),
        (Value::UInt(u64::MAX), Kind::Int, "2^63-1"),
        (Value::Int(2), Kind::Bool, "0 or 1"),
        (Value::Int(i64::MAX), Kind::Float, "2^53"),
        (
            Value::Decimal(Decimal::from_scaled(15, 1)),
            Kind::Int,
            "after the point",
        ),
        (Value::Text("x".into()), Kind::Int, "whole number"),
        (
            Value::Text("x".into()),
            Kind::Bool,
            "expected bool, got text",
        ),
        (Value::Bool(true), Kind::Int, "expected int, got bool"),
        (Value::Float(1.0), Kind::Int, "expected int, got float"),
        (Value::Int(1), Kind::Text, "expected text, got int"),
        (
            Value::Timestamp(0),
            Kind::DateTime,
            "expected datetime, got timestamp",
        ),
        (Value::Timestamp(i64::MAX), Kind::Timestamp, "0000 to 9999"),
        (Value::Time(-1), Kind::Time, "00:00 to 24:00"),
    ];
    for (given, kind, expected) in table {
        let error = given.coerce(kind).unwrap_err().to_string();
        assert!(error.contains(expected), "{kind}: {error}");
    }
}

mod decimals {
    use super::*;

    #[test]
    fn equal_numbers_are_equal_texts() {
        let table = [
            ("0", "0"),
            ("-0.00", "0"),
            ("+1", "1"),
            ("007.50", "7.5"),
            (".5", "0.5"),
            ("5.", "5"),
            ("1.5e3", "1500"),
            ("1.5e-3", "0.0015"),
            ("-12e0", "-12"),
            ("1000e-3", "1"),
            ("0e99999", "0"),
            ("100", "100"),
        ];
        for (text, canonical) in table {
            assert_eq!(Decimal::parse(text).unwrap().as_str(), canonical, "{text}");
        }
        for text in [
            "", "-", ".", "1.2.3", "NaN", "Infinity", "1 ", "0x1", "1e1.5", "--1", "1e+-1",
        ] {
            assert_eq!(Decimal::parse(text), Err(DecimalError::Malformed), "{text}");
        }
        for text in ["1e131072", "1e-131073", "1e99999999999"] {
            assert_eq!(Decimal::parse(text), Err(DecimalError::TooLong), "{text}");
        }
        // Wider than any format string can pad.
        let (large, small) = (Decimal::parse("1e131071"), Decimal::parse("1e-131072"));
        let (large, small) = (large.unwrap(), small.unwrap());
        assert!(large > small);
        let sum = large.checked_add(&small).unwrap();
        assert_eq!(sum.as_str().len(), 131_072 + 1 + 131_072);
        assert_eq!(
            large.checked_add(&large).unwrap().as_str().get(..2),
            Some("20")
        );
        let most = Decimal::parse("9e131071").unwrap();
        assert_eq!(most.checked_add(&most), None, "one digit too many");
    }

    #[test]
    fn scaled_integers_go_both_ways() {
        let table = [
            (1250, 2, "12.5"),
            (-5, 2, "-0.05"),
            (0, 2, "0"),
            (7, 0, "7"),
        ];
        for (unscaled, scale, text) in table {
            let decimal = Decimal::from_scaled(unscaled, scale);
            assert_eq!(decimal.as_str(), text);
            assert_eq!(decimal.to_scaled(scale), Some(unscaled));
        }
        assert_eq!(Decimal::from_scaled(5, 1).to_scaled(0), None);
    }

    proptest! {
        #[test]
        fn sums_are_exact(a in any::<i64>(), b in any::<i64>(), scale in 0..20_u8) {
            let sum = i128::from(a) + i128::from(b);
            let left = Decimal::from_scaled(a.into(), scale);
            let right = Decimal::from_scaled(b.into(), scale);
            prop_assert_eq!(left.checked_add(&right), Some(Decimal::from_scaled(sum, scale)));
        }

        #[test]
        fn sums_align_the_point(a in any::<i32>(), b in any::<i32>(), scale in 0..9_u8) {
            let factor = 10_i128.pow(u32::from(scale));
            let sum = Decimal::from_scaled(i128::from(a) * factor + i128::from(b), scale);
            let left = Decimal::from(i64::from(a));
            prop_assert_eq!(left.checked_add(&Decimal::from_scaled(b.into(), scale)), Some(sum));
        }

        #[test]
        fn order_is_that_of_the_numbers(a in any::<i64>(), b in any::<i64>(), scale in 0..9_u8) {
            let (left, right) =
                (Decimal::from_scaled(a.into(), scale), Decimal::from_scaled(b.into(), scale));
            prop_assert_eq!(left.cmp(&right), a.cmp(&b));
        }

        #[test]
        fn a_number_and_its_negation_add_up_to_nothing(a in any_decimal()) {
            prop_assert_eq!(a.checked_add(&a.negated()), Some(Decimal::from(0_i64)));
        }
    }
}
