//! A row that was read.

use std::collections::BTreeMap;

use dualwrite_core::suggest;
use dualwrite_core::value::Value;
use dualwrite_proto::convert;
use dualwrite_proto::v1::{self, ErrorReason};

use crate::error::Error;
use crate::value::FromValue;

/// A row image: every mapped field with its value.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Row {
    fields: BTreeMap<String, Value>,
}

impl Row {
    /// The value of a field; `None` when the row has no such field.
    #[must_use]
    pub fn value(&self, field: &str) -> Option<&Value> {
        self.fields.get(field)
    }

    /// A field as a Rust type; `Option` for one that may be NULL.
    ///
    /// # Errors
    /// [`Error::Validation`] when the row has no such field, or the field holds
    /// something else.
    pub fn get<T: FromValue>(&self, field: &str) -> Result<T, Error> {
        let value = self.value(field).ok_or_else(|| {
            let hint = suggest::hint(field, self.fields.keys().map(String::as_str));
            let message = format!("the row has no field `{field}`; {hint}");
            Error::local(ErrorReason::UnknownColumn, field, message)
        })?;
        T::from_value(value).map_err(|error| {
            Error::local(ErrorReason::WrongType, field, format!("{field}: {error}"))
        })
    }

    /// The fields, in order of their names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.fields
            .iter()
            .map(|(name, value)| (name.as_str(), value))
    }

    pub(crate) fn from_wire(row: v1::Row) -> Result<Self, Error> {
        let fields = convert::fields(row.fields, "row").map_err(|error| {
            let message = format!("the sidecar's answer is malformed: {error}");
            Error::local(ErrorReason::WrongType, &error.path, message)
        })?;
        Ok(Self {
            fields: fields.into_iter().collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_that_is_not_there_is_named_with_the_nearest() {
        let row = Row {
            fields: BTreeMap::from([("quantity".to_owned(), Value::Int(2))]),
        };
        assert_eq!(row.get::<i64>("quantity").ok(), Some(2));
        let error = row.get::<i64>("quantiti").unwrap_err();
        assert_eq!(error.reason(), Some(ErrorReason::UnknownColumn));
        assert!(
            error.to_string().contains("did you mean `quantity`?"),
            "{error}"
        );
        assert_eq!(
            row.get::<bool>("quantity").unwrap_err().reason(),
            Some(ErrorReason::WrongType)
        );
    }
}
