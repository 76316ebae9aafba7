//! Whether a column keeps a value exactly. What the server refuses by itself
//! (numbers out of range, texts that are too long) is left to it.

use dualwrite_core::value::{Decimal, Value};

use crate::types::Native;

/// The instants that a `timestamp` can hold: behind 1970-01-01T00:00:00Z, which
/// stands for a zero date, and no later than the earliest end among servers.
const TIMESTAMPS: std::ops::RangeInclusive<i64> = 1_000_000..=2_147_483_647_999_999;

/// Nothing, or why the column would change the value.
pub(super) fn fits(native: &Native, value: &Value) -> Result<(), String> {
    if !value.is_in_range() {
        return Err("expected a year from 0000 to 9999, or a time of day".to_owned());
    }
    match value {
        Value::Float(float) => self::float(native, *float),
        Value::Decimal(decimal) => self::decimal(native, decimal),
        Value::Text(text) => self::text(native, text),
        Value::Bytes(bytes) => self::bytes(native, bytes),
        Value::Timestamp(micros) if !TIMESTAMPS.contains(micros) => Err(
            "a timestamp here holds 1970-01-01T00:00:01Z to 2038-01-19T03:14:07Z: declare the \
             column datetime(6)"
                .to_owned(),
        ),
        Value::Timestamp(micros) | Value::DateTime(micros) | Value::Time(micros) => {
            seconds(native, *micros)
        }
        Value::Null
        | Value::Bool(_)
        | Value::Int(_)
        | Value::UInt(_)
        | Value::Uuid(_)
        | Value::Date(_)
        | Value::Json(_) => Ok(()),
    }
}

fn float(native: &Native, float: f64) -> Result<(), String> {
    if !float.is_finite() {
        return Err("the server holds neither NaN nor infinity".to_owned());
    }
    #[expect(
        clippy::cast_possible_truncation,
        reason = "to see whether anything is lost"
    )]
    let narrow = f64::from(float as f32);
    if native.word == "float" && narrow.to_bits() != float.to_bits() {
        return Err("a float has 24 bits of precision: declare the column double".to_owned());
    }
    Ok(())
}

fn decimal(native: &Native, decimal: &Decimal) -> Result<(), String> {
    let (_, whole, fraction) = decimal.parts();
    let whole = whole.trim_start_matches('0').len();
    let most = |digits: u32| usize::try_from(digits).unwrap_or(usize::MAX);
    if whole <= most(native.whole_digits()) && fraction.len() <= most(native.scale()) {
        return Ok(());
    }
    Err(format!(
        "expected at most {} digits before the point and {} after it",
        native.whole_digits(),
        native.scale()
    ))
}

fn text(native: &Native, text: &str) -> Result<(), String> {
    let most = |number: Option<u32>| number.and_then(|n| usize::try_from(n).ok());
    match native.word.as_str() {
        "enum" if !native.members.iter().any(|member| member == text) => {
            Err("expected a member of the enumeration, written as it is declared".to_owned())
        }
        "char" if text.ends_with(' ') => {
            Err("a char loses blanks at its end: declare the column varchar".to_owned())
        }
        "char" | "varchar" => match most(native.first()) {
            Some(length) if text.chars().count() > length => {
                Err(format!("expected at most {length} characters"))
            }
            Some(_) | None => Ok(()),
        },
        // Blanks beyond the end are cut off with no more than a note.
        word if text.ends_with(' ') && text.len() > text_bytes(word) => {
            Err(format!("expected at most {} bytes", text_bytes(word)))
        }
        _ => Ok(()),
    }
}

fn text_bytes(word: &str) -> usize {
    match word {
        "tinytext" => 255,
        "text" => 65_535,
        "mediumtext" => 16_777_215,
        _ => usize::MAX,
    }
}

fn bytes(native: &Native, bytes: &[u8]) -> Result<(), String> {
    let length = native.first().and_then(|n| usize::try_from(n).ok());
    match length {
        Some(length) if native.word == "binary" && bytes.len() != length => Err(format!(
            "a binary is filled up with zero bytes: expected exactly {length}, or a varbinary"
        )),
        Some(_) | None => Ok(()),
    }
}

fn seconds(native: &Native, micros: i64) -> Result<(), String> {
    let digits = native.second_digits();
    let step = 10_i64.pow(6 - digits);
    if micros % step == 0 {
        return Ok(());
    }
    Err(format!(
        "the column keeps {digits} digits of a second's fraction: declare it {}(6)",
        native.word
    ))
}
