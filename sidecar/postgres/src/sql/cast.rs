//! Casts of text to the column's own type.

use dualwrite_core::mapping::TableColumn;
use dualwrite_core::value::Kind;

/// An expression of the column's type from a text expression.
///
/// The type is named without its length or precision: an explicit cast to
/// `varchar(3)` cuts silently, while the assignment to the column refuses.
pub(crate) fn cast(text: &str, column: &TableColumn) -> String {
    format!("{text}::{}", base_type(&column.native, column.kind))
}

/// The type's name without its length or precision.
fn base_type(native: &str, kind: Kind) -> String {
    let base = without_modifier(native.trim());
    match base.as_str() {
        "" => default_type(kind).to_owned(),
        // Bare `character` means `character(1)` in a cast.
        "character" | "char" => "bpchar".to_owned(),
        _ => base,
    }
}

/// Drops a parenthesised part that stands outside quotes.
fn without_modifier(native: &str) -> String {
    let mut base = String::with_capacity(native.len());
    let (mut quoted, mut depth) = (false, 0_u32);
    for letter in native.chars() {
        match letter {
            '"' if depth == 0 => quoted = !quoted,
            '(' if !quoted => depth += 1,
            _ => {}
        }
        if depth == 0 {
            base.push(letter);
        }
        if letter == ')' && !quoted {
            depth = depth.saturating_sub(1);
        }
    }
    base
}

/// The type of a column whose own is not known.
const fn default_type(kind: Kind) -> &'static str {
    match kind {
        Kind::Bool => "boolean",
        Kind::Int => "bigint",
        Kind::UInt | Kind::Decimal => "numeric",
        Kind::Float => "double precision",
        Kind::Text => "text",
        Kind::Bytes => "bytea",
        Kind::Uuid => "uuid",
        Kind::Timestamp => "timestamp with time zone",
        Kind::DateTime => "timestamp without time zone",
        Kind::Date => "date",
        Kind::Time => "time without time zone",
        Kind::Json => "jsonb",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_and_precisions_are_left_to_the_column() {
        let table = [
            ("bigint", "bigint"),
            ("numeric(10,2)", "numeric"),
            ("character varying(20)", "character varying"),
            ("character(3)", "bpchar"),
            ("timestamp(3) with time zone", "timestamp with time zone"),
            ("shop.mood", "shop.mood"),
            ("\"odd (type)\"", "\"odd (type)\""),
            ("", "jsonb"),
        ];
        for (native, base) in table {
            assert_eq!(base_type(native, Kind::Json), base, "{native}");
        }
    }
}
