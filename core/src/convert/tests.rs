use proptest::prelude::*;

use super::*;
use crate::value::Decimal;

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn decimal(text: &str) -> Value {
    Value::Decimal(Decimal::parse(text).unwrap())
}

#[test]
fn each_conversion_has_a_table() {
    let uuid = "123e4567-e89b-12d3-a456-426614174000";
    let uuid_value = Value::from_text(Kind::Uuid, uuid).unwrap();
    let table = [
        (Convert::None, text("x"), text("x")),
        (Convert::CentsToDecimal, Value::Int(1250), decimal("12.5")),
        (Convert::CentsToDecimal, Value::Int(-7), decimal("-0.07")),
        (
            Convert::CentsToDecimal,
            Value::Int(i64::MIN),
            decimal("-92233720368547758.08"),
        ),
        (Convert::IntToBool, Value::Int(0), Value::Bool(false)),
        (Convert::IntToBool, Value::Int(1), Value::Bool(true)),
        (
            Convert::EpochSecondsToTimestamp,
            Value::Int(-1),
            Value::Timestamp(-1_000_000),
        ),
        (
            Convert::EpochMillisToTimestamp,
            Value::Int(1500),
            Value::Timestamp(1_500_000),
        ),
        (Convert::TextToUuid, text(uuid), uuid_value),
        (Convert::TextToDecimal, text("-12.5"), decimal("-12.5")),
        (Convert::TextToInt, text("-7"), Value::Int(-7)),
        (
            Convert::TextToJson,
            text("{\"a\":1.0}"),
            Value::Json("{\"a\":1.0}".into()),
        ),
        (
            Convert::TextToTimestamp,
            text("1970-01-01T00:00:01.000000Z"),
            Value::Timestamp(1_000_000),
        ),
    ];
    for (convert, legacy, new) in table {
        assert_eq!(
            convert.forward(legacy.clone()),
            Ok(new.clone()),
            "{convert} forward"
        );
        assert_eq!(convert.backward(new), Ok(legacy), "{convert} backward");
    }
    for convert in Convert::ALL {
        assert_eq!(convert.forward(Value::Null), Ok(Value::Null));
        assert_eq!(convert.backward(Value::Null), Ok(Value::Null));
    }
}

#[test]
fn what_would_not_come_back_the_same_is_refused_forward() {
    let table = [
        (Convert::IntToBool, Value::Int(2), "0 or 1"),
        (
            Convert::EpochSecondsToTimestamp,
            Value::Int(i64::MAX),
            "9999",
        ),
        (
            Convert::EpochMillisToTimestamp,
            Value::Int(i64::MAX / 1000),
            "9999",
        ),
        (
            Convert::TextToUuid,
            text("123E4567-E89B-12D3-A456-426614174000"),
            "lower case",
        ),
        (
            Convert::TextToUuid,
            text("123e4567e89b12d3a456426614174000"),
            "dashes",
        ),
        (Convert::TextToDecimal, text("12.50"), "superfluous"),
        (Convert::TextToDecimal, text("NaN"), "plain digits"),
        (Convert::TextToInt, text("007"), "leading zeros"),
        (Convert::TextToInt, text("9223372036854775808"), "64 bits"),
        (Convert::TextToJson, text("{ }"), "no spaces"),
        (
            Convert::TextToTimestamp,
            text("1970-01-01 00:00:01+00"),
            "a form like",
        ),
        (
            Convert::TextToTimestamp,
            text("1970-01-01T00:00:01Z"),
            "a form like",
        ),
        (Convert::CentsToDecimal, text("5"), "takes int, got text"),
        (Convert::TextToInt, Value::Int(5), "takes text, got int"),
    ];
    for (convert, value, expected) in table {
        let error = convert.forward(value).unwrap_err().to_string();
        assert!(
            error.contains(expected) && error.contains(convert.name()),
            "{error}"
        );
    }
}

