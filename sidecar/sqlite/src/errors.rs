//! What SQLite says, told apart by what the caller does next.
//!
//! SQLite's own messages name tables and columns and never hold values, with
//! one exception: what a trigger raises is the application's text and is left
//! out.

use dualwrite_core::mapping::Table;
use dualwrite_engine::store::{CommitError, ConstraintKind, StoreError};

use crate::sql::key_names;

/// Result codes of SQLite, without their extension.
mod code {
    pub(super) const PERM: i32 = 3;
    pub(super) const BUSY: i32 = 5;
    pub(super) const LOCKED: i32 = 6;
    pub(super) const READONLY: i32 = 8;
    pub(super) const IOERR: i32 = 10;
    pub(super) const FULL: i32 = 13;
    pub(super) const CANTOPEN: i32 = 14;
    pub(super) const PROTOCOL: i32 = 15;
    pub(super) const TOOBIG: i32 = 18;
    pub(super) const CONSTRAINT: i32 = 19;
    pub(super) const MISMATCH: i32 = 20;
    pub(super) const AUTH: i32 = 23;

    pub(super) const CONSTRAINT_CHECK: i32 = 275;
    pub(super) const CONSTRAINT_FOREIGNKEY: i32 = 787;
    pub(super) const CONSTRAINT_NOTNULL: i32 = 1299;
    pub(super) const CONSTRAINT_PRIMARYKEY: i32 = 1555;
    pub(super) const CONSTRAINT_TRIGGER: i32 = 1811;
    pub(super) const CONSTRAINT_UNIQUE: i32 = 2067;
    pub(super) const CONSTRAINT_ROWID: i32 = 2579;
    pub(super) const CONSTRAINT_DATATYPE: i32 = 3091;
}

/// An error of a statement, in the words of the port. `table` is the one that
/// the statement wrote or read.
pub(crate) fn store_error(error: &sqlx::Error, table: Option<&Table>) -> StoreError {
    let Some(database) = error.as_database_error() else {
        return connection_error(error);
    };
    let message = database.message();
    let name = table.map_or_else(String::new, |table| format!("{}: ", table.name));
    match primary_code(error) {
        Some(code::BUSY | code::LOCKED | code::PROTOCOL) => {
            StoreError::Busy("another writer holds the database".to_owned())
        }
        Some(code::CONSTRAINT) => constraint(extended_code(error), message, table),
        Some(code::MISMATCH | code::TOOBIG) => StoreError::Value(format!("{name}{message}")),
        Some(code::READONLY | code::PERM | code::AUTH) => StoreError::Denied(message.to_owned()),
        Some(code::CANTOPEN | code::IOERR | code::FULL) => {
            StoreError::Unavailable(message.to_owned())
        }
        _ if is_about_schema(message) => StoreError::Schema(message.to_owned()),
        _ => StoreError::Other(format!("{name}{message}")),
    }
}

/// An error of a commit. Only what SQLite refuses before it writes is known
/// not to have taken effect.
pub(crate) fn commit_error(error: &sqlx::Error) -> CommitError {
    match primary_code(error) {
        Some(code::BUSY | code::LOCKED | code::CONSTRAINT) => {
            CommitError::Refused(store_error(error, None))
        }
        _ => CommitError::Unknown(error.as_database_error().map_or_else(
            || "the connection's thread has ended".to_owned(),
            |database| database.message().to_owned(),
        )),
    }
}

/// Whether another writer was in the way.
pub(crate) fn is_busy(error: &sqlx::Error) -> bool {
    matches!(
        primary_code(error),
        Some(code::BUSY | code::LOCKED | code::PROTOCOL)
    )
}

/// Whether a table of this name is not there.
pub(crate) fn lacks_table(error: &StoreError, table: &str) -> bool {
    matches!(error, StoreError::Schema(message) if message == &format!("no such table: {table}"))
}

fn connection_error(error: &sqlx::Error) -> StoreError {
    if matches!(error, sqlx::Error::WorkerCrashed) {
        return StoreError::Unavailable("the connection's thread has ended".to_owned());
    }
    if let sqlx::Error::Io(error) = error {
        return StoreError::Unavailable(error.to_string());
    }
    StoreError::Other(error.to_string())
}

fn extended_code(error: &sqlx::Error) -> Option<i32> {
    error.as_database_error()?.code()?.parse().ok()
}

fn primary_code(error: &sqlx::Error) -> Option<i32> {
    extended_code(error).map(|code| code & 0xFF)
}

fn is_about_schema(message: &str) -> bool {
    [
        "no such table",
        "no such column",
        "has no column named",
        "no such collation",
        "cannot UPDATE generated",
        "cannot INSERT into generated",
        "ON CONFLICT clause does not match",
    ]
    .iter()
    .any(|words| message.contains(words))
}

/// A constraint by what SQLite says: `UNIQUE constraint failed: cart.id, cart.sku`.
fn constraint(code: Option<i32>, message: &str, table: Option<&Table>) -> StoreError {
    let detail = message.split_once(": ").map_or("", |(_, detail)| detail);
    let fallback = || table.map_or_else(|| "the database".to_owned(), |t| t.name.to_string());
    let (failed, columns) = failed_columns(detail);
    let (kind, table, constraint) = match code {
        Some(code::CONSTRAINT_DATATYPE) => return StoreError::Value(message.to_owned()),
        Some(code::CONSTRAINT_PRIMARYKEY | code::CONSTRAINT_UNIQUE | code::CONSTRAINT_ROWID) => {
            let of_key = table.is_some_and(|table| is_key(table, failed, &columns));
            let columns = columns.join(", ");
            if of_key {
                (ConstraintKind::Key, fallback(), columns)
            } else {
                let table = failed.map_or_else(fallback, str::to_owned);
                (ConstraintKind::Unique, table, columns)
            }
        }
        Some(code::CONSTRAINT_NOTNULL) => {
            let table = failed.map_or_else(fallback, str::to_owned);
            (ConstraintKind::NotNull, table, columns.join(", "))
        }
        Some(code::CONSTRAINT_FOREIGNKEY) => (
            ConstraintKind::ForeignKey,
            fallback(),
            "a foreign key".to_owned(),
        ),
        Some(code::CONSTRAINT_CHECK) => (ConstraintKind::Check, fallback(), detail.to_owned()),
        Some(code::CONSTRAINT_TRIGGER) => (
            ConstraintKind::Check,
            fallback(),
            "raised by a trigger".to_owned(),
        ),
        Some(_) | None => (ConstraintKind::Check, fallback(), "unknown".to_owned()),
    };
    StoreError::Constraint {
        kind,
        table,
        constraint,
    }
}

/// The table and the columns of `cart.id, cart.sku`.
fn failed_columns(detail: &str) -> (Option<&str>, Vec<&str>) {
    let table = detail.split_once('.').map(|(table, _)| table);
    let columns = detail
        .split(", ")
        .map(|name| name.rsplit('.').next().unwrap_or(name));
    (table, columns.collect())
}

fn is_key(table: &Table, failed: Option<&str>, columns: &[&str]) -> bool {
    failed.is_some_and(|failed| failed.eq_ignore_ascii_case(&table.name.name))
        && table.key.len() == columns.len()
        && key_names(table).all(|name| columns.iter().any(|other| name.eq_ignore_ascii_case(other)))
}

#[cfg(test)]
mod tests;
