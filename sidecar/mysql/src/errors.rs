//! What the server says, told apart by what the caller does next.
//!
//! Many of its messages quote values (`Duplicate entry 'x'`, `Incorrect string
//! value`), so none is passed on as it is: what is said is put together from
//! the error's number and from the names of tables, columns and constraints.

mod codes;
mod names;

use dualwrite_core::mapping::Table;
use dualwrite_engine::store::{CommitError, ConstraintKind, StoreError};
use sqlx::mysql::MySqlDatabaseError;

use codes::Meaning;

/// An error of a statement, in the words of the port. `table` is the one that
/// the statement wrote or read.
pub(crate) fn store_error(error: &sqlx::Error, table: Option<&Table>) -> StoreError {
    match server(error) {
        Some((number, message)) => statement(number, message, table),
        None => StoreError::Unavailable(lost(error)),
    }
}

/// An error of opening a connection.
pub(crate) fn connecting(error: &sqlx::Error) -> StoreError {
    match server(error) {
        Some((number, message)) if codes::meaning(number) == Meaning::Denied => {
            StoreError::Denied(names::denied(number, message))
        }
        Some((number, _)) => {
            StoreError::Unavailable(format!("the server refused the connection ({number})"))
        }
        None => StoreError::Unavailable(lost(error)),
    }
}

/// An error of a commit. Only what the server refuses by a number that says so
/// is known not to have taken effect.
pub(crate) fn commit_error(error: &sqlx::Error) -> CommitError {
    let Some((number, message)) = server(error) else {
        return CommitError::Unknown(lost(error));
    };
    let refused = [Meaning::Conflict, Meaning::Busy, Meaning::ReadOnly];
    if refused.contains(&codes::meaning(number)) {
        CommitError::Refused(statement(number, message, None))
    } else {
        CommitError::Unknown(format!("error {number} in answer to a commit"))
    }
}

/// Whether the server answered at all: then the connection is still good.
pub(crate) fn is_answer(error: &sqlx::Error) -> bool {
    server(error).is_some()
}

/// Whether a table is not there.
pub(crate) fn lacks_table(error: &sqlx::Error) -> bool {
    server(error).is_some_and(|(number, _)| number == codes::NO_SUCH_TABLE)
}

/// Whether a row of this primary key is there already.
pub(crate) fn is_taken(error: &sqlx::Error) -> bool {
    server(error).is_some_and(|(number, message)| {
        codes::meaning(number) == Meaning::Duplicate && is_primary(&names::quoted_last(message))
    })
}

fn is_primary(key: &str) -> bool {
    key == "PRIMARY" || key.ends_with(".PRIMARY")
}

/// Whether a lock was waited for too long, or not at all.
pub(crate) fn is_lock_timeout(error: &sqlx::Error) -> bool {
    server(error).is_some_and(|(number, _)| codes::meaning(number) == Meaning::Busy)
}

/// Number and message of what the server said.
fn server(error: &sqlx::Error) -> Option<(u16, &str)> {
    let error = error
        .as_database_error()?
        .try_downcast_ref::<MySqlDatabaseError>()?;
    Some((error.number(), error.message()))
}

fn statement(number: u16, message: &str, table: Option<&Table>) -> StoreError {
    let name = || table.map_or_else(|| "the database".to_owned(), |table| table.name.to_string());
    let constraint = |kind, constraint: String| StoreError::Constraint {
        kind,
        table: name(),
        constraint,
    };
    match codes::meaning(number) {
        Meaning::Conflict => StoreError::Conflict(format!("error {number}")),
        Meaning::Busy => StoreError::Busy("another transaction held the row".to_owned()),
        Meaning::Duplicate => {
            let key = names::quoted_last(message);
            let kind = if is_primary(&key) {
                ConstraintKind::Key
            } else {
                ConstraintKind::Unique
            };
            constraint(kind, key)
        }
        Meaning::ForeignKey => constraint(ConstraintKind::ForeignKey, names::constraint(message)),
        Meaning::NotNull => constraint(ConstraintKind::NotNull, names::quoted_first(message)),
        Meaning::Check => constraint(ConstraintKind::Check, names::check(message)),
        Meaning::Raised => constraint(ConstraintKind::Check, "raised by a trigger".to_owned()),
        Meaning::Value => StoreError::Value(names::value(&name(), number, message)),
        Meaning::Schema => StoreError::Schema(names::schema(&name(), number, message)),
        Meaning::Denied => StoreError::Denied(names::denied(number, message)),
        Meaning::ReadOnly => StoreError::Denied(format!(
            "the server takes no writes now ({number}): it is read only, or a replica"
        )),
        Meaning::Away => {
            StoreError::Unavailable(format!("the server ended the statement ({number})"))
        }
        Meaning::Other => StoreError::Other(format!("{}: error {number}", name())),
    }
}

/// What happened to a connection, without any text that came over it.
fn lost(error: &sqlx::Error) -> String {
    if let sqlx::Error::Io(error) = error {
        return format!("the connection was lost: {error}");
    }
    if let sqlx::Error::Tls(error) | sqlx::Error::Configuration(error) = error {
        return format!("no protected connection: {error}");
    }
    if matches!(error, sqlx::Error::Protocol(_)) {
        return "the server does not speak as expected".to_owned();
    }
    "the connection was lost".to_owned()
}

#[cfg(test)]
mod tests;
