//! How values are stored in cells, and read back out of them.
//!
//! | kind | storage class |
//! |---|---|
//! | bool | INTEGER, 0 or 1 |
//! | int, uint | INTEGER (so an unsigned one reaches 2^63-1) |
//! | float | REAL (NaN is refused: SQLite would store NULL) |
//! | bytes | BLOB |
//! | all others | TEXT, in the canonical text form |
//!
//! A value is refused rather than stored as something else, and so is a cell
//! rather than guessed at. Messages name the table and the column, never the
//! value.

mod decode;
mod encode;

pub(crate) use decode::{decode_key, decode_row};
pub(crate) use encode::{encode, encode_key};

use dualwrite_core::mapping::{Table, TableColumn};
use dualwrite_engine::store::StoreError;

/// One value, as SQLite holds it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Cell {
    Null,
    Integer(i64),
    Real(f64),
    Text(String),
    Blob(Vec<u8>),
}

impl From<i64> for Cell {
    fn from(number: i64) -> Self {
        Self::Integer(number)
    }
}

impl From<u32> for Cell {
    fn from(number: u32) -> Self {
        Self::Integer(i64::from(number))
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<Vec<u8>> for Cell {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Blob(bytes)
    }
}

/// A value that does not fit its column, or a cell that holds no such value.
pub(crate) fn misfit(table: &Table, column: &TableColumn, why: &str) -> StoreError {
    StoreError::Value(format!("{}.{}: {why}", table.name, column.name))
}

/// An unsigned number of ours, such as an epoch, as SQLite holds it.
pub(crate) fn unsigned(what: &str, number: u64) -> Result<i64, StoreError> {
    i64::try_from(number).map_err(|_| StoreError::Value(format!("{what} is over 2^63-1")))
}

#[cfg(test)]
mod tests;
