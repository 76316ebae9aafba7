//! The values of a probe's row.

use super::fits::{fits, length, pads};
use crate::mapping::{EntityMap, Field};
use crate::side::Side;
use crate::value::{Kind, Value};

/// Which row of a probe.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Variant {
    /// Every field has a telling value.
    Full,
    /// NULL wherever the field may be NULL.
    Sparse,
}

/// No value is known that both sides could hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "no sample is known for {entity}.{field} ({legacy} on legacy, {new} on new), and it may not be NULL"
)]
pub struct NoSample {
    /// The probe.
    pub entity: String,
    /// The field.
    pub field: String,
    /// Its type on legacy.
    pub legacy: String,
    /// Its type on new.
    pub new: String,
}

/// A canonical row for a probe, its key made of `salt`: for each field the most
/// telling value that goes to both sides and comes back as it was.
///
/// # Errors
/// [`NoSample`] for a field that may not be NULL and whose type is not known
/// well enough, as an enum's.
pub fn values(entity: &EntityMap, salt: u64, variant: Variant) -> Result<Vec<Value>, NoSample> {
    let each = entity.fields.iter().enumerate();
    each.map(|(index, field)| {
        if entity.key.contains(&index) {
            return pick(entity, index, of_key(entity, index, salt));
        }
        if variant == Variant::Sparse && may_be_null(entity, index) {
            return Ok(Value::Null);
        }
        pick(entity, index, telling(entity, index, field))
    })
    .collect()
}

/// The first candidate that both sides hold.
fn pick(entity: &EntityMap, index: usize, candidates: Vec<Value>) -> Result<Value, NoSample> {
    let held = |value: &Value| {
        Side::BOTH
            .into_iter()
            .all(|side| holds(entity, side, index, value))
    };
    let found = candidates.into_iter().find(held);
    if let Some(value) = found {
        return Ok(value);
    }
    if may_be_null(entity, index) && !entity.key.contains(&index) {
        return Ok(Value::Null);
    }
    let native = |side| entity.table(side).columns[index].native.clone();
    Err(NoSample {
        entity: entity.name.to_string(),
        field: entity.fields[index].name.clone(),
        legacy: native(Side::Legacy),
        new: native(Side::New),
    })
}

/// Whether the value goes to this side and comes back as it was.
fn holds(entity: &EntityMap, side: Side, index: usize, value: &Value) -> bool {
    let Ok(stored) = entity.value_to_side(side, index, value.clone()) else {
        return false;
    };
    fits(&entity.table(side).columns[index].native, &stored)
        && entity
            .value_from_side(side, index, stored)
            .is_ok_and(|back| back == *value)
}

fn may_be_null(entity: &EntityMap, index: usize) -> bool {
    entity.fields[index].nullable
}

