//! From new to legacy.

use super::forward::inexact;
use super::{Convert, ConvertError};
use crate::value::{Kind, Value};

pub(super) fn backward(convert: Convert, value: Value) -> Result<Value, ConvertError> {
    if value.is_null() {
        return Ok(value);
    }
    let kind = |expected| ConvertError::Kind {
        convert,
        expected,
        got: value.kind_word(),
    };
    match (convert, &value) {
        (Convert::None, _) => Ok(value),
        (Convert::CentsToDecimal, Value::Decimal(decimal)) => decimal
            .to_scaled(2)
            .and_then(|cents| i64::try_from(cents).ok())
            .map(Value::Int)
            .ok_or_else(|| {
                inexact(
                    convert,
                    "at most two digits after the point, within 64 bits",
                )
            }),
        (Convert::CentsToDecimal, _) => Err(kind(Kind::Decimal)),
        (Convert::IntToBool, Value::Bool(truth)) => Ok(Value::Int(i64::from(*truth))),
        (Convert::IntToBool, _) => Err(kind(Kind::Bool)),
        (Convert::EpochSecondsToTimestamp, Value::Timestamp(micros)) => {
            whole(convert, *micros, 1_000_000, "whole seconds")
        }
        (Convert::EpochMillisToTimestamp, Value::Timestamp(micros)) => {
            whole(convert, *micros, 1_000, "whole milliseconds")
        }
        (Convert::EpochSecondsToTimestamp | Convert::EpochMillisToTimestamp, _) => {
            Err(kind(Kind::Timestamp))
        }
        (Convert::TextToUuid, _) => text(&value, Kind::Uuid).ok_or_else(|| kind(Kind::Uuid)),
        (Convert::TextToDecimal, _) => {
            text(&value, Kind::Decimal).ok_or_else(|| kind(Kind::Decimal))
        }
        (Convert::TextToInt, _) => text(&value, Kind::Int).ok_or_else(|| kind(Kind::Int)),
        (Convert::TextToJson, _) => text(&value, Kind::Json).ok_or_else(|| kind(Kind::Json)),
        (Convert::TextToTimestamp, _) => {
            text(&value, Kind::Timestamp).ok_or_else(|| kind(Kind::Timestamp))
        }
    }
}

fn whole(
    convert: Convert,
    micros: i64,
    factor: i64,
    expected: &'static str,
) -> Result<Value, ConvertError> {
    if micros % factor == 0 {
        Ok(Value::Int(micros / factor))
    } else {
        Err(inexact(convert, expected))
    }
}

fn text(value: &Value, kind: Kind) -> Option<Value> {
    (value.kind() == Some(kind))
        .then(|| value.to_text())
        .flatten()
        .map(Value::Text)
}
