//! The text form of values: what every engine reads and writes. Databases'
//! values cross as text, because text is exact for every type.

use std::fmt::Write as _;

use super::calendar::{self, Refused};
use super::{Decimal, DecimalError, Kind, Value, ValueError, json};

impl Value {
    /// The canonical text of a value, or `None` for NULL.
    ///
    /// `true`, `-5`, `12.5`, `1e300`, `\x00ff`, lower case UUIDs with dashes,
    /// `2026-01-31T23:59:59.123456Z` (without the `Z` for a date and time),
    /// `2026-01-31`, `23:59:59.123456`, canonical JSON.
    #[must_use]
    pub fn to_text(&self) -> Option<String> {
        Some(match self {
            Self::Null => return None,
            Self::Bool(v) => v.to_string(),
            Self::Int(v) => v.to_string(),
            Self::UInt(v) => v.to_string(),
            Self::Decimal(v) => v.to_string(),
            Self::Float(v) => format_float(*v),
            Self::Text(v) | Self::Json(v) => v.clone(),
            Self::Bytes(v) => format_bytes(v),
            Self::Uuid(v) => uuid::Uuid::from_bytes(*v).hyphenated().to_string(),
            Self::Timestamp(v) => calendar::format_timestamp(*v),
            Self::DateTime(v) => calendar::format_datetime(*v),
            Self::Date(v) => calendar::format_date(*v),
            Self::Time(v) => calendar::format_time(*v),
        })
    }

    /// Reads a value of `kind` from text: the canonical form, and whatever
    /// PostgreSQL writes with ISO dates and hexadecimal bytes.
    ///
    /// # Errors
    /// [`ValueError`], which says what would be right and never what was given.
    pub fn from_text(kind: Kind, text: &str) -> Result<Self, ValueError> {
        match kind {
            Kind::Bool => parse_bool(text),
            Kind::Int => parse_integer(text, kind, INT_FORM).map(Self::Int),
            Kind::UInt => parse_integer(text, kind, UINT_FORM).map(Self::UInt),
            Kind::Decimal => parse_decimal(text),
            Kind::Float => parse_float(text),
            Kind::Text => Ok(Self::Text(text.to_owned())),
            Kind::Bytes => parse_bytes(text),
            Kind::Uuid => uuid::Uuid::try_parse(text)
                .map(|uuid| Self::Uuid(uuid.into_bytes()))
                .map_err(|_| malformed(kind, "32 hexadecimal digits with dashes")),
            Kind::Timestamp => {
                calendar(kind, calendar::parse_timestamp(text), TIMESTAMP_FORM).map(Self::Timestamp)
            }
            Kind::DateTime => {
                calendar(kind, calendar::parse_datetime(text), DATETIME_FORM).map(Self::DateTime)
            }
            Kind::Date => {
                calendar(kind, calendar::parse_date(text), "a form like 2026-01-31").map(Self::Date)
            }
            Kind::Time => calendar(
                kind,
                calendar::parse_time(text),
                "a form like 23:59:59.123456",
            )
            .map(Self::Time),
            Kind::Json => json::canonical(text).map(Self::Json),
        }
    }

    /// Whether a calendar value is one that text can say: an instant or date in
    /// the years 0000 to 9999, a time of day up to 24:00:00. Always true of
    /// other kinds.
    #[must_use]
    pub const fn is_in_range(&self) -> bool {
        match self {
            Self::Timestamp(v) | Self::DateTime(v) => calendar::in_range(*v),
            Self::Date(v) => calendar::date_in_range(*v),
            Self::Time(v) => calendar::time_in_range(*v),
            Self::Null
            | Self::Bool(_)
            | Self::Int(_)
            | Self::UInt(_)
            | Self::Decimal(_)
            | Self::Float(_)
            | Self::Text(_)
            | Self::Bytes(_)
            | Self::Uuid(_)
            | Self::Json(_) => true,
        }
    }
}