/// Telling values of a field, the most telling first.
fn telling(entity: &EntityMap, index: usize, field: &Field) -> Vec<Value> {
    let texts = |words: &[&str]| of_texts(field.kind, words);
    match field.kind {
        Kind::Bool => vec![Value::Bool(true)],
        Kind::Int => [-1_234_567_890_123, -1_234_567_890, -12_345, -7, 7, 1]
            .map(Value::Int)
            .to_vec(),
        Kind::UInt => [1_234_567_890_123, 1_234_567_890, 12_345, 7, 1]
            .map(Value::UInt)
            .to_vec(),
        Kind::Decimal => texts(&[
            "-1234567.0625",
            "-12345.67",
            "98.75",
            "7.25",
            "1.5",
            "7",
            "1",
        ]),
        Kind::Float => vec![Value::Float(-1234.5), Value::Float(0.5)],
        Kind::Text => of_length(entity, index, "Zoë ✓ 日本 – O'Brien"),
        Kind::Bytes => vec![Value::Bytes(vec![0, 1, 0x7f, 0x80, 0xff])],
        Kind::Uuid => texts(&["f81d4fae-7dec-11d0-a765-00a0c91e6bf6"]),
        Kind::Timestamp => texts(&[
            "2004-02-29T23:59:58.123456Z",
            "2004-02-29T23:59:58.123Z",
            "2004-02-29T23:59:58Z",
        ]),
        Kind::DateTime => texts(&[
            "2004-02-29T23:59:58.123456",
            "2004-02-29T23:59:58.123",
            "2004-02-29T23:59:58",
        ]),
        Kind::Date => texts(&["2004-02-29"]),
        Kind::Time => texts(&["23:59:58.123456", "23:59:58.123", "23:59:58"]),
        Kind::Json => texts(&[r#"{"name":"Zoë ✓","list":[1,2.5,null,true]}"#, "{}"]),
    }
}

/// Values of a key's field, unlike those of other salts.
fn of_key(entity: &EntityMap, index: usize, salt: u64) -> Vec<Value> {
    let kind = entity.fields[index].kind;
    let texts = |words: &[String]| {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        of_texts(kind, &words)
    };
    let small = |bits: u32| salt & ((1 << bits) - 1);
    let whole = |bits| i64::try_from(small(bits)).unwrap_or(0);
    let (second, micros) = (salt % 60, salt / 60 % 1_000_000);
    let (hour, minute, day) = (salt / 60 % 24, salt / 1_440 % 60, salt / 86_400 % 28 + 1);
    match kind {
        Kind::Bool => vec![Value::Bool(salt % 2 == 1)],
        Kind::Int => [62, 31, 15, 7].map(|bits| Value::Int(whole(bits))).to_vec(),
        Kind::UInt => [62, 31, 15, 7]
            .map(|bits| Value::UInt(small(bits)))
            .to_vec(),
        Kind::Decimal | Kind::Float | Kind::Json => {
            texts(&[62, 31, 15, 7, 3].map(|bits| small(bits).to_string()))
        }
        Kind::Text => of_length(entity, index, &format!("probe-é-{salt:016x}")),
        Kind::Bytes => vec![Value::Bytes(salt.to_be_bytes().to_vec())],
        Kind::Uuid => {
            let mut bytes = [0; 16];
            bytes[..8].copy_from_slice(&salt.to_be_bytes());
            bytes[8..].copy_from_slice(&salt.rotate_left(29).to_be_bytes());
            vec![Value::Uuid(bytes)]
        }
        Kind::Timestamp => texts(&[
            format!("2004-02-{day:02}T{hour:02}:{minute:02}:{second:02}.{micros:06}Z"),
            format!("2004-02-{day:02}T{hour:02}:{minute:02}:{second:02}Z"),
        ]),
        Kind::DateTime => texts(&[
            format!("2004-02-{day:02}T{hour:02}:{minute:02}:{second:02}.{micros:06}"),
            format!("2004-02-{day:02}T{hour:02}:{minute:02}:{second:02}"),
        ]),
        Kind::Date => vec![Value::Date(i32::try_from(salt % 100_000).unwrap_or(0))],
        Kind::Time => texts(&[
            format!("{hour:02}:{minute:02}:{second:02}.{micros:06}"),
            format!("{hour:02}:{minute:02}:{second:02}"),
        ]),
    }
}

/// Text of the length that both sides have room for. What tells most stands
/// first in a text and differs most at its end: a short column of a key takes
/// the end.
fn of_length(entity: &EntityMap, index: usize, text: &str) -> Vec<Value> {
    let native = |side| entity.table(side).columns[index].native.as_str();
    let lengths = Side::BOTH.map(|side| length(native(side)));
    let Some(room) = lengths.into_iter().flatten().min() else {
        return vec![Value::Text(text.to_owned())];
    };
    let has = text.chars().count();
    let skip = if entity.key.contains(&index) {
        has.saturating_sub(room)
    } else {
        0
    };
    let mut cut: String = text.chars().skip(skip).take(room).collect();
    if Side::BOTH.into_iter().any(|side| pads(native(side))) {
        let short = room.saturating_sub(cut.chars().count());
        cut.extend(std::iter::repeat_n('x', short));
    }
    // A cut can leave a blank at the end, which a padding type would not tell
    // from its own.
    vec![Value::Text(cut.trim_end().to_owned()), Value::Text(cut)]
}

fn of_texts(kind: Kind, words: &[&str]) -> Vec<Value> {
    let each = words.iter();
    each.filter_map(|word| Value::Text((*word).to_owned()).coerce(kind).ok())
        .collect()
}
