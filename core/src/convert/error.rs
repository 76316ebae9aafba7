//! Why a value was not converted, or a name is none.

use super::Convert;
use crate::value::{Kind, ValueError};

/// A value that cannot be converted exactly. Never holds the value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConvertError {
    /// The value is of another kind than the conversion takes.
    #[error("{convert} takes {expected}, got {got}")]
    Kind {
        /// The conversion.
        convert: Convert,
        /// What it takes.
        expected: Kind,
        /// What it was given.
        got: &'static str,
    },
    /// The value has no exact counterpart on the other side.
    #[error("{convert} cannot convert this value: expected {expected}")]
    Inexact {
        /// The conversion.
        convert: Convert,
        /// What would be right.
        expected: &'static str,
    },
    /// Without a conversion, the value does not fit the other side's kind.
    #[error("the value does not carry over: {0}")]
    Carry(#[from] ValueError),
    /// A column of this conversion cannot be incremented.
    #[error("a column that is {kind} here cannot be incremented{}", by_convert(*.convert))]
    NotIncrementable {
        /// The kind of the column where the increment was asked for.
        kind: Kind,
        /// Its conversion.
        convert: Convert,
    },
    /// The two databases have no common order of this column's values.
    #[error(
        "a column that is {kind} here has no order to be `at_least` in{}; \
         int, uint, decimal, timestamp, datetime and date have one, without a conversion from text",
        by_convert(*.convert)
    )]
    NotOrdered {
        /// The kind of the column where the bound was asked for.
        kind: Kind,
        /// Its conversion.
        convert: Convert,
    },
    /// Nothing is at least NULL.
    #[error("NULL is no bound: no value is at least NULL; `only_if` asks for NULL")]
    NullBound,
    /// One column of a row could not be converted.
    #[error("{entity}.{field}: {source}")]
    Field {
        /// The entity.
        entity: String,
        /// The field (the column's name on the new side).
        field: String,
        /// What is wrong with it.
        source: Box<ConvertError>,
    },
    /// A row has another number of values than its entity has fields.
    #[error("a row of {entity} has {expected} values, got {got}")]
    Arity {
        /// The entity.
        entity: String,
        /// How many fields it has.
        expected: usize,
        /// How many values were given.
        got: usize,
    },
}

/// A word that names no conversion.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{word}` is no conversion; {hint}; conversions are {}", Convert::names().join(", "))]
pub struct UnknownConvert {
    /// What was given.
    pub word: String,
    /// The nearest name, or where to look.
    pub hint: String,
}

fn by_convert(convert: Convert) -> String {
    if convert.is_none() {
        String::new()
    } else {
        format!(" (its conversion is {convert})")
    }
}
