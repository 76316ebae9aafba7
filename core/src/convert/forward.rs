//! From legacy to new.

use super::{Convert, ConvertError};
use crate::value::{Decimal, Kind, Value};

pub(super) fn forward(convert: Convert, value: Value) -> Result<Value, ConvertError> {
    if value.is_null() {
        return Ok(value);
    }
    let forwarded = match convert {
        Convert::None => return Ok(value),
        Convert::CentsToDecimal => {
            Value::Decimal(Decimal::from_scaled(int(convert, &value)?.into(), 2))
        }
        Convert::IntToBool => match int(convert, &value)? {
            0 => Value::Bool(false),
            1 => Value::Bool(true),
            _ => return Err(inexact(convert, "0 or 1")),
        },
        Convert::EpochSecondsToTimestamp => timestamp(convert, &value, 1_000_000)?,
        Convert::EpochMillisToTimestamp => timestamp(convert, &value, 1_000)?,
        Convert::TextToUuid => text(convert, &value, Kind::Uuid, "lower case with dashes")?,
        Convert::TextToDecimal => text(
            convert,
            &value,
            Kind::Decimal,
            "plain digits without superfluous zeros, like -12.5",
        )?,
        Convert::TextToInt => text(
            convert,
            &value,
            Kind::Int,
            "plain digits without leading zeros, within 64 bits",
        )?,
        Convert::TextToJson => text(
            convert,
            &value,
            Kind::Json,
            "JSON with sorted keys and no spaces",
        )?,
        Convert::TextToTimestamp => text(
            convert,
            &value,
            Kind::Timestamp,
            "a form like 2026-01-31T23:59:59.123456Z",
        )?,
    };
    Ok(forwarded)
}

fn int(convert: Convert, value: &Value) -> Result<i64, ConvertError> {
    if let Value::Int(number) = value {
        Ok(*number)
    } else {
        Err(ConvertError::Kind {
            convert,
            expected: Kind::Int,
            got: value.kind_word(),
        })
    }
}

fn timestamp(convert: Convert, value: &Value, factor: i64) -> Result<Value, ConvertError> {
    let micros = int(convert, value)?.checked_mul(factor);
    micros
        .map(Value::Timestamp)
        .filter(Value::is_in_range)
        .ok_or_else(|| inexact(convert, "an instant between the years 0 and 9999"))
}

/// Text that is exactly what the converted value is written as, so that going
/// back gives the same text.
fn text(
    convert: Convert,
    value: &Value,
    kind: Kind,
    expected: &'static str,
) -> Result<Value, ConvertError> {
    let Value::Text(text) = value else {
        return Err(ConvertError::Kind {
            convert,
            expected: Kind::Text,
            got: value.kind_word(),
        });
    };
    let parsed = Value::from_text(kind, text).map_err(|_| inexact(convert, expected))?;
    if parsed.to_text().as_ref() == Some(text) {
        Ok(parsed)
    } else {
        Err(inexact(convert, expected))
    }
}

pub(super) const fn inexact(convert: Convert, expected: &'static str) -> ConvertError {
    ConvertError::Inexact { convert, expected }
}
