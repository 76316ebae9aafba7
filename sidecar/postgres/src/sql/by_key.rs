//! Joining a list of keys to a table.

use dualwrite_core::key::Key;
use dualwrite_core::mapping::Table;
use dualwrite_engine::store::StoreError;

use super::{cast, ident, key_column, key_columns};

/// Under which names a table has the key's columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeyedBy {
    /// The application's own.
    Own,
    /// Those of an outbox.
    Place,
}

/// The condition that joins `alias` to a set of text columns `c1, c2, …` that
/// hold keys: `t."id" = u.c1::bigint AND …`.
pub(crate) fn by_key(
    table: &Table,
    alias: &str,
    keyed_by: KeyedBy,
    set: &str,
) -> Result<String, StoreError> {
    let mut parts = Vec::new();
    for (place, column) in key_columns(table)?.into_iter().enumerate() {
        let name = match keyed_by {
            KeyedBy::Own => ident(&column.name)?,
            KeyedBy::Place => key_column(place),
        };
        let wanted = cast(&format!("{set}.c{}", place + 1), column);
        parts.push(format!("{alias}.{name} = {wanted}"));
    }
    Ok(parts.join(" AND "))
}

/// The texts of several keys, column by column.
pub(crate) fn key_texts<'a>(
    table: &Table,
    keys: impl IntoIterator<Item = &'a Key>,
) -> Result<Vec<Vec<Option<String>>>, StoreError> {
    let mut columns = vec![Vec::new(); table.key.len()];
    for key in keys {
        check_parts(table, key)?;
        for (column, part) in columns.iter_mut().zip(key.parts()) {
            column.push(part.to_text());
        }
    }
    Ok(columns)
}

/// A key has as many parts as its table says.
pub(crate) fn check_parts(table: &Table, key: &Key) -> Result<(), StoreError> {
    if key.parts().len() == table.key.len() {
        return Ok(());
    }
    Err(StoreError::Value(format!(
        "a key of {} has {} parts, got {}",
        table.name,
        table.key.len(),
        key.parts().len()
    )))
}
