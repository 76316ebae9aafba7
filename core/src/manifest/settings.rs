//! `spec.flags` and `spec.guards`.

use crate::duration;
use crate::flags::{FlagError, Flags};
use crate::guard::GuardPolicy;
use crate::yaml::reader::{Errors, Fields, text};
use crate::yaml::tree::Node;

/// The names of the guards' limits.
pub(super) const GUARD_NAMES: [&str; 7] = [
    "maxMarkers",
    "maxMarkerAge",
    "maxSecondaryErrorPercent",
    "errorWindow",
    "requireBackfill",
    "maxValidationAge",
    "minSidecars",
];

pub(super) fn flags(node: &Node, errors: &mut Errors) -> Flags {
    let mut flags = Flags::default();
    let Some(fields) = Fields::read(node, "spec.flags", Flags::names(), errors) else {
        return flags;
    };
    let known = fields
        .entries()
        .filter(|(name, _)| Flags::names().contains(name));
    for (name, node) in known {
        let path = fields.path_of(name);
        let Some(text) = text(node, &path, "a value", errors) else {
            continue;
        };
        match flags.set(name, text) {
            Err(FlagError::Invalid { text, expected, .. }) => {
                errors.push(
                    node.place,
                    &path,
                    format!("`{text}` is no value of it"),
                    expected,
                );
            }
            // Unknown names have been said by `Fields::read`.
            Ok(()) | Err(FlagError::Unknown { .. }) => {}
        }
    }
    flags
}

pub(super) fn guards(node: &Node, errors: &mut Errors) -> GuardPolicy {
    let mut policy = GuardPolicy::default();
    let Some(fields) = Fields::read(node, "spec.guards", &GUARD_NAMES, errors) else {
        return policy;
    };
    for (name, node) in fields
        .entries()
        .filter(|(name, _)| GUARD_NAMES.contains(name))
    {
        let path = fields.path_of(name);
        let Some(text) = text(node, &path, "a value", errors) else {
            continue;
        };
        if let Err(expected) = set_guard(&mut policy, name, text) {
            errors.push(
                node.place,
                &path,
                format!("`{text}` is no value of it"),
                expected,
            );
        }
    }
    policy
}

/// Sets one limit; the error says what would be right.
fn set_guard(policy: &mut GuardPolicy, name: &str, text: &str) -> Result<(), &'static str> {
    let count = "a whole number";
    let span = || duration::parse(text, "s").ok_or(duration::FORM);
    match name {
        "maxMarkers" => policy.max_markers = text.parse().map_err(|_| count)?,
        "maxMarkerAge" => policy.max_marker_age = span()?,
        "maxSecondaryErrorPercent" => {
            policy.max_secondary_error_percent = text.parse().map_err(|_| "a number, 0 to 100")?;
        }
        "errorWindow" => policy.error_window = span()?,
        "requireBackfill" => {
            policy.require_backfill = text.parse().map_err(|_| "true or false")?;
        }
        "maxValidationAge" => policy.max_validation_age = span()?,
        "minSidecars" => policy.min_sidecars = text.parse().map_err(|_| count)?,
        _ => return Err("a known name"),
    }
    Ok(())
}
