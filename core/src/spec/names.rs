//! Which names are allowed, and the names made of them.

/// Letters that a service or entity name may have.
pub const MAX_NAME: usize = 31;

/// Bytes that an identifier may have on every engine.
pub const MAX_IDENTIFIER: usize = 63;

/// Columns that an entity may have: a bound on what one statement binds.
pub const MAX_COLUMNS: usize = 1024;

/// What [`check_name`] takes, for messages.
pub(super) const NAME_FORM: &str =
    "a lower case letter, then up to 30 lower case letters, digits or _";

/// Whether a service or entity may have this name: a lower case letter, then
/// up to 30 lower case letters, digits or underscores. Such a name needs no
/// quoting anywhere.
#[must_use]
pub fn check_name(name: &str) -> bool {
    name.len() <= MAX_NAME
        && name.starts_with(|first: char| first.is_ascii_lowercase())
        && name
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

/// The name of the table that holds an entity's markers.
#[must_use]
pub fn outbox_name(service: &str, entity: &str) -> String {
    format!("outbox_{service}_{entity}")
}
