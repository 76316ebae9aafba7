//! Which kind the values of a PostgreSQL type are.

use dualwrite_core::value::Kind;

/// A type as the catalog has it, behind any domain.
#[derive(Debug)]
pub(super) struct NativeType {
    pub(super) schema: String,
    pub(super) name: String,
    /// `b` base, `e` enum, `c` composite, `r` range, `m` multirange, `p` pseudo.
    pub(super) class: String,
}

impl NativeType {
    /// Whether different texts count as equal, so that it must not be in a key.
    pub(super) fn ignores_differences(&self) -> bool {
        matches!(self.name.as_str(), "citext" | "bpchar")
    }
}

/// The kind of its values; else why they cannot be carried, and what would do.
pub(super) fn kind(native: &NativeType) -> Result<Kind, String> {
    if native.class == "e" || native.name == "citext" {
        return Ok(Kind::Text);
    }
    let name = native.name.as_str();
    if native.schema != "pg_catalog" {
        return Err(format!(
            "values of type {name} cannot be carried; known are the built-in types, enums and citext"
        ));
    }
    Ok(match name {
        "bool" => Kind::Bool,
        "int2" | "int4" | "int8" => Kind::Int,
        "numeric" => Kind::Decimal,
        "float4" | "float8" => Kind::Float,
        "text" | "varchar" | "bpchar" => Kind::Text,
        "bytea" => Kind::Bytes,
        "uuid" => Kind::Uuid,
        "timestamptz" => Kind::Timestamp,
        "timestamp" => Kind::DateTime,
        "date" => Kind::Date,
        "time" => Kind::Time,
        "json" | "jsonb" => Kind::Json,
        _ => return Err(why_not(name)),
    })
}

fn why_not(name: &str) -> String {
    let why = match name {
        "timetz" => "a time with a zone but without a date has no instant; use time or timestamptz",
        "money" => "its text hangs on the server's locale; use numeric",
        "interval" => "months and days have no fixed length; use numeric seconds",
        "xml" => "it has no equality; use text",
        _ if name.starts_with('_') => "arrays cannot be carried; use jsonb",
        _ => "cannot be carried; leave the column out, or use text",
    };
    format!("{name}: {why}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(name: &str, class: &str) -> Result<Kind, String> {
        kind(&NativeType {
            schema: "pg_catalog".into(),
            name: name.into(),
            class: class.into(),
        })
    }

    #[test]
    fn built_in_types_have_their_kinds_and_others_a_reason() {
        assert_eq!(of("int4", "b"), Ok(Kind::Int));
        assert_eq!(of("timestamp", "b"), Ok(Kind::DateTime));
        assert_eq!(of("mood", "e"), Ok(Kind::Text));
        for (name, hint) in [
            ("timetz", "timestamptz"),
            ("_int4", "jsonb"),
            ("money", "numeric"),
        ] {
            let why = of(name, "b").unwrap_err();
            assert!(why.contains(hint), "{name}: {why}");
        }
    }

    #[test]
    fn a_type_of_that_name_elsewhere_is_another_type() {
        let other = NativeType {
            schema: "shop".into(),
            name: "int4".into(),
            class: "b".into(),
        };
        assert!(kind(&other).is_err());
    }
}
