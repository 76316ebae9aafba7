//! What a declared type means: which values dualwrite keeps in such a column,
//! and what SQLite itself would do to them.
//!
//! SQLite knows five storage classes, and a column's *affinity*, drawn from
//! letters in its declared type, converts what is stored. A text that looks
//! like a number becomes one in a column of numeric affinity, and
//! `DECIMAL(10,2)` has numeric affinity: `0.10` would come back as the float
//! 0.1. So types whose values must stay exact text are carried only where the
//! affinity lets them be, and `DECIMAL_TEXT` (the letters `TEXT` give text
//! affinity) is the way to declare an exact decimal.

use dualwrite_core::value::Kind;

/// What SQLite converts stored values to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Affinity {
    Integer,
    Text,
    /// Nothing is converted.
    Blob,
    Real,
    Numeric,
}

impl Affinity {
    /// The affinity of a declared type, by SQLite's own rules.
    pub(crate) fn of(native: &str) -> Self {
        let native = native.to_ascii_uppercase();
        let has = |letters: &str| native.contains(letters);
        if has("INT") {
            Self::Integer
        } else if has("CHAR") || has("CLOB") || has("TEXT") {
            Self::Text
        } else if has("BLOB") || native.trim().is_empty() {
            Self::Blob
        } else if has("REAL") || has("FLOA") || has("DOUB") {
            Self::Real
        } else {
            Self::Numeric
        }
    }

    /// Whether a text that looks like a number would be stored as one.
    pub(crate) const fn takes_text_for_numbers(self) -> bool {
        match self {
            Self::Integer | Self::Real | Self::Numeric => true,
            Self::Text | Self::Blob => false,
        }
    }
}

/// The kind of values that a column of this declared type holds, or why they
/// cannot be carried.
pub(crate) fn kind_of(native: &str) -> Result<Kind, String> {
    let base = base_of(native);
    if let Some(kind) = listed(base.strip_suffix("_TEXT").unwrap_or(&base)) {
        return Ok(kind);
    }
    match base.as_str() {
        "" => Err("it has no declared type: declare one, like TEXT or INTEGER".to_owned()),
        "DECIMAL_TEXT" | "NUMERIC_TEXT" => Ok(Kind::Decimal),
        "DECIMAL" | "NUMERIC" | "DEC" => Err(format!(
            "{base} has NUMERIC affinity, which rounds: declare it DECIMAL_TEXT"
        )),
        _ if Affinity::of(&base) == Affinity::Text => Ok(Kind::Text),
        _ => Err(format!(
            "`{native}` is no type that is carried on SQLite: expected INTEGER, BOOLEAN, REAL, TEXT, \
             BLOB, DECIMAL_TEXT, UUID, TIMESTAMP, DATETIME, DATE, TIME or JSON"
        )),
    }
}

/// The declared type in upper case, without lengths and with single spaces.
fn base_of(native: &str) -> String {
    let name = native.split('(').next().unwrap_or_default();
    let suffix = native.rsplit_once(')').map_or("", |(_, suffix)| suffix);
    let words: Vec<&str> = name
        .split_whitespace()
        .chain(suffix.split_whitespace())
        .collect();
    words.join(" ").to_ascii_uppercase()
}

fn listed(base: &str) -> Option<Kind> {
    Some(match base {
        "INT" | "INTEGER" | "TINYINT" | "SMALLINT" | "MEDIUMINT" | "BIGINT" | "BIG INT"
        | "INT2" | "INT4" | "INT8" => Kind::Int,
        "UNSIGNED BIG INT" | "BIGINT UNSIGNED" | "INT UNSIGNED" | "INTEGER UNSIGNED"
        | "UNSIGNED INT" | "UNSIGNED INTEGER" | "UNSIGNED BIGINT" => Kind::UInt,
        "BOOLEAN" | "BOOL" => Kind::Bool,
        "REAL" | "DOUBLE" | "DOUBLE PRECISION" | "FLOAT" => Kind::Float,
        "BLOB" | "BINARY" | "VARBINARY" | "BYTEA" => Kind::Bytes,
        "UUID" => Kind::Uuid,
        "TIMESTAMP" | "TIMESTAMPTZ" | "TIMESTAMP WITH TIME ZONE" => Kind::Timestamp,
        "DATETIME" | "TIMESTAMP WITHOUT TIME ZONE" => Kind::DateTime,
        "DATE" => Kind::Date,
        "TIME" => Kind::Time,
        "JSON" | "JSONB" => Kind::Json,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_declared_type_has_its_kind() {
        let table = [
            ("INTEGER", Kind::Int),
            ("bigint", Kind::Int),
            ("INT8", Kind::Int),
            ("UNSIGNED BIG INT", Kind::UInt),
            ("BIGINT(20) UNSIGNED", Kind::UInt),
            ("BOOLEAN", Kind::Bool),
            ("double  precision", Kind::Float),
            ("FLOAT(24)", Kind::Float),
            ("TEXT", Kind::Text),
            ("VARCHAR(80)", Kind::Text),
            ("CHARACTER VARYING(20)", Kind::Text),
            ("CLOB", Kind::Text),
            ("BLOB", Kind::Bytes),
            ("DECIMAL_TEXT", Kind::Decimal),
            ("decimal_text(10,2)", Kind::Decimal),
            ("UUID", Kind::Uuid),
            ("UUID_TEXT", Kind::Uuid),
            ("TIMESTAMP", Kind::Timestamp),
            ("TIMESTAMPTZ", Kind::Timestamp),
            ("TIMESTAMP(6) WITH TIME ZONE", Kind::Timestamp),
            ("DATETIME", Kind::DateTime),
            ("DATE", Kind::Date),
            ("TIME", Kind::Time),
            ("JSON", Kind::Json),
            ("JSON_TEXT", Kind::Json),
        ];
        for (native, kind) in table {
            assert_eq!(kind_of(native), Ok(kind), "{native}");
        }
    }

    #[test]
    fn types_whose_values_would_change_are_refused_with_what_to_declare() {
        assert!(
            kind_of("DECIMAL(10,2)")
                .unwrap_err()
                .contains("DECIMAL_TEXT")
        );
        assert!(kind_of("NUMERIC").unwrap_err().contains("rounds"));
        assert!(kind_of("").unwrap_err().contains("declare one"));
        for native in ["STRING", "POINT", "INTERVAL", "ANY"] {
            assert!(kind_of(native).unwrap_err().contains("INTEGER"), "{native}");
        }
    }

    #[test]
    fn affinity_follows_the_letters_of_the_declared_type() {
        let table = [
            ("BIGINT", Affinity::Integer),
            ("POINT", Affinity::Integer),
            ("VARCHAR(8)", Affinity::Text),
            ("DECIMAL_TEXT", Affinity::Text),
            ("", Affinity::Blob),
            ("BLOB", Affinity::Blob),
            ("DOUBLE", Affinity::Real),
            ("TIMESTAMP", Affinity::Numeric),
            ("STRING", Affinity::Numeric),
            ("DECIMAL(10,2)", Affinity::Numeric),
        ];
        for (native, affinity) in table {
            assert_eq!(Affinity::of(native), affinity, "{native}");
        }
    }
}
