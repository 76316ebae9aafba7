//! One value. What the wire carries as text is checked here, and told back in
//! its canonical form.

use dualwrite_core::value::{Kind, Value};

use super::WireError;
use crate::v1;
use crate::v1::value::Kind as Wire;

impl TryFrom<v1::Value> for Value {
    type Error = WireError;

    fn try_from(value: v1::Value) -> Result<Self, WireError> {
        let kind = value.kind.ok_or_else(|| {
            WireError::new("holds no value; expected one of its kinds, `null` for NULL")
        })?;
        match kind {
            Wire::Null(true) => Ok(Self::Null),
            Wire::Null(false) => Err(WireError::new(
                "`null` is false; expected true, or another kind of value",
            )),
            Wire::Boolean(v) => Ok(Self::Bool(v)),
            Wire::Integer(v) => Ok(Self::Int(v)),
            Wire::Unsigned(v) => Ok(Self::UInt(v)),
            Wire::Float(v) => Ok(Self::Float(v)),
            Wire::Text(v) => Ok(Self::Text(v)),
            Wire::Bytes(v) => Ok(Self::Bytes(v)),
            Wire::Decimal(text) => parse(Kind::Decimal, &text),
            Wire::Uuid(text) => parse(Kind::Uuid, &text),
            Wire::Timestamp(text) => parse(Kind::Timestamp, &text),
            Wire::Datetime(text) => parse(Kind::DateTime, &text),
            Wire::Date(text) => parse(Kind::Date, &text),
            Wire::Time(text) => parse(Kind::Time, &text),
            Wire::Json(text) => parse(Kind::Json, &text),
        }
    }
}

fn parse(kind: Kind, text: &str) -> Result<Value, WireError> {
    Value::from_text(kind, text).map_err(|error| WireError::new(error.to_string()))
}

impl From<Value> for v1::Value {
    fn from(value: Value) -> Self {
        let text = match value.kind() {
            Some(
                Kind::Decimal
                | Kind::Uuid
                | Kind::Timestamp
                | Kind::DateTime
                | Kind::Date
                | Kind::Time,
            ) => value.to_text().unwrap_or_default(),
            None
            | Some(
                Kind::Bool
                | Kind::Int
                | Kind::UInt
                | Kind::Float
                | Kind::Text
                | Kind::Bytes
                | Kind::Json,
            ) => String::new(),
        };
        let kind = match value {
            Value::Null => Wire::Null(true),
            Value::Bool(v) => Wire::Boolean(v),
            Value::Int(v) => Wire::Integer(v),
            Value::UInt(v) => Wire::Unsigned(v),
            Value::Decimal(_) => Wire::Decimal(text),
            Value::Float(v) => Wire::Float(v),
            Value::Text(v) => Wire::Text(v),
            Value::Bytes(v) => Wire::Bytes(v),
            Value::Uuid(_) => Wire::Uuid(text),
            Value::Timestamp(_) => Wire::Timestamp(text),
            Value::DateTime(_) => Wire::Datetime(text),
            Value::Date(_) => Wire::Date(text),
            Value::Time(_) => Wire::Time(text),
            Value::Json(v) => Wire::Json(v),
        };
        Self { kind: Some(kind) }
    }
}
