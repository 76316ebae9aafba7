//! Getting a unique value out of the way for as long as a transaction lasts:
//! NULL where the column takes it, else a value that nobody has.
//!
//! A row is never deleted for it: that would reset its columns that are not
//! mapped, and change whatever hangs on it.

use std::collections::BTreeSet;

use dualwrite_core::mapping::{Table, TableColumn};
use dualwrite_core::value::{Decimal, Kind, Value};

use crate::ports::Entropy;

/// The column of a unique set that can be given another value for a while.
/// `fixed` are columns that others refer to.
pub(super) fn column(table: &Table, set: &[usize], fixed: &BTreeSet<usize>) -> Option<usize> {
    let is_free = |at: &usize| {
        !fixed.contains(at) && !table.key.contains(at) && !table.columns[*at].generated
    };
    let free: Vec<usize> = set.iter().copied().filter(is_free).collect();
    let nullable = free.iter().find(|at| table.columns[**at].nullable);
    let other = || {
        let refers = |at: &usize| {
            let mut references = table.references.iter();
            references.any(|reference| reference.columns.contains(at))
        };
        let can_hold = |at: &&usize| !refers(at) && room(&table.columns[**at]).is_some();
        free.iter().find(can_hold)
    };
    nullable.or_else(other).copied()
}

/// A value for that column that no row holds.
pub(super) fn value(column: &TableColumn, entropy: &dyn Entropy) -> Value {
    if column.nullable {
        return Value::Null;
    }
    room(column).map_or(Value::Null, |room| room.draw(entropy))
}

/// How much there is to draw from. Large enough that a value in it is in use
/// only by design of the application, and then the copy is tried again with
/// another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Room {
    /// Integers from the first to the second.
    Ints(i64, i64),
    /// Unsigned integers from the first to the second.
    UInts(u64, u64),
    /// Whole numbers of so many digits.
    Digits(u32),
    /// Texts of so many characters.
    Chars(usize),
    /// So many bytes.
    Bytes(usize),
    Uuids,
    Floats,
}

/// Characters of a parked text at most: 26^16 of them.
const CHARS: usize = 16;

fn room(column: &TableColumn) -> Option<Room> {
    let native = column.native.to_ascii_lowercase();
    match column.kind {
        Kind::Int => Some(ints(&native)),
        Kind::UInt => {
            let whole = ints(&native);
            let Room::Ints(from, to) = whole else {
                return Some(whole);
            };
            Some(Room::UInts(from.unsigned_abs(), to.unsigned_abs()))
        }
        Kind::Decimal => Some(Room::Digits(whole_digits(&native).min(18)))
            .filter(|room| *room != Room::Digits(0)),
        Kind::Text => Some(Room::Chars(
            declared(&native).map_or(CHARS, |length| length.min(CHARS)),
        )),
        Kind::Bytes => Some(Room::Bytes(
            declared(&native).map_or(CHARS, |length| length.min(CHARS)),
        )),
        Kind::Uuid => Some(Room::Uuids),
        Kind::Float => Some(Room::Floats),
        // Two values, or a calendar that ends: a unique set of these alone is
        // not worth guessing at.
        Kind::Bool | Kind::Timestamp | Kind::DateTime | Kind::Date | Kind::Time | Kind::Json => {
            None
        }
    }
}

/// The upper half of what the type holds: counters start at the other end, and
/// checks for positive numbers hold.
fn ints(native: &str) -> Room {
    let max = if native.starts_with("tinyint") {
        i64::from(i8::MAX)
    } else if native.starts_with("smallint") || native.starts_with("int2") {
        i64::from(i16::MAX)
    } else if native.starts_with("mediumint") {
        (1 << 23) - 1
    } else if native.starts_with("int4")
        || native.starts_with("int(")
        || matches!(native, "integer" | "int" | "int unsigned")
    {
        i64::from(i32::MAX)
    } else {
        i64::MAX
    };
    Room::Ints(max / 2, max)
}

