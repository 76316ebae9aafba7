//! Conversions between the two forms of a column: a closed list, each exact
//! and reversible, or refused value by value with a [`ConvertError`].
//!
//! A column needs none where its kinds carry over by themselves
//! ([`carries`]). To add one: a variant here with its name and kinds, its two
//! directions in `convert/forward.rs` and `convert/backward.rs`, a line in
//! docs/conversions.md; the round-trip property covers it at once.

mod backward;
mod carry;
mod error;
mod forward;

#[cfg(test)]
mod tests;

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::suggest;
use crate::value::{Kind, Value};

pub use carry::{carries, carry};
pub use error::{ConvertError, UnknownConvert};

/// How a column's legacy value becomes its new value, and back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Convert {
    /// The same value, or one that carries over exactly (see [`carries`]).
    #[default]
    None,
    /// An integer of hundredths becomes a decimal: 1250 is 12.5.
    CentsToDecimal,
    /// 0 and 1 become false and true.
    IntToBool,
    /// Seconds since 1970 become an instant.
    EpochSecondsToTimestamp,
    /// Milliseconds since 1970 become an instant.
    EpochMillisToTimestamp,
    /// Lower case text with dashes becomes a UUID.
    TextToUuid,
    /// Text in canonical form (no leading zeros, no trailing zeros of the
    /// fraction) becomes a decimal.
    TextToDecimal,
    /// Text in canonical form (no leading zeros, no plus) becomes an integer.
    TextToInt,
    /// Text in canonical form (sorted keys, no spaces) becomes JSON.
    TextToJson,
    /// Text like `2026-01-31T23:59:59.123456Z` becomes an instant.
    TextToTimestamp,
}

impl Convert {
    /// Every conversion, `none` first.
    pub const ALL: [Self; 10] = [
        Self::None,
        Self::CentsToDecimal,
        Self::IntToBool,
        Self::EpochSecondsToTimestamp,
        Self::EpochMillisToTimestamp,
        Self::TextToUuid,
        Self::TextToDecimal,
        Self::TextToInt,
        Self::TextToJson,
        Self::TextToTimestamp,
    ];

    /// The name that a manifest gives.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::CentsToDecimal => "cents_to_decimal",
            Self::IntToBool => "int_to_bool",
            Self::EpochSecondsToTimestamp => "epoch_seconds_to_timestamp",
            Self::EpochMillisToTimestamp => "epoch_millis_to_timestamp",
            Self::TextToUuid => "text_to_uuid",
            Self::TextToDecimal => "text_to_decimal",
            Self::TextToInt => "text_to_int",
            Self::TextToJson => "text_to_json",
            Self::TextToTimestamp => "text_to_timestamp",
        }
    }

    /// The names of all conversions.
    #[must_use]
    pub fn names() -> Vec<&'static str> {
        Self::ALL.into_iter().map(Self::name).collect()
    }

    /// The conversion of this name; the empty name means none.
    ///
    /// # Errors
    /// [`UnknownConvert`], which suggests the nearest and lists all.
    pub fn parse(name: &str) -> Result<Self, UnknownConvert> {
        if name.is_empty() {
            return Ok(Self::None);
        }
        Self::ALL
            .into_iter()
            .find(|convert| convert.name() == name)
            .ok_or_else(|| {
                let near = suggest::nearest(name, Self::names());
                let hint = near.map_or_else(
                    || "see docs/conversions.md".to_owned(),
                    |near| format!("did you mean `{near}`?"),
                );
                UnknownConvert {
                    word: name.to_owned(),
                    hint,
                }
            })
    }

    /// Whether this is [`Convert::None`].
    #[must_use]
    pub const fn is_none(&self) -> bool {
        matches!(self, Self::None)
    }

    /// The legacy kind and the new kind that a named conversion joins.
    #[must_use]
    pub const fn ends(self) -> Option<(Kind, Kind)> {
        match self {
            Self::None => None,
            Self::CentsToDecimal => Some((Kind::Int, Kind::Decimal)),
            Self::IntToBool => Some((Kind::Int, Kind::Bool)),
            Self::EpochSecondsToTimestamp | Self::EpochMillisToTimestamp => {
                Some((Kind::Int, Kind::Timestamp))
            }
            Self::TextToUuid => Some((Kind::Text, Kind::Uuid)),
            Self::TextToDecimal => Some((Kind::Text, Kind::Decimal)),
            Self::TextToInt => Some((Kind::Text, Kind::Int)),
            Self::TextToJson => Some((Kind::Text, Kind::Json)),
            Self::TextToTimestamp => Some((Kind::Text, Kind::Timestamp)),
        }
    }

    /// The new kind that a legacy kind becomes; `None` where this conversion
    /// does not take it.
    #[must_use]
    pub fn kinds(self, legacy: Kind) -> Option<Kind> {
        match self.ends() {
            None => Some(legacy),
            Some((from, to)) => (from == legacy).then_some(to),
        }
    }

    /// The new value of a legacy value. NULL stays NULL.
    ///
    /// # Errors
    /// [`ConvertError`] where the value is of the wrong kind, has no
    /// counterpart, or would not come back the same.
    pub fn forward(self, value: Value) -> Result<Value, ConvertError> {
        forward::forward(self, value)
    }

    /// The legacy value of a new value. NULL stays NULL.
    ///
    /// # Errors
    /// [`ConvertError`] where the value is of the wrong kind or has no exact
    /// counterpart.
    pub fn backward(self, value: Value) -> Result<Value, ConvertError> {
        backward::backward(self, value)
    }

    /// Whether of two new values the larger one has the larger legacy value, in
    /// the order of the legacy column. Text does not sort as numbers do, and
    /// how it sorts hangs on a collation.
    #[must_use]
    pub const fn keeps_order(self) -> bool {
        match self {
            Self::None
            | Self::CentsToDecimal
            | Self::EpochSecondsToTimestamp
            | Self::EpochMillisToTimestamp => true,
            Self::IntToBool
            | Self::TextToUuid
            | Self::TextToDecimal
            | Self::TextToInt
            | Self::TextToJson
            | Self::TextToTimestamp => false,
        }
    }

    /// What to add on the legacy side where `value` is added on the new side;
    /// `None` where the conversion is not linear, or the value has no exact
    /// counterpart.
    #[must_use]
    pub fn increment_backward(self, value: &Value) -> Option<Value> {
        match self {
            Self::None => value
                .kind()
                .filter(|kind| kind.is_number())
                .map(|_| value.clone()),
            Self::CentsToDecimal => self.backward(value.clone()).ok().filter(|v| !v.is_null()),
            Self::IntToBool
            | Self::EpochSecondsToTimestamp
            | Self::EpochMillisToTimestamp
            | Self::TextToUuid
            | Self::TextToDecimal
            | Self::TextToInt
            | Self::TextToJson
            | Self::TextToTimestamp => None,
        }
    }
}

impl fmt::Display for Convert {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Serialize for Convert {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Convert {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Self::parse(&name).map_err(de::Error::custom)
    }
}
