//! Flags by name and text: what `flags set` and the environment give.

use std::time::Duration;

use super::Flags;
use crate::duration;
use crate::suggest;

/// A flag that was not set. Nothing has changed then.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FlagError {
    /// No flag has this name.
    #[error("`{name}` is no flag; {hint}; flags are {}", Flags::names().join(", "))]
    Unknown {
        /// What was given.
        name: String,
        /// The nearest name, or where to look.
        hint: String,
    },
    /// The text is no value of this flag.
    #[error("`{text}` is no value of {name}: expected {expected}")]
    Invalid {
        /// The flag.
        name: &'static str,
        /// What was given.
        text: String,
        /// What would be right.
        expected: &'static str,
    },
}

/// One flag seen as a place for text.
enum Slot<'a> {
    Bool(&'a mut bool),
    Count(&'a mut u32),
    Percent(&'a mut u8),
    /// With the unit of a bare number.
    Duration(&'a mut Duration, &'static str),
}

const NAMES: [&str; 13] = [
    "fail_on_legacy_error",
    "fail_on_new_error",
    "async_legacy",
    "async_new",
    "batch_size",
    "validate_sync",
    "sync_interval",
    "log_all",
    "log_errors_only",
    "metrics_enabled",
    "read_new_percent",
    "compare_reads_percent",
    "secondary_timeout_ms",
];

impl Flags {
    /// The names of all flags, as users type them.
    #[must_use]
    pub const fn names() -> &'static [&'static str] {
        &NAMES
    }

    /// Sets one flag from text. Whether the value is in its range is said by
    /// [`Flags::validate`].
    ///
    /// # Errors
    /// [`FlagError`]: the name is unknown (suggests the nearest, lists all), or
    /// the text is no value of it (says what would be right).
    pub fn set(&mut self, name: &str, text: &str) -> Result<(), FlagError> {
        let (name, slot) = self.slot(name)?;
        let invalid = |expected| FlagError::Invalid {
            name,
            text: text.to_owned(),
            expected,
        };
        match slot {
            Slot::Bool(place) => {
                *place = parse_bool(text).ok_or_else(|| invalid("true or false"))?;
            }
            Slot::Count(place) => {
                *place = text
                    .trim()
                    .parse()
                    .map_err(|_| invalid("a whole number, 1 to 512"))?;
            }
            Slot::Percent(place) => {
                *place = text
                    .trim()
                    .parse()
                    .map_err(|_| invalid("a whole number, 0 to 100"))?;
            }
            Slot::Duration(place, bare) => {
                *place = duration::parse(text, bare).ok_or_else(|| invalid(duration::FORM))?;
            }
        }
        Ok(())
    }

    /// One flag as text, in the form that [`Flags::set`] takes.
    ///
    /// # Errors
    /// [`FlagError::Unknown`].
    pub fn get(&self, name: &str) -> Result<String, FlagError> {
        let mut copy = self.clone();
        let (_, slot) = copy.slot(name)?;
        Ok(match slot {
            Slot::Bool(place) => place.to_string(),
            Slot::Count(place) => place.to_string(),
            Slot::Percent(place) => place.to_string(),
            Slot::Duration(place, "ms") => place.as_millis().to_string(),
            Slot::Duration(place, _) => duration::format(*place),
        })
    }

    fn slot(&mut self, name: &str) -> Result<(&'static str, Slot<'_>), FlagError> {
        let known = NAMES.into_iter().find(|known| *known == name);
        let slot = match name {
            "fail_on_legacy_error" => Slot::Bool(&mut self.fail_on_legacy_error),
            "fail_on_new_error" => Slot::Bool(&mut self.fail_on_new_error),
            "async_legacy" => Slot::Bool(&mut self.async_legacy),
            "async_new" => Slot::Bool(&mut self.async_new),
            "batch_size" => Slot::Count(&mut self.batch_size),
            "validate_sync" => Slot::Bool(&mut self.validate_sync),
            "sync_interval" => Slot::Duration(&mut self.sync_interval, "s"),
            "log_all" => Slot::Bool(&mut self.log_all),
            "log_errors_only" => Slot::Bool(&mut self.log_errors_only),
            "metrics_enabled" => Slot::Bool(&mut self.metrics_enabled),
            "read_new_percent" => Slot::Percent(&mut self.read_new_percent),
            "compare_reads_percent" => Slot::Percent(&mut self.compare_reads_percent),
            "secondary_timeout_ms" => Slot::Duration(&mut self.secondary_timeout, "ms"),
            _ => return Err(unknown(name)),
        };
        known
            .map(|known| (known, slot))
            .ok_or_else(|| unknown(name))
    }
}

fn unknown(name: &str) -> FlagError {
    let hint = suggest::nearest(name, NAMES).map_or_else(
        || "no flag has a similar name".to_owned(),
        |near| format!("did you mean `{near}`?"),
    );
    FlagError::Unknown {
        name: name.to_owned(),
        hint,
    }
}

/// Reads a truth value in every spelling that people use, which are those that
/// Python's settings libraries take. `None` when it is none.
#[must_use]
pub fn parse_bool(text: &str) -> Option<bool> {
    match text.trim().to_ascii_lowercase().as_str() {
        "true" | "yes" | "on" | "1" | "t" | "y" => Some(true),
        "false" | "no" | "off" | "0" | "f" | "n" => Some(false),
        _ => None,
    }
}
