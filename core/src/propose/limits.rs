//! What a declared type can hold, as far as its own text says.

use super::remark::Remark;

/// Both types, where both declare digits after the point and not as many.
pub(super) fn digits_differ(legacy: &str, new: &str) -> Option<(String, String)> {
    match (digits(legacy), digits(new)) {
        (Some(from), Some(to)) if from != to => Some((legacy.to_owned(), new.to_owned())),
        (Some(_) | None, _) => None,
    }
}

/// The digits after the point of `numeric(10,2)` or `timestamp(3)`.
pub(super) fn digits(native: &str) -> Option<u32> {
    let (name, arguments) = parts(native)?;
    match name.as_str() {
        "numeric" | "decimal" => Some(arguments.get(1).copied().unwrap_or(0)),
        "timestamp" | "timestamptz" | "datetime" | "time" | "timetz" => arguments.first().copied(),
        _ => None,
    }
}

/// What to check where only one of two types says how many digits it keeps
/// after the point.
pub(super) fn coarser(legacy: Sized<'_>, new: Sized<'_>) -> Option<Remark> {
    let kept = |sized: Sized<'_>| sized.bounded.then(|| digits(sized.native)).flatten();
    let (side, native, kept) = match (kept(legacy), kept(new)) {
        (None, Some(kept)) => ("new", new.native, kept),
        (Some(kept), None) => ("legacy", legacy.native, kept),
        (Some(_), Some(_)) | (None, None) => return None,
    };
    Some(Remark::check(
        format!(
            "only {side} ({native}) says how many digits it keeps after the point ({kept}): a value with more is not the same there"
        ),
        "declare both alike, or know that no value has more",
    ))
}

/// What to check where one of two types of a kind holds less than the other.
pub(super) fn narrower(legacy: Sized<'_>, new: Sized<'_>) -> Option<Remark> {
    let (from, to) = match (legacy.room(), new.room()) {
        (Some(from), Some(to)) if from.0 == to.0 => (from.1, to.1),
        (Some(from), None) if !new.bounded => (from.1, u32::MAX),
        (None, Some(to)) if !legacy.bounded => (u32::MAX, to.1),
        (Some(_) | None, _) => return None,
    };
    let (legacy, new) = (legacy.native, new.native);
    if from == to {
        return None;
    }
    let (less, when) = if to < from {
        ("new", "its copy is refused and its key set aside")
    } else {
        ("legacy", "going back is refused for it once new is primary")
    };
    Some(Remark::check(
        format!(
            "{less} holds less (legacy {legacy}, new {new}): where a value does not fit, {when}"
        ),
        "declare them alike, or know that no value is that long",
    ))
}

/// A declared type, and whether its database keeps to it.
#[derive(Clone, Copy)]
pub(super) struct Sized<'a> {
    pub(super) native: &'a str,
    /// SQLite, for one, stores any length in any column.
    pub(super) bounded: bool,
}

impl Sized<'_> {
    fn room(self) -> Option<(&'static str, u32)> {
        self.bounded.then(|| room(self.native)).flatten()
    }
}

/// What a type measures, and how much of it there is room for.
fn room(native: &str) -> Option<(&'static str, u32)> {
    let lower = native.to_ascii_lowercase();
    let whole = match lower.as_str() {
        "smallint" | "int2" => Some(2),
        "integer" | "int" | "int4" => Some(4),
        "bigint" | "int8" => Some(8),
        _ => None,
    };
    if let Some(bytes) = whole {
        return Some(("bytes", bytes));
    }
    if lower == "text" {
        return Some(("letters", u32::MAX));
    }
    let (name, arguments) = parts(native)?;
    match name.as_str() {
        "character varying" | "varchar" | "character" | "char" => {
            Some(("letters", *arguments.first()?))
        }
        "numeric" | "decimal" => {
            let digits = arguments.first()?;
            let after = arguments.get(1).copied().unwrap_or(0);
            Some(("digits", digits.saturating_sub(after)))
        }
        _ => None,
    }
}

/// The name and the numbers of `name(1,2) …`.
fn parts(native: &str) -> Option<(String, Vec<u32>)> {
    let native = native.to_ascii_lowercase();
    let (name, rest) = native.split_once('(')?;
    let (inside, _) = rest.split_once(')')?;
    let numbers: Option<Vec<u32>> = inside
        .split(',')
        .map(|number| number.trim().parse().ok())
        .collect();
    Some((name.trim().to_owned(), numbers?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_after_the_point_are_read() {
        let table = [
            ("numeric(10,2)", Some(2)),
            ("DECIMAL(10)", Some(0)),
            ("numeric", None),
            ("timestamp(3) with time zone", Some(3)),
            ("character varying(20)", None),
            ("numeric(x)", None),
        ];
        for (native, expected) in table {
            assert_eq!(digits(native), expected, "{native}");
        }
    }

    #[test]
    fn digits_that_only_one_side_declares_are_told() {
        let sized = |native| Sized {
            native,
            bounded: native != "DECIMAL(4)",
        };
        let table = [
            (
                "timestamp with time zone",
                "timestamp(0) with time zone",
                Some("new"),
            ),
            ("numeric(12,2)", "numeric", Some("legacy")),
            ("numeric(12,2)", "numeric(10,2)", None),
            ("numeric", "numeric", None),
            ("DECIMAL(4)", "numeric", None),
        ];
        for (legacy, new, expected) in table {
            let found = coarser(sized(legacy), sized(new)).map(|remark| remark.detail);
            let told = found.as_deref().and_then(|detail| detail.split(' ').nth(1));
            assert_eq!(told, expected, "{legacy} {new}");
        }
    }

    #[test]
    fn the_narrower_side_is_told() {
        let sized = |native| Sized {
            native,
            bounded: native != "INTEGER",
        };
        let table = [
            ("bigint", "integer", Some("new")),
            ("integer", "bigint", Some("legacy")),
            ("text", "character varying(20)", Some("new")),
            ("varchar(20)", "varchar(20)", None),
            ("numeric(12,2)", "numeric(10,2)", Some("new")),
            ("INTEGER", "integer", Some("new")),
            ("uuid", "uuid", None),
            ("text", "bigint", None),
        ];
        for (legacy, new, expected) in table {
            let found = narrower(sized(legacy), sized(new)).map(|remark| remark.detail);
            let side = found.as_deref().and_then(|detail| detail.split(' ').next());
            assert_eq!(side, expected, "{legacy} {new}");
        }
    }
}
