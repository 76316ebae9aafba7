//! What of the database keeps the promises of the protocol.

use dualwrite_core::diagnosis::{Finding, Severity};
use dualwrite_engine::store::StoreError;
use sqlx::Row;

use super::remove;
use crate::connections::Session;
use crate::errors::store_error;
use crate::sql::Sql;

/// Each setting that durability and integrity stand on: the check, the pragma,
/// what it must read as, and what that is called.
const SETTINGS: [(&str, &str, &str, &str); 3] = [
    ("journal_mode", "journal_mode", "wal", "WAL"),
    ("synchronous_commit", "synchronous", "2", "FULL"),
    ("foreign_keys", "foreign_keys", "1", "ON"),
];

/// One finding a check.
pub(super) async fn diagnose(
    session: &mut Session,
    service: &str,
) -> Result<Vec<Finding>, StoreError> {
    let version = value(session, "SELECT sqlite_version()").await?;
    let mut findings = vec![Finding::ok(
        "server_version",
        None,
        format!("SQLite {version}"),
    )];
    for (check, pragma, wanted, name) in SETTINGS {
        let found = value(
            session,
            &format!("SELECT CAST({pragma} AS TEXT) FROM pragma_{pragma}"),
        )
        .await?;
        findings.push(judged(check, pragma, &found, wanted, name));
    }
    let file = "a file of this machine: nothing travels";
    findings.push(Finding::ok("tls", None, file));
    findings.push(remove::leftovers(session, service).await?);
    Ok(findings)
}

fn judged(check: &str, pragma: &str, found: &str, wanted: &str, name: &str) -> Finding {
    if found.eq_ignore_ascii_case(wanted) {
        return Finding::ok(check, None, format!("{pragma} is {name}"));
    }
    Finding::new(
        Severity::Problem,
        check,
        None,
        format!("{pragma} is {found}, so an acknowledged write may be lost"),
        format!("restart the sidecar, which sets {pragma} to {name}"),
    )
}

async fn value(session: &mut Session, sql: &str) -> Result<String, StoreError> {
    let rows = session.rows(Sql::new(sql)).await;
    let rows = rows.map_err(|error| store_error(&error, None))?;
    let first = rows.first().map(|row| row.try_get(0));
    match first {
        Some(Ok(text)) => Ok(text),
        Some(Err(error)) => Err(store_error(&error, None)),
        None => Ok(String::new()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_that_loses_commits_is_a_problem_with_a_remedy() {
        let bad = judged("synchronous_commit", "synchronous", "1", "2", "FULL");
        assert_eq!(bad.severity, Severity::Problem);
        assert!(bad.remedy.contains("FULL"));
        let good = judged("journal_mode", "journal_mode", "wal", "wal", "WAL");
        assert_eq!(good.severity, Severity::Ok);
    }
}
