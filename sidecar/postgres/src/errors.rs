//! What the server and the connection say, in the port's words.
//!
//! DETAIL is never used: it holds values. Neither are the messages of classes
//! in which they quote values (22, 23, P0 and what we do not know).

mod sqlstate;

#[cfg(test)]
mod tests;

use dualwrite_core::mapping::Table;
use dualwrite_core::spec::TableName;
use dualwrite_engine::store::{CommitError, ConstraintKind, StoreError};
use tokio_postgres::Error;
use tokio_postgres::error::{DbError, Severity};

use crate::tls;

/// What the final `SELECT` of a write makes of a mutation that had to match a
/// row and did not: text that is no number, so that the cast fails and takes
/// everything back.
pub(crate) const NOT_MATCHED: &str = "dualwrite_not_matched";

/// What a lost reply may hide.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    /// Nothing: it only read, or its transaction was not being committed.
    Harmless,
    /// A commit.
    Decisive,
}

/// The port's error for a failed statement.
pub(crate) fn statement(error: &Error, stage: Stage) -> StoreError {
    match error.as_db_error() {
        Some(refusal) if !is_fatal(refusal) => refused(refusal),
        Some(end) if stage == Stage::Harmless || never_committed(end) => {
            StoreError::Unavailable(said(end))
        }
        Some(end) => StoreError::UnknownOutcome(said(end)),
        None => lost(error, stage),
    }
}

/// The port's error for a failed `COMMIT`.
pub(crate) fn commit(error: &Error) -> CommitError {
    let told = statement(error, Stage::Decisive);
    if let StoreError::UnknownOutcome(why) = told {
        return CommitError::Unknown(why);
    }
    CommitError::Refused(told)
}

/// The port's error for a connection that could not be opened.
pub(crate) fn connecting(error: &Error) -> StoreError {
    match error.as_db_error() {
        Some(refusal) => match refusal.code().code() {
            code if code.starts_with("28") => StoreError::Denied(wants_tls(said(refusal))),
            "3D000" => StoreError::Schema(said(refusal)),
            _ => StoreError::Unavailable(said(refusal)),
        },
        None => StoreError::Unavailable(tls::explain(error).unwrap_or_else(|| told(error))),
    }
}

/// A refusal that may be about nothing but the missing TLS says what to do.
fn wants_tls(said: String) -> String {
    if said.contains("no encryption") {
        format!("{said}; where the server wants TLS, sslmode=verify-full")
    } else {
        said
    }
}

/// Whether the connection is still in a known state after this error, and good
/// for more: the server refused the statement and goes on. One that leads to a
/// server that became a replica is not: the next one follows the name to where
/// the primary node is now.
pub(crate) fn goes_on(error: &Error) -> bool {
    error
        .as_db_error()
        .is_some_and(|refusal| !is_fatal(refusal) && refusal.code().code() != "25006")
}

/// Whether a prepared statement does not fit the tables any more, or is not
/// there: nothing was executed, prepare it again.
pub(crate) fn wants_preparing(error: &Error) -> bool {
    error
        .as_db_error()
        .is_some_and(|refusal| match refusal.code().code() {
            "26000" => true,
            "0A000" => {
                refusal.message().contains("cached plan")
                    || refusal.routine() == Some("RevalidateCachedQuery")
            }
            _ => false,
        })
}

/// Whether a table or schema that the statement names does not exist.
pub(crate) fn is_missing(error: &Error) -> bool {
    error
        .code()
        .is_some_and(|code| matches!(code.code(), "42P01" | "3F000"))
}

/// Whether a lock was not to be had in time.
pub(crate) fn is_lock_timeout(error: &Error) -> bool {
    error.code().is_some_and(|code| code.code() == "55P03")
}

/// Whether this is a violation of a table's constraint, by its name.
pub(crate) fn names(table: &Table, said: &str) -> bool {
    let own = &table.name;
    *said == own.to_string() || (own.schema.is_none() && said.ends_with(&format!(".{}", own.name)))
}

fn refused(refusal: &DbError) -> StoreError {
    if is_not_matched(refusal) {
        return StoreError::NotMatched { index: 0 };
    }
    if lacks_ours(refusal) {
        // Without our tables there is no fence, and so no right to write.
        return StoreError::Stale;
    }
    if let Some(kind) = sqlstate::constraint(refusal.code().code()) {
        return constraint(refusal, kind);
    }
    sqlstate::refused(refusal.code().code(), &said(refusal))
}

/// Whether a table of ours is not there. Messages quote the name as the
/// statement has it, in every language.
fn lacks_ours(refusal: &DbError) -> bool {
    matches!(refusal.code().code(), "42P01" | "3F000") && refusal.message().contains("dualwrite.")
}

fn is_not_matched(refusal: &DbError) -> bool {
    refusal.code().code() == "22P02" && refusal.message().contains(NOT_MATCHED)
}

fn constraint(refusal: &DbError, kind: ConstraintKind) -> StoreError {
    let ours = refusal.schema() == Some("dualwrite");
    if ours && kind == ConstraintKind::Unique && refusal.table() == Some("receipt") {
        return StoreError::ReceiptExists;
    }
    let table = TableName {
        schema: refusal.schema().map(str::to_owned),
        name: refusal.table().unwrap_or("a table").to_owned(),
    };
    let constraint = refusal
        .constraint()
        .or(refusal.column())
        .unwrap_or("without a name");
    StoreError::Constraint {
        kind,
        table: table.to_string(),
        constraint: constraint.to_owned(),
    }
}

/// What the server said, without values.
fn said(refusal: &DbError) -> String {
    let code = refusal.code().code();
    if sqlstate::may_quote(code) {
        format!("SQLSTATE {code}")
    } else {
        format!("{} (SQLSTATE {code})", refusal.message())
    }
}

fn is_fatal(refusal: &DbError) -> bool {
    matches!(
        refusal.parsed_severity(),
        Some(Severity::Fatal | Severity::Panic)
    )
}

/// Ends of a session that the server decides only between statements, so that
/// nothing of ours was being committed.
fn never_committed(end: &DbError) -> bool {
    matches!(end.code().code(), "25P03" | "57P05")
}

fn lost(error: &Error, stage: Stage) -> StoreError {
    let why = told(error);
    match stage {
        Stage::Harmless => StoreError::Unavailable(why),
        Stage::Decisive => StoreError::UnknownOutcome(why),
    }
}

/// The driver's own words and their causes; they hold no values.
fn told(error: &Error) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(next) = cause {
        text = format!("{text}: {next}");
        cause = next.source();
    }
    text
}
