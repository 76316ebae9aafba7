//! Durations as people write them: `300s`, `500ms`, `5m`, `1h`.

use std::time::Duration;

/// What [`parse`] takes, for messages.
pub const FORM: &str = "a whole number with a unit, like 500ms, 30s, 5m or 1h";

/// Units from the largest, with their milliseconds.
const UNITS: [(&str, u64); 4] = [("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)];

/// Reads a whole number with a unit. A bare number counts in `bare`, which is
/// `s` or `ms`. `None` when the text is no duration.
#[must_use]
pub fn parse(text: &str, bare: &str) -> Option<Duration> {
    let text = text.trim();
    let split = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(split);
    let unit = if unit.is_empty() { bare } else { unit.trim() };
    let (_, millis) = UNITS.into_iter().find(|(name, _)| *name == unit)?;
    number
        .parse::<u64>()
        .ok()?
        .checked_mul(millis)
        .map(Duration::from_millis)
}

/// The shortest exact form of whole milliseconds; what is finer is dropped.
/// Seconds stay seconds below ten minutes, because limits are thought of so.
#[must_use]
pub fn format(duration: Duration) -> String {
    let millis = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
    if millis == 0 {
        return "0s".to_owned();
    }
    let (unit, size) = UNITS
        .into_iter()
        .find(|(unit, size)| {
            millis.is_multiple_of(*size) && (millis >= 600_000 || matches!(*unit, "s" | "ms"))
        })
        .unwrap_or(("ms", 1));
    format!("{}{unit}", millis / size)
}

/// Serde form: the text of [`format()`].
pub(crate) mod text {
    use serde::{Deserialize, Deserializer, Serializer, de};

    use super::{Duration, FORM};

    pub(crate) fn serialize<S: Serializer>(
        duration: &Duration,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&super::format(*duration))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Duration, D::Error> {
        let text = String::deserialize(deserializer)?;
        super::parse(&text, "s").ok_or_else(|| de::Error::custom(format!("expected {FORM}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_read_and_written() {
        let table = [
            ("300", "300s"),
            ("300s", "300s"),
            ("5m", "300s"),
            ("10m", "10m"),
            ("90m", "90m"),
            ("2h", "2h"),
            ("1500ms", "1500ms"),
            ("2000ms", "2s"),
            ("0", "0s"),
            (" 7 s ", "7s"),
        ];
        for (text, written) in table {
            assert_eq!(
                parse(text, "s").map(format).as_deref(),
                Some(written),
                "{text}"
            );
        }
        assert_eq!(parse("500", "ms"), Some(Duration::from_millis(500)));
    }

    #[test]
    fn what_is_no_duration_is_refused() {
        for text in [
            "",
            "s",
            "-1s",
            "1.5s",
            "1d",
            "fast",
            "99999999999999999999s",
            "18446744073709551615h",
        ] {
            assert_eq!(parse(text, "s"), None, "{text}");
        }
    }
}
