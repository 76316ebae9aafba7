//! The variables of the hand-written pattern: what a service that does its own
//! dual writes today has in its environment, in our words.
//!
//! `DUAL_WRITE_ENABLED`, `DUAL_WRITE_TO_LEGACY` and `DUAL_WRITE_TO_NEW` say the
//! phase (`environment/phase.rs` has the whole table), with
//! `DUAL_WRITE_PRIMARY` where these three do not; the others are flags. A name
//! with the service's prefix (`CART_DUAL_WRITE_BATCH_SIZE`) wins over the one
//! without. [`dotenv`] reads the files that such variables stand in.

pub mod dotenv;

mod error;
mod phase;

#[cfg(test)]
mod tests;

pub use error::EnvironmentError;

use crate::flags::{FlagError, Flags, parse_bool};
use crate::phase::Phase;
use phase::Switches;

/// What every variable of the pattern begins with, after a service's prefix.
pub const PREFIX: &str = "DUAL_WRITE_";

/// The four that say the phase.
const ENABLED: &str = "DUAL_WRITE_ENABLED";
const TO_LEGACY: &str = "DUAL_WRITE_TO_LEGACY";
const TO_NEW: &str = "DUAL_WRITE_TO_NEW";
const PRIMARY: &str = "DUAL_WRITE_PRIMARY";

/// The variables that are flags, each with its flag.
const FLAGS: [(&str, &str); 10] = [
    ("DUAL_WRITE_FAIL_ON_LEGACY_ERROR", "fail_on_legacy_error"),
    ("DUAL_WRITE_FAIL_ON_NEW_ERROR", "fail_on_new_error"),
    ("DUAL_WRITE_ASYNC_LEGACY", "async_legacy"),
    ("DUAL_WRITE_ASYNC_NEW", "async_new"),
    ("DUAL_WRITE_BATCH_SIZE", "batch_size"),
    ("DUAL_WRITE_VALIDATE_SYNC", "validate_sync"),
    ("DUAL_WRITE_SYNC_INTERVAL", "sync_interval"),
    ("DUAL_WRITE_LOG_ALL", "log_all"),
    ("DUAL_WRITE_LOG_ERRORS_ONLY", "log_errors_only"),
    ("DUAL_WRITE_METRICS_ENABLED", "metrics_enabled"),
];

/// What the variables of the pattern say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Environment {
    /// The phase; `None` where none of the four variables is set.
    pub phase: Option<Phase>,
    /// The flags; those that no variable sets are as they were given.
    pub flags: Flags,
    /// Which variable set what: `phase` or the name of a flag, and the variable.
    pub origins: Vec<(&'static str, String)>,
}

/// Every variable of the pattern, without a service's prefix.
pub fn names() -> impl Iterator<Item = &'static str> + Clone {
    let flags = FLAGS.iter().map(|(variable, _)| *variable);
    [ENABLED, TO_LEGACY, TO_NEW, PRIMARY]
        .into_iter()
        .chain(flags)
}

/// Whether a variable belongs to the pattern, for this service.
#[must_use]
pub fn belongs(name: &str, service: &str) -> bool {
    unprefixed(name, service).is_some()
}

/// Reads the variables of the pattern out of all that there are; an empty one
/// counts as not set. `flags` hold what no variable says.
///
/// # Errors
/// All that is wrong with them, each naming its variables.
pub fn read<'a>(
    variables: impl IntoIterator<Item = (&'a str, &'a str)>,
    service: &str,
    flags: &Flags,
) -> Result<Environment, Vec<EnvironmentError>> {
    let mut errors = Vec::new();
    let mut found: Vec<Found<'a>> = Vec::new();
    for (variable, text) in variables {
        let Some(name) = unprefixed(variable, service) else {
            continue;
        };
        if !names().any(|known| known == name) {
            errors.push(EnvironmentError::unknown(variable, name));
        } else if !text.trim().is_empty() {
            found.push(Found {
                name,
                variable,
                text: text.trim(),
            });
        }
    }
    let found = Variables(found);
    let phase = found.phase(&mut errors);
    let (flags, mut origins) = found.flags(flags, &mut errors);
    if phase.is_some() {
        let said = found.of(ENABLED).or_else(|| found.of(TO_NEW));
        let said = said.or_else(|| found.of(TO_LEGACY));
        origins.extend(said.map(|found| ("phase", found.variable.to_owned())));
    }
    if errors.is_empty() {
        Ok(Environment {
            phase,
            flags,
            origins,
        })
    } else {
        Err(errors)
    }
}

/// The name of a variable of the pattern without the service's prefix.
fn unprefixed<'a>(variable: &'a str, service: &str) -> Option<&'a str> {
    if variable.starts_with(PREFIX) {
        return Some(variable);
    }
    let (prefix, _) = variable.split_once("_DUAL_WRITE_")?;
    let own = prefix == service.to_ascii_uppercase();
    own.then(|| &variable[prefix.len() + 1..])
}

/// One variable that is set.
#[derive(Debug, Clone, Copy)]
struct Found<'a> {
    /// Without the service's prefix.
    name: &'a str,
    variable: &'a str,
    text: &'a str,
}

/// Those that are set.
struct Variables<'a>(Vec<Found<'a>>);

impl<'a> Variables<'a> {
    /// The strongest variable of this name: the one with a prefix.
    fn of(&self, name: &str) -> Option<Found<'a>> {
        let own = self.0.iter().filter(|found| found.name == name);
        own.copied().max_by_key(|found| found.variable.len())
    }

    fn phase(&self, errors: &mut Vec<EnvironmentError>) -> Option<Phase> {
        let before = errors.len();
        let mut switch = |name| {
            let found = self.of(name)?;
            let value = parse_bool(found.text);
            if value.is_none() {
                errors.push(EnvironmentError::value(&found, "true or false"));
            }
            value
        };
        let enabled = switch(ENABLED);
        let to_legacy = switch(TO_LEGACY);
        let to_new = switch(TO_NEW);
        let primary = self.of(PRIMARY).and_then(|found| {
            let side = phase::side(found.text);
            if side.is_none() {
                errors.push(EnvironmentError::value(&found, "legacy or new"));
            }
            side
        });
        let switches = Switches {
            enabled,
            to_legacy,
            to_new,
            primary,
        };
        if errors.len() > before || switches.is_blank() {
            return None;
        }
        let phase = switches.phase();
        phase.map_err(|error| errors.push(error)).ok()
    }

    fn flags(
        &self,
        given: &Flags,
        errors: &mut Vec<EnvironmentError>,
    ) -> (Flags, Vec<(&'static str, String)>) {
        let mut flags = given.clone();
        let mut origins = Vec::new();
        for (name, flag) in FLAGS {
            let Some(found) = self.of(name) else {
                continue;
            };
            match flags.set(flag, found.text) {
                Ok(()) => origins.push((flag, found.variable.to_owned())),
                Err(FlagError::Invalid { expected, .. }) => {
                    errors.push(EnvironmentError::value(&found, expected));
                }
                // The table names flags that there are; a test holds it.
                Err(FlagError::Unknown { .. }) => {}
            }
        }
        for violation in flags.validate() {
            let variable = FLAGS.iter().find(|(_, flag)| *flag == violation.path);
            let found = variable.and_then(|(name, _)| self.of(name));
            if let Some(found) = found {
                errors.push(EnvironmentError::value(&found, &violation.expected));
            }
        }
        (flags, origins)
    }
}
