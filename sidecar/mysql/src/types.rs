//! What a column's type means: which values dualwrite keeps in it, and what the
//! server itself would do to them in silence.
//!
//! Strict mode makes errors of most of what does not fit, and of some it makes
//! a note that nobody reads: digits after the point beyond those declared,
//! parts of a second, blanks at the end of a text. These are refused before
//! they are sent, so a type has to be understood, not only named.

mod enumeration;

use dualwrite_core::value::Kind;

/// A column's type, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Native {
    /// The word, in lower case: `varchar` of `varchar(80)`.
    pub(crate) word: String,
    /// The numbers behind it.
    pub(crate) numbers: Vec<u32>,
    pub(crate) unsigned: bool,
    /// What an enumeration may hold.
    pub(crate) members: Vec<String>,
}

impl Native {
    /// Takes a type apart, as the catalog writes it or as [`declared`] does.
    pub(crate) fn of(native: &str) -> Self {
        let lower = native.to_ascii_lowercase();
        let end = lower.find(['(', ' ']).unwrap_or(lower.len());
        let word = lower[..end].to_owned();
        let (members, numbers) = if word == "enum" {
            (enumeration::members(native), Vec::new())
        } else {
            (Vec::new(), numbers(&lower))
        };
        Self {
            unsigned: lower.contains(" unsigned"),
            word,
            numbers,
            members,
        }
    }

    /// The first number, where there is one.
    pub(crate) fn first(&self) -> Option<u32> {
        self.numbers.first().copied()
    }

    /// Digits after the point of a decimal: `decimal` alone is `decimal(10,0)`.
    pub(crate) fn scale(&self) -> u32 {
        self.numbers.get(1).copied().unwrap_or(0)
    }

    /// Digits before the point of a decimal.
    pub(crate) fn whole_digits(&self) -> u32 {
        self.first().unwrap_or(10).saturating_sub(self.scale())
    }

    /// Digits of a fraction of a second.
    pub(crate) fn second_digits(&self) -> u32 {
        self.first().unwrap_or(0).min(6)
    }

    /// The kind of values that a column of this type holds, or why they cannot
    /// be carried.
    pub(crate) fn kind(&self) -> Result<Kind, String> {
        let kind = match self.word.as_str() {
            "tinyint" if self.first() == Some(1) && !self.unsigned => Kind::Bool,
            "bit" if self.first().unwrap_or(1) == 1 => Kind::Bool,
            "tinyint" | "smallint" | "mediumint" | "int" | "bigint" if self.unsigned => Kind::UInt,
            "tinyint" | "smallint" | "mediumint" | "int" | "bigint" => Kind::Int,
            "decimal" => Kind::Decimal,
            "float" | "double" if self.numbers.is_empty() => Kind::Float,
            "float" | "double" => {
                return Err(format!(
                    "a {} with digits declared rounds in silence: declare it decimal, or without digits",
                    self.word
                ));
            }
            "char" | "varchar" | "tinytext" | "text" | "mediumtext" | "longtext" | "enum" => {
                Kind::Text
            }
            "binary" | "varbinary" | "tinyblob" | "blob" | "mediumblob" | "longblob" => Kind::Bytes,
            "uuid" => Kind::Uuid,
            "timestamp" => Kind::Timestamp,
            "datetime" => Kind::DateTime,
            "date" => Kind::Date,
            "time" => Kind::Time,
            "json" => Kind::Json,
            word => {
                return Err(format!(
                    "`{word}` is no type that is carried on MariaDB and MySQL: expected an integer, \
                     decimal, float, double, a text or binary type, enum, bit(1), uuid, timestamp, \
                     datetime, date, time or json"
                ));
            }
        };
        Ok(kind)
    }
}

/// Collations in which two texts are equal only if their bytes are, blanks at
/// the end included, and which sort them by their bytes.
const BYTEWISE: [&str; 5] = [
    "binary",
    "utf8mb4_nopad_bin",
    "utf8mb3_nopad_bin",
    "ascii_nopad_bin",
    "utf8mb4_0900_bin",
];

/// Whether a collation takes different texts as equal.
pub(crate) fn is_loose(collation: &str) -> bool {
    !BYTEWISE.contains(&collation)
}

/// A type as a column of ours is declared with it: that of the catalog, and its
/// collation, so that equality means the same in both.
pub(crate) fn declared(column_type: &str, collation: Option<&str>, json: bool) -> String {
    match collation {
        _ if json => "json".to_owned(),
        Some(collation) => format!("{column_type} COLLATE {collation}"),
        None => column_type.to_owned(),
    }
}

fn numbers(lower: &str) -> Vec<u32> {
    let inside = lower
        .split_once('(')
        .and_then(|(_, rest)| rest.split_once(')'));
    let inside = inside.map_or("", |(inside, _)| inside).split(',');
    inside
        .filter_map(|number| number.trim().parse().ok())
        .collect()
}

#[cfg(test)]
mod tests;
