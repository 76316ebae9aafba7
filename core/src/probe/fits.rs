//! Whether a column can hold a value, as far as its type's name says.

use crate::value::Value;

/// Whether a column of this native type can hold the value exactly. A type
/// whose name says nothing is taken to hold it.
pub(super) fn fits(native: &str, value: &Value) -> bool {
    let native = native.to_ascii_lowercase();
    match value {
        Value::Int(number) => {
            let number = i128::from(*number);
            bounds(&native).is_none_or(|(low, high)| (low..=high).contains(&number))
        }
        Value::UInt(number) => bounds(&native).is_none_or(|(_, high)| i128::from(*number) <= high),
        Value::Decimal(number) => decimal(&native, &number.to_string()),
        Value::Text(text) => self::text(&native, text),
        Value::Timestamp(micros) | Value::DateTime(micros) | Value::Time(micros) => {
            let digits = arguments(&native).first().copied().unwrap_or(6).min(6);
            let step = 10_i64.pow(6 - digits);
            micros % step == 0
        }
        Value::Null
        | Value::Bool(_)
        | Value::Float(_)
        | Value::Bytes(_)
        | Value::Uuid(_)
        | Value::Date(_)
        | Value::Json(_) => true,
    }
}

/// Exactly this many characters, where the type pads with blanks; at most this
/// many elsewhere.
pub(super) fn length(native: &str) -> Option<usize> {
    let native = native.to_ascii_lowercase();
    let of_characters = native.contains("char");
    let length = arguments(&native).first().copied()?;
    of_characters.then_some(usize::try_from(length).ok()?)
}

/// Whether the type pads its values with blanks.
pub(super) fn pads(native: &str) -> bool {
    let native = native.to_ascii_lowercase();
    native.contains("char") && !native.contains("var") && !native.contains("\"char\"")
}

/// The least and the greatest number of an integer type.
fn bounds(native: &str) -> Option<(i128, i128)> {
    let word = native.split(['(', ' ']).next().unwrap_or(native);
    let bits = match word {
        "smallint" | "int2" | "smallserial" => 15,
        "integer" | "int" | "int4" | "mediumint" | "serial" => 31,
        "tinyint" => 7,
        "bigint" | "int8" | "bigserial" => 63,
        _ => return None,
    };
    let limit = 1_i128 << bits;
    Some((-limit, limit - 1))
}

/// The digits before and after the point that `numeric(p, s)` leaves room for.
fn decimal(native: &str, text: &str) -> bool {
    let arguments = arguments(native);
    let Some(precision) = arguments.first() else {
        return true;
    };
    let scale = arguments.get(1).copied().unwrap_or(0);
    let digits = text.trim_start_matches('-');
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let whole = whole.trim_start_matches('0').len();
    let room = precision.saturating_sub(scale);
    u32::try_from(whole).is_ok_and(|whole| whole <= room)
        && u32::try_from(fraction.len()).is_ok_and(|fraction| fraction <= scale)
}

fn text(native: &str, text: &str) -> bool {
    let characters = text.chars().count();
    match length(native) {
        Some(length) if pads(native) => characters == length,
        Some(length) => characters <= length,
        // An enum, or a domain of somebody: only its own words fit, and they
        // are not known here.
        None => {
            ["char", "text", "clob", "string"]
                .iter()
                .any(|word| native.contains(word))
                || native.is_empty()
        }
    }
}

/// The numbers in the parentheses of a type.
fn arguments(native: &str) -> Vec<u32> {
    let inside = native
        .split_once('(')
        .and_then(|(_, rest)| rest.split_once(')'));
    let Some((inside, _)) = inside else {
        return Vec::new();
    };
    let each = inside.split(',');
    each.filter_map(|number| number.trim().parse().ok())
        .collect()
}
