//! Cells to values.

use dualwrite_core::key::Key;
use dualwrite_core::mapping::{Table, TableColumn};
use dualwrite_core::value::{Decimal, Kind, Value};
use dualwrite_engine::store::StoreError;
use sqlx::sqlite::{SqliteRow, SqliteValueRef};
use sqlx::{Decode, Row, Sqlite, TypeInfo, ValueRef};

use super::{Cell, misfit};

/// The whole row of a table, whose columns stand in `row` from `first` on.
pub(crate) fn decode_row(
    table: &Table,
    row: &SqliteRow,
    first: usize,
) -> Result<Vec<Value>, StoreError> {
    let columns = table.columns.iter().enumerate();
    columns
        .map(|(place, column)| value(table, column, cell(row, first + place)?))
        .collect()
}

/// The key of a table, whose columns stand in `row` from `first` on.
///
/// A key is looked up by its canonical text, so a key that some other writer
/// stored in another form (`2026-01-31 10:00` for an instant) is refused here:
/// to look for it and find nothing would be to say that the row is not there.
pub(crate) fn decode_key(table: &Table, row: &SqliteRow, first: usize) -> Result<Key, StoreError> {
    let mut parts = Vec::with_capacity(table.key.len());
    for (place, index) in table.key.iter().enumerate() {
        let column = &table.columns[*index];
        let stored = cell(row, first + place)?;
        let part = value(table, column, stored.clone())?;
        if matches!(&stored, Cell::Text(text) if part.to_text().as_ref() != Some(text)) {
            let why = format!(
                "a key holds a {} that is not in canonical form, so that it cannot be found by value",
                column.kind
            );
            return Err(misfit(table, column, &why));
        }
        parts.push(part);
    }
    Key::new(parts).map_err(|error| StoreError::Value(format!("{}: {error}", table.name)))
}

/// What a column of a row holds.
fn cell(row: &SqliteRow, index: usize) -> Result<Cell, StoreError> {
    let unreadable = |error: &dyn std::fmt::Display| {
        StoreError::Value(format!(
            "column {index} of an answer cannot be read: {error}"
        ))
    };
    let raw = row.try_get_raw(index).map_err(|error| unreadable(&error))?;
    if raw.is_null() {
        return Ok(Cell::Null);
    }
    let class = raw.type_info().name().to_owned();
    let decoded = match class.as_str() {
        "INTEGER" => <i64 as Decode<'_, Sqlite>>::decode(raw).map(Cell::Integer),
        "REAL" => <f64 as Decode<'_, Sqlite>>::decode(raw).map(Cell::Real),
        "TEXT" => text(raw),
        _ => <Vec<u8> as Decode<'_, Sqlite>>::decode(raw).map(Cell::Blob),
    };
    decoded.map_err(|error| unreadable(&error))
}

/// A text, or, where it is not UTF-8, its bytes: no kind takes those for text.
fn text(raw: SqliteValueRef<'_>) -> Result<Cell, sqlx::error::BoxDynError> {
    let bytes = <Vec<u8> as Decode<'_, Sqlite>>::decode(raw)?;
    Ok(String::from_utf8(bytes).map_or_else(|error| Cell::Blob(error.into_bytes()), Cell::Text))
}

/// The value that a cell of this column stands for.
fn value(table: &Table, column: &TableColumn, cell: Cell) -> Result<Value, StoreError> {
    let kind = column.kind;
    let parsed = match (kind, cell) {
        (_, Cell::Null) => Some(Value::Null),
        (Kind::Bool, Cell::Integer(0)) => Some(Value::Bool(false)),
        (Kind::Bool, Cell::Integer(1)) => Some(Value::Bool(true)),
        (Kind::Int, Cell::Integer(v)) => Some(Value::Int(v)),
        (Kind::UInt, Cell::Integer(v)) => u64::try_from(v).ok().map(Value::UInt),
        (Kind::Decimal, Cell::Integer(v)) => Some(Value::Decimal(Decimal::from(v))),
        // What a column of numeric affinity makes of a bare whole number.
        (Kind::Json, Cell::Integer(v)) => Some(Value::Json(v.to_string())),
        (Kind::Float, Cell::Real(v)) => Some(Value::Float(v)),
        (Kind::Text, Cell::Text(v)) => Some(Value::Text(v)),
        (Kind::Bytes, Cell::Blob(v)) => Some(Value::Bytes(v)),
        (Kind::Uuid, Cell::Blob(v)) => v.try_into().ok().map(Value::Uuid),
        (
            Kind::Decimal
            | Kind::Uuid
            | Kind::Timestamp
            | Kind::DateTime
            | Kind::Date
            | Kind::Time
            | Kind::Json,
            Cell::Text(v),
        ) => return Value::from_text(kind, &v).map_err(|e| misfit(table, column, &e.to_string())),
        (_, cell) => return Err(misfit(table, column, &mismatch(kind, &cell))),
    };
    parsed.ok_or_else(|| misfit(table, column, &format!("the cell holds no {kind}")))
}

fn mismatch(kind: Kind, cell: &Cell) -> String {
    let class = match cell {
        Cell::Null => "NULL",
        Cell::Integer(_) => "INTEGER",
        Cell::Real(_) => "REAL",
        Cell::Text(_) => "TEXT",
        Cell::Blob(_) => "BLOB (or text that is not UTF-8)",
    };
    format!("the cell holds {class}, which is no {kind}")
}
