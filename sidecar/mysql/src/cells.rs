//! How values are stored in cells, and read back out of them.
//!
//! | kind | column |
//! |---|---|
//! | bool | `tinyint(1)`, `bit(1)`: 0 or 1 |
//! | int, uint | the integer types |
//! | decimal | `decimal` |
//! | float | `double`, `float` (no NaN, no infinity) |
//! | text | the text types, `enum` |
//! | bytes | the binary types |
//! | uuid | `uuid` |
//! | timestamp | `timestamp`, in sessions whose time zone is UTC |
//! | datetime, date, time | the types of these names |
//! | json | `json`, as canonical text |
//!
//! A value is refused rather than stored as something else, and so is a cell
//! rather than guessed at: the server rounds, cuts and pads some of them in
//! silence. Messages name the table and the column, never the value.

mod decode;
mod encode;
mod fits;

pub(crate) use decode::{decode_key, decode_row, integer, text};
pub(crate) use encode::{encode, encode_key};

use dualwrite_core::mapping::{Table, TableColumn};
use dualwrite_engine::store::StoreError;

/// One value, as it is sent.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Cell {
    Null,
    Int(i64),
    UInt(u64),
    Double(f64),
    /// Digits, for a column with so many of them after the point.
    Decimal {
        digits: String,
        scale: u32,
    },
    Text(String),
    Bytes(Vec<u8>),
}

impl From<i64> for Cell {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

impl From<u32> for Cell {
    fn from(number: u32) -> Self {
        Self::Int(i64::from(number))
    }
}

impl From<u64> for Cell {
    fn from(number: u64) -> Self {
        Self::UInt(number)
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<Vec<u8>> for Cell {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Bytes(bytes)
    }
}

/// A value that does not fit its column, or a cell that holds no such value.
pub(crate) fn misfit(table: &Table, column: &TableColumn, why: &str) -> StoreError {
    StoreError::Value(format!("{}.{}: {why}", table.name, column.name))
}

#[cfg(test)]
mod tests;
