//! What an application may send for a field, beyond a value of its very kind.
//!
//! Clients of many languages have fewer types than databases: a decimal
//! arrives as text or as a whole number, a UUID as text. Each such value is
//! taken when it means exactly one value of the field's kind, and refused with
//! what would be right otherwise.

use super::text::out_of_range;
use super::{Decimal, Kind, Value, ValueError};

/// Whole numbers up to this are exact in a float: 2^53.
const EXACT_IN_FLOAT: u64 = 9_007_199_254_740_992;

impl Value {
    /// This value as a value of `kind`: itself when it is one (or NULL), an
    /// exact number of another numeric kind, 0 or 1 for a truth value, or text
    /// in the form of the kind.
    ///
    /// # Errors
    /// [`ValueError`], which says what was expected and what kind was given,
    /// and never the value.
    pub fn coerce(self, kind: Kind) -> Result<Self, ValueError> {
        if self.fits(kind) {
            return if self.is_in_range() {
                Ok(self)
            } else {
                Err(out_of_range(
                    kind,
                    "a year from 0000 to 9999, a time from 00:00 to 24:00",
                ))
            };
        }
        let got = self.kind_word();
        match (self, kind) {
            (Self::Int(v), Kind::UInt) => u64::try_from(v)
                .map(Self::UInt)
                .map_err(|_| out_of_range(kind, "a number that is not negative")),
            (Self::UInt(v), Kind::Int) => i64::try_from(v)
                .map(Self::Int)
                .map_err(|_| out_of_range(kind, "a number up to 2^63-1")),
            (Self::Int(v), Kind::Decimal) => Ok(Self::Decimal(Decimal::from(v))),
            (Self::UInt(v), Kind::Decimal) => Ok(Self::Decimal(Decimal::from(v))),
            (Self::Decimal(v), Kind::Int | Kind::UInt) => whole(&v, kind),
            (Self::Int(v), Kind::Float) => float(v.unsigned_abs(), v < 0),
            (Self::UInt(v), Kind::Float) => float(v, false),
            (Self::Int(0) | Self::UInt(0), Kind::Bool) => Ok(Self::Bool(false)),
            (Self::Int(1) | Self::UInt(1), Kind::Bool) => Ok(Self::Bool(true)),
            (Self::Int(_) | Self::UInt(_), Kind::Bool) => {
                Err(out_of_range(kind, "true, false, 0 or 1"))
            }
            (Self::Text(text), kind) if reads_text(kind) => Self::from_text(kind, &text),
            _ => Err(ValueError::Mismatch {
                expected: kind,
                got,
            }),
        }
    }
}

/// Kinds that are told as text where a client has no type for them. Not bool,
/// float and bytes: those every client has, and text for them is a mistake.
const fn reads_text(kind: Kind) -> bool {
    match kind {
        Kind::Int
        | Kind::UInt
        | Kind::Decimal
        | Kind::Uuid
        | Kind::Timestamp
        | Kind::DateTime
        | Kind::Date
        | Kind::Time
        | Kind::Json => true,
        Kind::Bool | Kind::Float | Kind::Text | Kind::Bytes => false,
    }
}

fn whole(decimal: &Decimal, kind: Kind) -> Result<Value, ValueError> {
    if decimal.scale() > 0 {
        return Err(out_of_range(
            kind,
            "a number without digits after the point",
        ));
    }
    Value::from_text(kind, decimal.as_str())
}

fn float(magnitude: u64, negative: bool) -> Result<Value, ValueError> {
    if magnitude > EXACT_IN_FLOAT {
        return Err(out_of_range(Kind::Float, "a whole number of at most 2^53"));
    }
    #[expect(
        clippy::cast_precision_loss,
        reason = "whole numbers up to 2^53 are exact"
    )]
    let float = magnitude as f64;
    Ok(Value::Float(if negative { -float } else { float }))
}
