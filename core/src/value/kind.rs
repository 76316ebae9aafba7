//! The types of values.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The database-neutral type of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// True or false.
    Bool,
    /// A signed integer of up to 64 bits.
    Int,
    /// An unsigned integer of up to 64 bits.
    UInt,
    /// An exact decimal.
    Decimal,
    /// A binary floating point number of up to 64 bits.
    Float,
    /// Text.
    Text,
    /// Bytes.
    Bytes,
    /// A UUID.
    Uuid,
    /// An instant, with microseconds.
    Timestamp,
    /// A date and time without zone, with microseconds.
    DateTime,
    /// A date.
    Date,
    /// A time of day, with microseconds.
    Time,
    /// A JSON document.
    Json,
}

impl Kind {
    /// Every kind, for lists and tests.
    pub const ALL: [Self; 13] = [
        Self::Bool,
        Self::Int,
        Self::UInt,
        Self::Decimal,
        Self::Float,
        Self::Text,
        Self::Bytes,
        Self::Uuid,
        Self::Timestamp,
        Self::DateTime,
        Self::Date,
        Self::Time,
        Self::Json,
    ];

    /// The word that users read.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Bool => "bool",
            Self::Int => "int",
            Self::UInt => "uint",
            Self::Decimal => "decimal",
            Self::Float => "float",
            Self::Text => "text",
            Self::Bytes => "bytes",
            Self::Uuid => "uuid",
            Self::Timestamp => "timestamp",
            Self::DateTime => "datetime",
            Self::Date => "date",
            Self::Time => "time",
            Self::Json => "json",
        }
    }

    /// The kind that a word stands for.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }

    /// Whether values of this kind can be part of a key: those that have one
    /// order and one equality on every engine. Floats and JSON have neither.
    #[must_use]
    pub const fn is_key(self) -> bool {
        !matches!(self, Self::Float | Self::Json)
    }

    /// Whether all engines put values of this kind in the same order, so that
    /// one can be asked to be at least another. Text has as many orders as
    /// there are collations; floats have NaN.
    #[must_use]
    pub const fn is_ordered(self) -> bool {
        matches!(
            self,
            Self::Int | Self::UInt | Self::Decimal | Self::Timestamp | Self::DateTime | Self::Date
        )
    }

    /// Whether a column of this kind can be incremented.
    #[must_use]
    pub const fn is_number(self) -> bool {
        matches!(self, Self::Int | Self::UInt | Self::Decimal | Self::Float)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
