//! Values to cells.

use dualwrite_core::key::Key;
use dualwrite_core::mapping::{Table, TableColumn};
use dualwrite_core::value::Value;
use dualwrite_engine::store::{ConstraintKind, StoreError};

use super::fits::fits;
use super::{Cell, misfit};
use crate::types::Native;

/// The cell of a value in a column of the table.
pub(crate) fn encode(table: &Table, index: usize, value: &Value) -> Result<Cell, StoreError> {
    let column = table.columns.get(index).ok_or_else(|| {
        StoreError::Schema(format!("{} has no mapped column {index}", table.name))
    })?;
    if !value.fits(column.kind) {
        let why = format!("expected {}, got {}", column.kind, value.kind_word());
        return Err(misfit(table, column, &why));
    }
    let native = Native::of(&column.native);
    if value.is_null() && !column.nullable && native.word == "timestamp" {
        // Some servers take it for the present time.
        return Err(null_refused(table, column));
    }
    fits(&native, value).map_err(|why| misfit(table, column, &why))?;
    cell(&native, value).map_err(|why| misfit(table, column, why))
}

/// The cells of a key, in the key's order.
pub(crate) fn encode_key(table: &Table, key: &Key) -> Result<Vec<Cell>, StoreError> {
    if key.parts().len() != table.key.len() {
        return Err(StoreError::Value(format!(
            "{}: expected a key of {} parts, got {}",
            table.name,
            table.key.len(),
            key.parts().len()
        )));
    }
    let parts = table.key.iter().zip(key.parts());
    parts
        .map(|(index, part)| encode(table, *index, part))
        .collect()
}

fn null_refused(table: &Table, column: &TableColumn) -> StoreError {
    StoreError::Constraint {
        kind: ConstraintKind::NotNull,
        table: table.name.to_string(),
        constraint: column.name.clone(),
    }
}

fn cell(native: &Native, value: &Value) -> Result<Cell, &'static str> {
    const CALENDAR: &str = "expected a year from 0000 to 9999, or a time of day";
    let calendar = || -> Result<String, &'static str> {
        let text = value.to_text().ok_or(CALENDAR)?;
        // As the server itself writes it.
        Ok(text.trim_end_matches('Z').replace('T', " "))
    };
    Ok(match value {
        Value::Null => Cell::Null,
        Value::Bool(v) => Cell::Int(i64::from(*v)),
        Value::Int(v) => Cell::Int(*v),
        Value::UInt(v) => Cell::UInt(*v),
        Value::Float(v) => Cell::Double(*v),
        Value::Bytes(v) => Cell::Bytes(v.clone()),
        Value::Text(v) | Value::Json(v) => Cell::Text(v.clone()),
        Value::Decimal(v) => Cell::Decimal {
            digits: v.as_str().to_owned(),
            scale: native.scale(),
        },
        Value::Uuid(_) => Cell::Text(value.to_text().unwrap_or_default()),
        Value::Timestamp(_) | Value::DateTime(_) | Value::Date(_) | Value::Time(_) => {
            Cell::Text(calendar()?)
        }
    })
}