/// The length in brackets.
fn declared(native: &str) -> Option<usize> {
    let (_, rest) = native.split_once('(')?;
    let (length, _) = rest.split_once(')')?;
    length.trim().parse().ok()
}

/// Digits before the point.
fn whole_digits(native: &str) -> u32 {
    let Some((_, rest)) = native.split_once('(') else {
        return 18;
    };
    let digits = rest.split_once(')').map_or("", |(digits, _)| digits);
    let (precision, scale) = digits.split_once(',').unwrap_or((digits, "0"));
    let read = |text: &str| text.trim().parse::<u32>().unwrap_or(0);
    read(precision).saturating_sub(read(scale))
}

impl Room {
    fn draw(self, entropy: &dyn Entropy) -> Value {
        let number = entropy.next_u64();
        match self {
            Self::Ints(from, to) => {
                let span = to.abs_diff(from).max(1);
                let offset = i64::try_from(number % span).unwrap_or(0);
                Value::Int(from.saturating_add(offset))
            }
            Self::UInts(from, to) => Value::UInt(from + number % to.abs_diff(from).max(1)),
            Self::Digits(digits) => {
                let end = 10_u64.saturating_pow(digits);
                let whole = i128::from(end / 2 + number % (end / 2).max(1));
                Value::Decimal(Decimal::from_scaled(whole, 0))
            }
            Self::Chars(length) => {
                let letters = spread(number, entropy.next_u64(), length);
                let letter = |byte: u8| char::from(b'a' + byte % 26);
                Value::Text(letters.into_iter().map(letter).collect())
            }
            Self::Bytes(length) => Value::Bytes(spread(number, entropy.next_u64(), length)),
            Self::Uuids => {
                let bytes = spread(number, entropy.next_u64(), 16);
                Value::Uuid(bytes.try_into().unwrap_or_default())
            }
            // Exact in every engine: whole, and below 2^24 also for `real`.
            Self::Floats => {
                let whole = u32::try_from(number % (1 << 23)).unwrap_or(0);
                Value::Float(f64::from((1_u32 << 23) + whole))
            }
        }
    }
}

fn spread(one: u64, other: u64, length: usize) -> Vec<u8> {
    let bytes = one.to_le_bytes().into_iter().chain(other.to_le_bytes());
    bytes.cycle().take(length).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(kind: Kind, native: &str) -> TableColumn {
        TableColumn {
            name: "code".into(),
            native: native.into(),
            kind,
            nullable: false,
            generated: false,
        }
    }

    #[test]
    fn what_is_drawn_fits_the_column() {
        let rooms = [
            (Kind::Int, "smallint", Some(Room::Ints(16_383, 32_767))),
            (
                Kind::Int,
                "integer",
                Some(Room::Ints(i64::from(i32::MAX) / 2, i64::from(i32::MAX))),
            ),
            (
                Kind::Int,
                "bigint",
                Some(Room::Ints(i64::MAX / 2, i64::MAX)),
            ),
            (Kind::UInt, "tinyint unsigned", Some(Room::UInts(63, 127))),
            (Kind::Decimal, "numeric(10,2)", Some(Room::Digits(8))),
            (Kind::Decimal, "numeric", Some(Room::Digits(18))),
            (Kind::Decimal, "numeric(2,2)", None),
            (Kind::Text, "character varying(5)", Some(Room::Chars(5))),
            (Kind::Text, "text", Some(Room::Chars(CHARS))),
            (Kind::Bytes, "varbinary(8)", Some(Room::Bytes(8))),
            (Kind::Uuid, "uuid", Some(Room::Uuids)),
            (Kind::Bool, "boolean", None),
            (Kind::Timestamp, "timestamptz", None),
        ];
        for (kind, native, expected) in rooms {
            assert_eq!(room(&column(kind, native)), expected, "{native}");
        }
    }
}
