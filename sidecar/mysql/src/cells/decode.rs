//! Cells to values, out of the bytes that the server sent.
//!
//! The driver takes a zero date for NULL, so it is asked for bytes and nothing
//! else.

mod calendar;

use dualwrite_core::key::Key;
use dualwrite_core::mapping::{Table, TableColumn};
use dualwrite_core::value::{Kind, Value};
use dualwrite_engine::store::StoreError;
use sqlx::mysql::MySqlRow;
use sqlx::{Decode, MySql, Row};

use super::misfit;

/// The whole row of a table, whose columns stand in `row` from `first` on.
pub(crate) fn decode_row(
    table: &Table,
    row: &MySqlRow,
    first: usize,
) -> Result<Vec<Value>, StoreError> {
    let columns = table.columns.iter().enumerate();
    columns
        .map(|(place, column)| value(table, column, row, first + place))
        .collect()
}

/// The key of a table, whose columns stand in `row` from `first` on.
pub(crate) fn decode_key(table: &Table, row: &MySqlRow, first: usize) -> Result<Key, StoreError> {
    let places = table.key.iter().enumerate();
    let parts = places.map(|(place, index)| {
        let column = &table.columns[*index];
        value(table, column, row, first + place)
    });
    Key::new(parts.collect::<Result<_, _>>()?)
        .map_err(|error| StoreError::Value(format!("{}: {error}", table.name)))
}

/// The value that a cell of this column stands for.
fn value(
    table: &Table,
    column: &TableColumn,
    row: &MySqlRow,
    index: usize,
) -> Result<Value, StoreError> {
    match bytes(row, index)? {
        None => Ok(Value::Null),
        Some(bytes) => of(column.kind, bytes).map_err(|why| misfit(table, column, &why)),
    }
}

fn of(kind: Kind, bytes: &[u8]) -> Result<Value, String> {
    let no_text = || format!("the cell holds bytes that are no UTF-8, so no {kind}");
    let text = || std::str::from_utf8(bytes).map_err(|_| no_text());
    let parsed = |text: &str| Value::from_text(kind, text).map_err(|error| error.to_string());
    match kind {
        Kind::Bool => match number(bytes) {
            Some(0) => Ok(Value::Bool(false)),
            Some(1) => Ok(Value::Bool(true)),
            Some(_) | None => Err(
                "the cell holds another number than 0 and 1: declare the column tinyint(4)"
                    .to_owned(),
            ),
        },
        Kind::Int => number(bytes)
            .map(Value::Int)
            .ok_or_else(|| "the cell holds no whole number".to_owned()),
        Kind::UInt => unsigned(bytes)
            .map(Value::UInt)
            .ok_or_else(|| "the cell holds no whole number".to_owned()),
        Kind::Float => float(bytes).ok_or_else(|| "the cell holds no float".to_owned()),
        Kind::Text => text().map(|text| Value::Text(text.to_owned())),
        Kind::Bytes => Ok(Value::Bytes(bytes.to_vec())),
        Kind::Decimal | Kind::Uuid | Kind::Json => parsed(text()?),
        Kind::Timestamp => calendar::date_and_time(bytes).and_then(|text| parsed(&(text + "Z"))),
        Kind::DateTime => calendar::date_and_time(bytes).and_then(|text| parsed(&text)),
        Kind::Date => calendar::date(bytes).and_then(|text| parsed(&text)),
        Kind::Time => calendar::time(bytes).and_then(|text| parsed(&text)),
    }
}

/// Little-endian, of as many bytes as the column's type has.
fn number(bytes: &[u8]) -> Option<i64> {
    let negative = bytes.last().is_some_and(|byte| *byte >= 0x80);
    let mut whole = [if negative { 0xFF } else { 0 }; 8];
    whole.get_mut(..bytes.len())?.copy_from_slice(bytes);
    (!bytes.is_empty()).then_some(i64::from_le_bytes(whole))
}

fn unsigned(bytes: &[u8]) -> Option<u64> {
    let mut whole = [0; 8];
    whole.get_mut(..bytes.len())?.copy_from_slice(bytes);
    (!bytes.is_empty()).then_some(u64::from_le_bytes(whole))
}

fn float(bytes: &[u8]) -> Option<Value> {
    let float = match bytes.len() {
        4 => f64::from(f32::from_le_bytes(bytes.try_into().ok()?)),
        8 => f64::from_le_bytes(bytes.try_into().ok()?),
        _ => return None,
    };
    Some(Value::Float(float))
}

/// The bytes of a cell; `None` for NULL.
fn bytes(row: &MySqlRow, index: usize) -> Result<Option<&[u8]>, StoreError> {
    let raw = row
        .try_get_raw(index)
        .map_err(|error| StoreError::Value(format!("column {index} of an answer: {error}")))?;
    // NULL is the only thing that has no bytes.
    Ok(<&[u8] as Decode<'_, MySql>>::decode(raw).ok())
}

/// A text of ours or of the catalog; `None` for NULL.
pub(crate) fn text(row: &MySqlRow, index: usize) -> Result<Option<String>, StoreError> {
    let bytes = bytes(row, index)?;
    Ok(bytes.map(|bytes| String::from_utf8_lossy(bytes).into_owned()))
}

/// A whole number of ours or of the catalog; `None` for NULL.
pub(crate) fn integer(row: &MySqlRow, index: usize) -> Result<Option<i64>, StoreError> {
    row.try_get_unchecked(index)
        .map_err(|error| StoreError::Value(format!("column {index} of an answer: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_by_their_width() {
        assert_eq!(number(&[0xFF]), Some(-1));
        assert_eq!(number(&[0x00, 0x80]), Some(-32_768));
        assert_eq!(number(&i64::MIN.to_le_bytes()), Some(i64::MIN));
        assert_eq!(unsigned(&[0xFF]), Some(255));
        assert_eq!(unsigned(&u64::MAX.to_le_bytes()), Some(u64::MAX));
        assert_eq!((number(&[]), unsigned(&[0; 9])), (None, None));
    }
}
