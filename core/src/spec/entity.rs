//! One kind of row that the service owns, and its columns on both sides.

use serde::{Deserialize, Serialize};

use super::table::{TableName, wrapped};
use crate::convert::Convert;
use crate::side::Side;

/// One kind of row that the service owns, mapped to a table on each side.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Entity {
    /// Its name in requests, metrics and reports.
    pub name: String,
    /// Whether a bare key names a row of this entity; at most one is.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub root: bool,
    /// The fields of its key (names of the new side), in order.
    pub key: Vec<String>,
    /// How writers that pass by the sidecars are followed.
    #[serde(default, skip_serializing_if = "Capture::is_none")]
    pub capture: Capture,
    /// Its table on the legacy side.
    #[serde(rename = "legacy", with = "wrapped")]
    pub legacy_table: TableName,
    /// Its table on the new side.
    #[serde(rename = "new", with = "wrapped")]
    pub new_table: TableName,
    /// Its columns.
    pub columns: Vec<Column>,
}

impl Entity {
    /// Its table on a side.
    #[must_use]
    pub const fn table(&self, side: Side) -> &TableName {
        match side {
            Side::Legacy => &self.legacy_table,
            Side::New => &self.new_table,
        }
    }

    /// Whether a key column is sensitive, so that keys must be hashed wherever
    /// they leave the sidecar.
    #[must_use]
    pub fn has_sensitive_key(&self) -> bool {
        self.columns
            .iter()
            .any(|column| column.sensitive && self.key.contains(&column.new))
    }
}

/// How writers that pass by the sidecars are followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Capture {
    /// There are none.
    #[default]
    None,
    /// By a trigger, which leaves markers and guards the fence.
    Trigger,
}

impl Capture {
    /// The word that users type.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Trigger => "trigger",
        }
    }

    /// The capture that a word stands for; the empty word means none.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "" | "none" => Some(Self::None),
            "trigger" => Some(Self::Trigger),
            _ => None,
        }
    }

    /// Whether this is [`Capture::None`].
    #[must_use]
    pub const fn is_none(&self) -> bool {
        matches!(self, Self::None)
    }
}

/// One column of an entity, under its name on each side.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Column {
    /// Its name on the legacy side.
    pub legacy: String,
    /// Its name on the new side, which is also the field's name in requests.
    pub new: String,
    /// How its legacy value becomes its new value.
    #[serde(default, skip_serializing_if = "Convert::is_none")]
    pub convert: Convert,
    /// Whether its values (and keys) are hashed wherever they leave the sidecar.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub sensitive: bool,
}

impl Column {
    /// A column of the same name and kind on both sides.
    #[must_use]
    pub fn same(name: impl Into<String>) -> Self {
        let name = name.into();
        Self {
            legacy: name.clone(),
            new: name,
            convert: Convert::None,
            sensitive: false,
        }
    }

    /// Its name on a side.
    #[must_use]
    pub fn name(&self, side: Side) -> &str {
        match side {
            Side::Legacy => &self.legacy,
            Side::New => &self.new,
        }
    }
}
