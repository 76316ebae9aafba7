//! Names in statements.

use dualwrite_core::spec::{TableName, outbox_name};
use dualwrite_engine::store::StoreError;

/// Bytes of a name that PostgreSQL keeps; a longer one would be cut silently.
const IDENTIFIER_MAX: usize = 63;

/// A quoted name.
pub(crate) fn ident(name: &str) -> Result<String, StoreError> {
    let wrong = if name.is_empty() {
        "it is empty"
    } else if name.len() > IDENTIFIER_MAX {
        "it is longer than 63 bytes"
    } else if name.contains('\0') {
        "it holds a zero byte"
    } else {
        return Ok(format!("\"{}\"", name.replace('"', "\"\"")));
    };
    Err(StoreError::Schema(format!(
        "`{}` cannot be a name: {wrong}",
        name.escape_debug()
    )))
}

/// A quoted table name, with its schema where one is known.
pub(crate) fn table_name(name: &TableName) -> Result<String, StoreError> {
    let table = ident(&name.name)?;
    match &name.schema {
        Some(schema) => Ok(format!("{}.{table}", ident(schema)?)),
        None => Ok(table),
    }
}

/// The gate of a service: always empty, its lock is the fence's lock.
pub(crate) fn gate(service: &str) -> Result<String, StoreError> {
    Ok(format!("dualwrite.{}", ident(&format!("gate_{service}"))?))
}

/// The markers of one entity.
pub(crate) fn outbox(service: &str, entity: &str) -> Result<String, StoreError> {
    Ok(format!(
        "dualwrite.{}",
        ident(&outbox_name(service, entity))?
    ))
}

/// The name of a key column in an outbox: by place, from 0, since the
/// application's names could be those of our own columns.
pub(crate) fn key_column(place: usize) -> String {
    format!("k{}", place + 1)
}