const INT_FORM: &str = "a whole number from -2^63 to 2^63-1";
const UINT_FORM: &str = "a whole number from 0 to 2^64-1";
const TIMESTAMP_FORM: &str = "a form like 2026-01-31T23:59:59.123456Z, with its zone";
const DATETIME_FORM: &str = "a form like 2026-01-31T23:59:59.123456, without a zone";
const CALENDAR_RANGE: &str = "a year from 0000 to 9999 and at most microseconds (no infinity)";

pub(super) const fn malformed(kind: Kind, expected: &'static str) -> ValueError {
    ValueError::Malformed { kind, expected }
}

pub(super) const fn out_of_range(kind: Kind, expected: &'static str) -> ValueError {
    ValueError::OutOfRange { kind, expected }
}

fn calendar<T>(
    kind: Kind,
    parsed: Result<T, Refused>,
    form: &'static str,
) -> Result<T, ValueError> {
    parsed.map_err(|refused| match refused {
        Refused::Malformed => malformed(kind, form),
        Refused::OutOfRange => out_of_range(kind, CALENDAR_RANGE),
    })
}

fn parse_bool(text: &str) -> Result<Value, ValueError> {
    match text {
        "t" | "true" => Ok(Value::Bool(true)),
        "f" | "false" => Ok(Value::Bool(false)),
        _ => Err(malformed(Kind::Bool, "true or false")),
    }
}

fn parse_integer<T: std::str::FromStr>(
    text: &str,
    kind: Kind,
    form: &'static str,
) -> Result<T, ValueError> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(malformed(kind, form));
    }
    text.parse().map_err(|_| out_of_range(kind, form))
}

fn parse_decimal(text: &str) -> Result<Value, ValueError> {
    Decimal::parse(text)
        .map(Value::Decimal)
        .map_err(|error| match error {
            DecimalError::Malformed => malformed(
                Kind::Decimal,
                "digits with optional sign, point and exponent (no NaN, no Infinity)",
            ),
            DecimalError::TooLong => out_of_range(
                Kind::Decimal,
                "at most 131072 digits on either side of the point",
            ),
        })
}

/// The shortest text that reads back as the same number.
fn format_float(float: f64) -> String {
    if float.is_nan() {
        "NaN".to_owned()
    } else if float.is_infinite() {
        if float > 0.0 { "Infinity" } else { "-Infinity" }.to_owned()
    } else if float == 0.0 {
        "0".to_owned()
    } else {
        let text = format!("{float:?}");
        text.strip_suffix(".0").map(str::to_owned).unwrap_or(text)
    }
}

fn parse_float(text: &str) -> Result<Value, ValueError> {
    let form = "a number like -1.5e3, NaN, Infinity or -Infinity";
    let float: f64 = text.parse().map_err(|_| malformed(Kind::Float, form))?;
    if float.is_infinite() && text.bytes().any(|byte| byte.is_ascii_digit()) {
        return Err(out_of_range(Kind::Float, "a number that 64 bits can hold"));
    }
    Ok(Value::Float(float))
}

fn format_bytes(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(2 + 2 * bytes.len());
    text.push_str("\\x");
    for byte in bytes {
        // Writing into a String cannot fail.
        let _written = write!(text, "{byte:02x}");
    }
    text
}

fn parse_bytes(text: &str) -> Result<Value, ValueError> {
    let error = || malformed(Kind::Bytes, "\\x and then two hexadecimal digits a byte");
    let digits = text.strip_prefix("\\x").ok_or_else(error)?.as_bytes();
    if !digits.len().is_multiple_of(2) {
        return Err(error());
    }
    digits
        .chunks_exact(2)
        .map(|pair| Some(nibble(pair[0])? << 4 | nibble(pair[1])?))
        .collect::<Option<Vec<u8>>>()
        .map(Value::Bytes)
        .ok_or_else(error)
}

const fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}
