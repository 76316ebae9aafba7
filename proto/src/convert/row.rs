//! Named values: rows, keys, filters.

use std::collections::BTreeMap;

use dualwrite_core::value::Value;

use super::WireError;
use crate::v1;

/// The values of a map field called `path`, in order of their names.
///
/// # Errors
/// [`WireError`] with the path of the first value that is malformed.
pub fn fields(
    wire: BTreeMap<String, v1::Value>,
    path: &str,
) -> Result<Vec<(String, Value)>, WireError> {
    wire.into_iter()
        .map(|(name, value)| match Value::try_from(value) {
            Ok(value) => Ok((name, value)),
            Err(error) => Err(error.under(name).under(path)),
        })
        .collect()
}

/// Named values as a map field.
#[must_use]
pub fn fields_to_wire<N: AsRef<str>>(
    fields: impl IntoIterator<Item = (N, Value)>,
) -> BTreeMap<String, v1::Value> {
    fields
        .into_iter()
        .map(|(name, value)| (name.as_ref().to_owned(), value.into()))
        .collect()
}

/// Named values as a row image.
#[must_use]
pub fn row<N: AsRef<str>>(fields: impl IntoIterator<Item = (N, Value)>) -> v1::Row {
    v1::Row {
        fields: fields_to_wire(fields),
    }
}
