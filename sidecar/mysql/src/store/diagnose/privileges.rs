//! What the user may do.

use dualwrite_core::diagnosis::{Finding, Severity};
use dualwrite_engine::store::StoreError;

use crate::cells::text;
use crate::errors::store_error;
use crate::pool::Conn;

/// What statements of ours need, on our tables and the application's.
const NEEDED: [&str; 4] = ["SELECT", "INSERT", "UPDATE", "DELETE"];

/// Privileges of the user in this database, of whichever level. (Those of roles
/// that are in force count as the user's own.)
const QUERY: &str = "SELECT PRIVILEGE_TYPE, 1 FROM information_schema.USER_PRIVILEGES \
    UNION SELECT PRIVILEGE_TYPE, 1 FROM information_schema.SCHEMA_PRIVILEGES \
    WHERE DATABASE() LIKE TABLE_SCHEMA \
    UNION SELECT PRIVILEGE_TYPE, 0 FROM information_schema.TABLE_PRIVILEGES \
    WHERE TABLE_SCHEMA = DATABASE()";

pub(super) async fn finding(conn: &mut Conn) -> Result<Finding, StoreError> {
    let rows = conn.text(QUERY).await;
    let rows = rows.map_err(|error| store_error(&error, None))?;
    let mut everywhere = Vec::new();
    let mut somewhere = Vec::new();
    for row in &rows {
        let privilege = text(row, 0)?.unwrap_or_default();
        if text(row, 1)?.as_deref() == Some("1") {
            everywhere.push(privilege);
        } else {
            somewhere.push(privilege);
        }
    }
    Ok(judged(&everywhere, &somewhere))
}

/// What is granted table by table may be enough, which only use can tell.
fn judged(everywhere: &[String], somewhere: &[String]) -> Finding {
    const CHECK: &str = "privileges";
    let has = |list: &[String], wanted: &str| list.iter().any(|privilege| privilege == wanted);
    let missing: Vec<&str> = NEEDED
        .into_iter()
        .filter(|needed| !has(everywhere, needed) && !has(somewhere, needed))
        .collect();
    if !missing.is_empty() {
        return Finding::new(
            Severity::Problem,
            CHECK,
            None,
            format!("the user has no {} in this database", missing.join(", ")),
            "grant SELECT, INSERT, UPDATE, DELETE on our tables and those of the mapping",
        );
    }
    if !has(everywhere, "TRIGGER") && !has(somewhere, "TRIGGER") {
        return Finding::new(
            Severity::Warning,
            CHECK,
            None,
            "the user has no TRIGGER, so triggers that change rows are not seen",
            "grant TRIGGER on the mapped tables, which also lets the server show their triggers",
        );
    }
    Finding::ok(
        CHECK,
        None,
        "the user may use our tables, and sees triggers",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_named() {
        let all = |names: &[&str]| -> Vec<String> {
            names.iter().map(|name| (*name).to_owned()).collect()
        };
        let needed = all(&["SELECT", "INSERT", "UPDATE", "DELETE"]);
        let finding = judged(&needed, &all(&["TRIGGER"]));
        assert_eq!(finding.severity, Severity::Ok);
        assert_eq!(judged(&needed, &[]).severity, Severity::Warning);
        let finding = judged(&all(&["SELECT", "INSERT"]), &all(&["UPDATE"]));
        assert_eq!(finding.severity, Severity::Problem);
        assert!(
            finding.detail.contains("no DELETE in"),
            "{}",
            finding.detail
        );
    }
}