#[test]
fn what_has_no_legacy_form_is_refused_backward() {
    let table = [
        (Convert::CentsToDecimal, decimal("0.001"), "two digits"),
        (
            Convert::CentsToDecimal,
            decimal("92233720368547758.08"),
            "64 bits",
        ),
        (
            Convert::CentsToDecimal,
            Value::Int(5),
            "takes decimal, got int",
        ),
        (Convert::IntToBool, Value::Int(1), "takes bool, got int"),
        (
            Convert::EpochSecondsToTimestamp,
            Value::Timestamp(1_500_000),
            "whole seconds",
        ),
        (
            Convert::EpochMillisToTimestamp,
            Value::Timestamp(1_500),
            "whole milliseconds",
        ),
        (Convert::TextToUuid, text("x"), "takes uuid, got text"),
    ];
    for (convert, value, expected) in table {
        let error = convert.backward(value).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
}

#[test]
fn only_linear_conversions_can_be_incremented() {
    assert_eq!(
        Convert::CentsToDecimal.increment_backward(&decimal("0.5")),
        Some(Value::Int(50))
    );
    assert_eq!(
        Convert::CentsToDecimal.increment_backward(&decimal("0.001")),
        None
    );
    assert_eq!(
        Convert::None.increment_backward(&Value::Int(3)),
        Some(Value::Int(3))
    );
    assert_eq!(Convert::None.increment_backward(&text("3")), None);
    assert_eq!(Convert::None.increment_backward(&Value::Null), None);
    assert_eq!(
        Convert::EpochSecondsToTimestamp.increment_backward(&Value::Timestamp(1)),
        None
    );
}

fn any_number() -> impl Strategy<Value = Value> {
    prop_oneof![any::<i64>(), -100_000_000_000..100_000_000_000_i64].prop_map(Value::Int)
}

#[test]
fn conversions_from_text_keep_no_order() {
    let (nine, ten) = (Value::Int(9), Value::Int(10));
    let as_text = |value| Convert::TextToInt.backward(value).unwrap().to_text();
    assert!(as_text(nine) > as_text(ten));
    for convert in Convert::ALL {
        let from_text = convert
            .ends()
            .is_some_and(|(legacy, _)| legacy == Kind::Text);
        assert!(!(from_text && convert.keeps_order()), "{convert}");
    }
}

#[test]
fn names_round_trip_and_unknown_ones_list_all() {
    for convert in Convert::ALL {
        assert_eq!(Convert::parse(convert.name()), Ok(convert));
        let json = serde_json::to_string(&convert).unwrap();
        assert_eq!(serde_json::from_str::<Convert>(&json).unwrap(), convert);
    }
    assert_eq!(Convert::parse(""), Ok(Convert::None));
    let error = Convert::parse("cent_to_decimal").unwrap_err().to_string();
    assert!(
        error.contains("did you mean `cents_to_decimal`?"),
        "{error}"
    );
    for name in Convert::names() {
        assert!(error.contains(name), "{name} in {error}");
    }
}

#[test]
fn kinds_follow_the_ends() {
    assert_eq!(
        Convert::CentsToDecimal.kinds(Kind::Int),
        Some(Kind::Decimal)
    );
    assert_eq!(Convert::CentsToDecimal.kinds(Kind::Text), None);
    assert_eq!(Convert::None.kinds(Kind::Text), Some(Kind::Text));
}

#[test]
fn numbers_carry_over_and_nothing_else_does() {
    let numbers = [Kind::Int, Kind::UInt, Kind::Decimal];
    for legacy in Kind::ALL {
        for new in Kind::ALL {
            let both_numbers = numbers.contains(&legacy) && numbers.contains(&new);
            assert_eq!(
                carries(legacy, new),
                legacy == new || both_numbers,
                "{legacy} {new}"
            );
        }
    }
    assert_eq!(carry(Value::UInt(3), Kind::Int), Ok(Value::Int(3)));
    assert!(carry(Value::UInt(u64::MAX), Kind::Int).is_err());
    assert!(carry(decimal("1.5"), Kind::Int).is_err());
    assert!(
        carry(text("1"), Kind::Int).is_err(),
        "text is not a number by itself"
    );
    assert!(carry(Value::Int(1), Kind::Bool).is_err());
}

proptest! {
    /// The law of the list: what goes forward comes back the same.
    #[test]
    fn whatever_goes_forward_comes_back(value in crate::value::any_value()) {
        for convert in Convert::ALL {
            if let Ok(new) = convert.forward(value.clone()) {
                prop_assert_eq!(convert.backward(new), Ok(value.clone()), "{}", convert);
            }
        }
    }

    #[test]
    fn whatever_goes_backward_comes_forward(value in crate::value::any_value()) {
        for convert in Convert::ALL {
            if let Ok(legacy) = convert.backward(value.clone()) {
                prop_assert_eq!(convert.forward(legacy), Ok(value.clone()), "{}", convert);
            }
        }
    }

    #[test]
    fn conversions_that_keep_order_keep_it(a in any_number(), b in any_number()) {
        for convert in Convert::ALL.into_iter().filter(|convert| convert.keeps_order()) {
            let (Ok(new_a), Ok(new_b)) = (convert.forward(a.clone()), convert.forward(b.clone()))
            else {
                continue;
            };
            prop_assert_eq!(new_a.order(&new_b), a.order(&b), "{}", convert);
        }
    }

    #[test]
    fn increments_commute_with_conversion(cents in -1_000_000..1_000_000_i64, add in -1_000..1_000_i64) {
        let new = Decimal::from_scaled(cents.into(), 2);
        let delta = Decimal::from_scaled(add.into(), 2);
        let sum = Value::Decimal(new.checked_add(&delta).unwrap());
        let legacy = Convert::CentsToDecimal.increment_backward(&Value::Decimal(delta));
        prop_assert_eq!(legacy, Some(Value::Int(add)));
        prop_assert_eq!(Convert::CentsToDecimal.backward(sum), Ok(Value::Int(cents + add)));
    }
}

#[test]
fn the_documentation_lists_every_conversion() {
    let page = include_str!("../../../docs/conversions.md");
    for convert in Convert::ALL {
        assert!(page.contains(&format!("| `{convert}` |")), "{convert}");
    }
    for kind in Kind::ALL {
        assert!(page.contains(&format!("`{kind}`")), "{kind}");
    }
}
