//! Database-neutral values: what a row is made of between two databases.
//!
//! A value keeps everything its column can hold (64-bit integers of both
//! signs, decimals of any precision, microseconds) or is refused with a
//! [`ValueError`]; it is never rounded. Read in this order: [`Kind`] (the
//! types), [`Value`], then its text form (`value/text.rs`) and what
//! applications may send for a kind (`value/coerce.rs`).

mod calendar;
mod coerce;
mod decimal;
mod error;
mod json;
mod kind;
mod order;
mod stored;
mod text;

#[cfg(test)]
mod tests;

#[cfg(test)]
pub(crate) use tests::any_value;

use std::fmt;
use std::hash::{Hash, Hasher};

pub use decimal::{Decimal, DecimalError};
pub use error::ValueError;
pub use kind::Kind;

/// One value of a row.
///
/// Equality is the equality of stored rows: floats compare by their bits after
/// `-0.0` is taken as `0.0` and every NaN as the same NaN, because not every
/// engine keeps those apart; everything else compares exactly, and values of
/// different kinds are never equal.
///
/// `Debug` shows the value in debug builds, for the sake of failing tests, and
/// only its kind in release builds, so that no log can ever hold row data.
#[derive(Clone)]
pub enum Value {
    /// SQL NULL, of any kind.
    Null,
    /// True or false.
    Bool(bool),
    /// A signed integer.
    Int(i64),
    /// An unsigned integer.
    UInt(u64),
    /// An exact decimal of any precision.
    Decimal(Decimal),
    /// A binary floating point number.
    Float(f64),
    /// Text, exactly as stored.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
    /// A UUID, in network byte order.
    Uuid([u8; 16]),
    /// An instant: microseconds since 1970-01-01T00:00:00Z.
    Timestamp(i64),
    /// A date and time without zone: microseconds since 1970-01-01T00:00:00.
    DateTime(i64),
    /// A date: days since 1970-01-01.
    Date(i32),
    /// A time of day: microseconds since midnight, 24:00:00 included.
    Time(i64),
    /// JSON text in canonical form: keys sorted, no spaces, numbers exactly as
    /// they were written. Make it with [`Value::json`].
    Json(String),
}

impl Value {
    /// JSON in canonical form, so that equal documents are equal values.
    ///
    /// # Errors
    /// [`ValueError::Malformed`] when the text is no JSON.
    pub fn json(text: &str) -> Result<Self, ValueError> {
        json::canonical(text).map(Self::Json)
    }

    /// The kind of a value; `None` for NULL, which has none.
    #[must_use]
    pub const fn kind(&self) -> Option<Kind> {
        match self {
            Self::Null => None,
            Self::Bool(_) => Some(Kind::Bool),
            Self::Int(_) => Some(Kind::Int),
            Self::UInt(_) => Some(Kind::UInt),
            Self::Decimal(_) => Some(Kind::Decimal),
            Self::Float(_) => Some(Kind::Float),
            Self::Text(_) => Some(Kind::Text),
            Self::Bytes(_) => Some(Kind::Bytes),
            Self::Uuid(_) => Some(Kind::Uuid),
            Self::Timestamp(_) => Some(Kind::Timestamp),
            Self::DateTime(_) => Some(Kind::DateTime),
            Self::Date(_) => Some(Kind::Date),
            Self::Time(_) => Some(Kind::Time),
            Self::Json(_) => Some(Kind::Json),
        }
    }

    /// The word for a value's kind in messages: `null` for NULL.
    #[must_use]
    pub const fn kind_word(&self) -> &'static str {
        match self.kind() {
            Some(kind) => kind.as_str(),
            None => "null",
        }
    }

    /// Whether this is NULL.
    #[must_use]
    pub const fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// Whether the value is of this kind already; NULL fits every kind.
    #[must_use]
    pub fn fits(&self, kind: Kind) -> bool {
        self.kind().is_none_or(|own| own == kind)
    }
}

// === impl equality ===

/// The bits by which floats are compared: one zero, one NaN.
fn float_bits(float: f64) -> u64 {
    if float == 0.0 {
        0
    } else if float.is_nan() {
        f64::NAN.to_bits()
    } else {
        float.to_bits()
    }
}

impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Null, Self::Null) => true,
            (Self::Bool(a), Self::Bool(b)) => a == b,
            (Self::Int(a), Self::Int(b))
            | (Self::Timestamp(a), Self::Timestamp(b))
            | (Self::DateTime(a), Self::DateTime(b))
            | (Self::Time(a), Self::Time(b)) => a == b,
            (Self::UInt(a), Self::UInt(b)) => a == b,
            (Self::Decimal(a), Self::Decimal(b)) => a == b,
            (Self::Float(a), Self::Float(b)) => float_bits(*a) == float_bits(*b),
            (Self::Text(a), Self::Text(b)) | (Self::Json(a), Self::Json(b)) => a == b,
            (Self::Bytes(a), Self::Bytes(b)) => a == b,
            (Self::Uuid(a), Self::Uuid(b)) => a == b,
            (Self::Date(a), Self::Date(b)) => a == b,
            _ => false,
        }
    }
}

impl Eq for Value {}

impl Hash for Value {
    fn hash<H: Hasher>(&self, state: &mut H) {
        std::mem::discriminant(self).hash(state);
        match self {
            Self::Null => {}
            Self::Bool(v) => v.hash(state),
            Self::Int(v) | Self::Timestamp(v) | Self::DateTime(v) | Self::Time(v) => v.hash(state),
            Self::UInt(v) => v.hash(state),
            Self::Decimal(v) => v.hash(state),
            Self::Float(v) => float_bits(*v).hash(state),
            Self::Text(v) | Self::Json(v) => v.hash(state),
            Self::Bytes(v) => v.hash(state),
            Self::Uuid(v) => v.hash(state),
            Self::Date(v) => v.hash(state),
        }
    }
}

// === impl Debug ===

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.to_text() {
            None => f.write_str("null"),
            Some(text) if cfg!(debug_assertions) => write!(f, "{}({text:?})", self.kind_word()),
            Some(_) => write!(f, "{}(..)", self.kind_word()),
        }
    }
}
