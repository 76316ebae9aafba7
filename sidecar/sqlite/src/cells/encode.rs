//! Values to cells.

use dualwrite_core::key::Key;
use dualwrite_core::mapping::{Table, TableColumn};
use dualwrite_core::value::{Kind, Value};
use dualwrite_engine::store::StoreError;

use super::{Cell, misfit};
use crate::types::Affinity;

/// The cell of a value in a column of the table.
pub(crate) fn encode(table: &Table, index: usize, value: &Value) -> Result<Cell, StoreError> {
    let column = table.columns.get(index).ok_or_else(|| {
        StoreError::Schema(format!("{} has no mapped column {index}", table.name))
    })?;
    if !value.fits(column.kind) {
        let why = format!("expected {}, got {}", column.kind, value.kind_word());
        return Err(misfit(table, column, &why));
    }
    if !value.is_in_range() {
        return Err(misfit(
            table,
            column,
            "expected a year from 0000 to 9999, or a time of day",
        ));
    }
    let cell = plain(table, column, value)?;
    if becomes_a_number(column, &cell) {
        let why = format!(
            "a {} column would store this {} as a number: declare the column {}_TEXT",
            column.native,
            column.kind,
            column.kind.as_str().to_uppercase()
        );
        return Err(misfit(table, column, &why));
    }
    Ok(cell)
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

fn plain(table: &Table, column: &TableColumn, value: &Value) -> Result<Cell, StoreError> {
    Ok(match value {
        Value::Null => Cell::Null,
        Value::Bool(v) => Cell::Integer(i64::from(*v)),
        Value::Int(v) => Cell::Integer(*v),
        Value::UInt(v) => Cell::Integer(
            i64::try_from(*v)
                .map_err(|_| misfit(table, column, "SQLite holds whole numbers up to 2^63-1"))?,
        ),
        Value::Float(v) if v.is_nan() => {
            return Err(misfit(table, column, "SQLite cannot hold NaN"));
        }
        Value::Float(v) => Cell::Real(*v),
        Value::Bytes(v) => Cell::Blob(v.clone()),
        Value::Text(v) | Value::Json(v) => Cell::Text(v.clone()),
        Value::Decimal(_)
        | Value::Uuid(_)
        | Value::Timestamp(_)
        | Value::DateTime(_)
        | Value::Date(_)
        | Value::Time(_) => value.to_text().map_or(Cell::Null, Cell::Text),
    })
}

/// Whether the column's affinity would turn this text into a number, and so
/// lose how it was written. A whole number that SQLite holds loses nothing.
fn becomes_a_number(column: &TableColumn, cell: &Cell) -> bool {
    let Cell::Text(text) = cell else {
        return false;
    };
    if column.kind == Kind::Json && is_canonical_integer(text) {
        return false;
    }
    let text = text.trim();
    // `inf` and `nan` are numbers to Rust and text to SQLite.
    let numeric = text
        .bytes()
        .all(|b| b.is_ascii_digit() || b"+-.eE".contains(&b));
    numeric && text.parse::<f64>().is_ok() && Affinity::of(&column.native).takes_text_for_numbers()
}

fn is_canonical_integer(text: &str) -> bool {
    text.parse::<i64>()
        .is_ok_and(|number| number.to_string() == text)
}
