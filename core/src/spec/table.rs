//! Names of tables.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A table's name, with its schema where one is given.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TableName {
    /// The schema; `None` means the one that the database finds by itself.
    pub schema: Option<String>,
    /// The table.
    pub name: String,
}

/// Text that is no table name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no table name: expected `table` or `schema.table`")]
pub struct TableNameError {
    /// What was given.
    pub text: String,
}

impl TableName {
    /// A table without a schema.
    #[must_use]
    pub fn bare(name: impl Into<String>) -> Self {
        Self {
            schema: None,
            name: name.into(),
        }
    }

    /// Reads `table` or `schema.table`.
    ///
    /// # Errors
    /// [`TableNameError`] for an empty part or more than one dot.
    pub fn parse(text: &str) -> Result<Self, TableNameError> {
        let error = || TableNameError {
            text: text.to_owned(),
        };
        let parts: Vec<&str> = text.split('.').collect();
        if parts.iter().any(|part| part.trim().is_empty()) {
            return Err(error());
        }
        match parts.as_slice() {
            [name] => Ok(Self::bare(*name)),
            [schema, name] => Ok(Self {
                schema: Some((*schema).to_owned()),
                name: (*name).to_owned(),
            }),
            _ => Err(error()),
        }
    }
}

impl fmt::Display for TableName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.schema {
            Some(schema) => write!(f, "{schema}.{}", self.name),
            None => f.write_str(&self.name),
        }
    }
}

impl Serialize for TableName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for TableName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(de::Error::custom)
    }
}

/// Serde form of a side's table in a manifest: `{table: name}`, which leaves
/// room for other settings of that side.
pub(super) mod wrapped {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::TableName;

    #[derive(Serialize, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Wrapped<T> {
        table: T,
    }

    pub(in crate::spec) fn serialize<S: Serializer>(
        table: &TableName,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        Wrapped { table }.serialize(serializer)
    }

    pub(in crate::spec) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<TableName, D::Error> {
        Wrapped::deserialize(deserializer).map(|wrapped: Wrapped<TableName>| wrapped.table)
    }
}
