//! Which kinds carry over without a named conversion.

use super::ConvertError;
use crate::value::{Kind, Value};

/// Whether values of one kind can stand in a column of the other without a
/// named conversion: the same kind, or two kinds of whole or decimal numbers.
/// Each value is still checked as it crosses, in both directions.
#[must_use]
pub const fn carries(legacy: Kind, new: Kind) -> bool {
    match (legacy, new) {
        (Kind::Int | Kind::UInt | Kind::Decimal, Kind::Int | Kind::UInt | Kind::Decimal)
        | (Kind::Bool, Kind::Bool)
        | (Kind::Float, Kind::Float)
        | (Kind::Text, Kind::Text)
        | (Kind::Bytes, Kind::Bytes)
        | (Kind::Uuid, Kind::Uuid)
        | (Kind::Timestamp, Kind::Timestamp)
        | (Kind::DateTime, Kind::DateTime)
        | (Kind::Date, Kind::Date)
        | (Kind::Time, Kind::Time)
        | (Kind::Json, Kind::Json) => true,
        (
            Kind::Bool
            | Kind::Int
            | Kind::UInt
            | Kind::Decimal
            | Kind::Float
            | Kind::Text
            | Kind::Bytes
            | Kind::Uuid
            | Kind::Timestamp
            | Kind::DateTime
            | Kind::Date
            | Kind::Time
            | Kind::Json,
            _,
        ) => false,
    }
}

/// The same value as a value of `to`. NULL stays NULL.
///
/// # Errors
/// [`ConvertError::Carry`] where the kinds do not carry over, or this value
/// does not fit the other kind exactly.
pub fn carry(value: Value, to: Kind) -> Result<Value, ConvertError> {
    match value.kind() {
        None => Ok(value),
        Some(from) if from == to => Ok(value),
        Some(from) if carries(from, to) => Ok(value.coerce(to)?),
        Some(from) => Err(ConvertError::Carry(crate::value::ValueError::Mismatch {
            expected: to,
            got: from.as_str(),
        })),
    }
}
