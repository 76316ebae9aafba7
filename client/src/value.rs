//! Between Rust's types and a row's values.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use dualwrite_core::value::{Decimal, Kind, Value, ValueError};

/// A Rust value that a field can be set to.
///
/// The sidecar takes a value when it means exactly one value of the field's
/// kind: a whole number for a decimal, text for a UUID.
pub trait IntoValue {
    /// The value.
    fn into_value(self) -> Value;
}

/// A Rust value that a field can be read as.
pub trait FromValue: Sized {
    /// Reads it. Exact, or refused.
    ///
    /// # Errors
    /// [`ValueError`] when the field holds NULL or something else.
    fn from_value(value: &Value) -> Result<Self, ValueError>;
}

// === impl IntoValue ===

macro_rules! into_value {
    ($($from:ty => |$value:ident| $into:expr),* $(,)?) => {
        $(impl IntoValue for $from {
            fn into_value(self) -> Value {
                let $value = self;
                $into
            }
        })*
    };
}

into_value! {
    Value => |v| v,
    bool => |v| Value::Bool(v),
    i8 => |v| Value::Int(v.into()),
    i16 => |v| Value::Int(v.into()),
    i32 => |v| Value::Int(v.into()),
    i64 => |v| Value::Int(v),
    u8 => |v| Value::Int(v.into()),
    u16 => |v| Value::Int(v.into()),
    u32 => |v| Value::Int(v.into()),
    u64 => |v| Value::UInt(v),
    f32 => |v| Value::Float(v.into()),
    f64 => |v| Value::Float(v),
    &str => |v| Value::Text(v.to_owned()),
    String => |v| Value::Text(v),
    &String => |v| Value::Text(v.clone()),
    Vec<u8> => |v| Value::Bytes(v),
    &[u8] => |v| Value::Bytes(v.to_owned()),
    Decimal => |v| Value::Decimal(v),
    uuid::Uuid => |v| Value::Uuid(v.into_bytes()),
    serde_json::Value => |v| json(&v),
    // To the microsecond, which is what databases hold.
    SystemTime => |v| Value::Timestamp(micros(v)),
}

impl<T: IntoValue> IntoValue for Option<T> {
    fn into_value(self) -> Value {
        self.map_or(Value::Null, IntoValue::into_value)
    }
}

fn json(document: &serde_json::Value) -> Value {
    let text = document.to_string();
    // What serde_json writes is JSON; were it not, the sidecar would say so.
    Value::json(&text).unwrap_or(Value::Json(text))
}

fn micros(time: SystemTime) -> i64 {
    let whole = |duration: Duration| i64::try_from(duration.as_micros()).unwrap_or(i64::MAX);
    match time.duration_since(UNIX_EPOCH) {
        Ok(after) => whole(after),
        Err(before) => -whole(before.duration()),
    }
}

// === impl FromValue ===

/// The value as `kind`; NULL is refused.
fn read(value: &Value, kind: Kind) -> Result<Value, ValueError> {
    let read = value.clone().coerce(kind)?;
    if read.is_null() {
        return Err(mismatch(kind, value));
    }
    Ok(read)
}

fn mismatch(expected: Kind, value: &Value) -> ValueError {
    ValueError::Mismatch {
        expected,
        got: value.kind_word(),
    }
}

macro_rules! from_value {
    ($($into:ty => $kind:ident, $pattern:pat => $read:expr),* $(,)?) => {
        $(impl FromValue for $into {
            fn from_value(value: &Value) -> Result<Self, ValueError> {
                let kind = Kind::$kind;
                if let $pattern = read(value, kind)? {
                    return $read;
                }
                Err(mismatch(kind, value))
            }
        })*
    };
}

from_value! {
    bool => Bool, Value::Bool(v) => Ok(v),
    i64 => Int, Value::Int(v) => Ok(v),
    u64 => UInt, Value::UInt(v) => Ok(v),
    i32 => Int, Value::Int(v) => v.try_into().map_err(|_| too_far("a number of 32 bits")),
    u32 => Int, Value::Int(v) => v.try_into().map_err(|_| too_far("a positive number of 32 bits")),
    f64 => Float, Value::Float(v) => Ok(v),
    String => Text, Value::Text(v) => Ok(v),
    Vec<u8> => Bytes, Value::Bytes(v) => Ok(v),
    Decimal => Decimal, Value::Decimal(v) => Ok(v),
    uuid::Uuid => Uuid, Value::Uuid(v) => Ok(Self::from_bytes(v)),
    SystemTime => Timestamp, Value::Timestamp(v) => Ok(instant(v)),
    serde_json::Value => Json, Value::Json(v) => serde_json::from_str(&v)
        .map_err(|_| ValueError::Malformed { kind: Kind::Json, expected: "JSON" }),
}

impl FromValue for Value {
    fn from_value(value: &Value) -> Result<Self, ValueError> {
        Ok(value.clone())
    }
}

impl<T: FromValue> FromValue for Option<T> {
    fn from_value(value: &Value) -> Result<Self, ValueError> {
        if value.is_null() {
            Ok(None)
        } else {
            T::from_value(value).map(Some)
        }
    }
}

const fn too_far(expected: &'static str) -> ValueError {
    ValueError::OutOfRange {
        kind: Kind::Int,
        expected,
    }
}

fn instant(micros: i64) -> SystemTime {
    let distance = Duration::from_micros(micros.unsigned_abs());
    if micros < 0 {
        UNIX_EPOCH - distance
    } else {
        UNIX_EPOCH + distance
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_set_is_read_back() {
        fn same<T: IntoValue + FromValue + Clone + PartialEq + std::fmt::Debug>(value: T) {
            assert_eq!(T::from_value(&value.clone().into_value()), Ok(value));
        }
        same(true);
        same(i64::MIN);
        same(u64::MAX);
        same(7_i32);
        same(-0.5_f64);
        same("text".to_owned());
        same(vec![0_u8, 255]);
        same(Decimal::parse("12.50").unwrap());
        same(uuid::Uuid::from_u128(7));
        same(UNIX_EPOCH - Duration::from_micros(1));
        same(serde_json::json!({ "b": [1, null], "a": "x" }));
        same(Some(1_i64));
        same(None::<String>);
    }

    #[test]
    fn null_and_other_kinds_are_refused_without_the_value() {
        let error = i64::from_value(&Value::Null).unwrap_err().to_string();
        assert_eq!(error, "expected int, got null");
        let error = bool::from_value(&Value::Text("secret".into()))
            .unwrap_err()
            .to_string();
        assert!(!error.contains("secret"), "{error}");
        assert!(i32::from_value(&Value::Int(i64::MAX)).is_err());
        assert!(u32::from_value(&Value::Int(-1)).is_err());
    }
}
