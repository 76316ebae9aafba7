//! What of a server, its sessions and privileges keeps the promises of the
//! protocol: verified when a sidecar starts, and whenever somebody asks.

mod privileges;
mod server;

use std::collections::HashMap;

use dualwrite_core::diagnosis::{Finding, Severity};
use dualwrite_engine::store::StoreError;

use crate::cells::text;
use crate::errors::store_error;
use crate::pool::{Conn, Pools, REQUIRED};

/// What a server calls its settings, in lower case, and their values.
pub(super) type Variables = HashMap<String, String>;

/// One finding a check, in a fixed order.
pub(super) async fn diagnose(pools: &Pools) -> Result<Vec<Finding>, StoreError> {
    let mut conn = pools.main.get().await?;
    let session = variables(&mut conn, "SESSION").await?;
    let global = variables(&mut conn, "GLOBAL").await?;
    let mut findings = server::findings(&session, &global);
    findings.push(sessions(&session));
    findings.push(privileges::finding(&mut conn).await?);
    findings.push(encryption(pools, &mut conn).await?);
    Ok(findings)
}

async fn variables(conn: &mut Conn, scope: &str) -> Result<Variables, StoreError> {
    let rows = conn.text(format!("SHOW {scope} VARIABLES")).await;
    let rows = rows.map_err(|error| store_error(&error, None))?;
    let mut variables = Variables::with_capacity(rows.len());
    for row in &rows {
        let (name, value) = (text(row, 0)?, text(row, 1)?);
        variables.extend(name.map(|name| name.to_ascii_lowercase()).zip(value));
    }
    Ok(variables)
}

/// Settings that a session of ours must have; a proxy in between that shares
/// sessions loses them.
fn sessions(session: &Variables) -> Finding {
    const CHECK: &str = "session_settings";
    let isolation = ["transaction_isolation", "tx_isolation"]
        .iter()
        .find_map(|name| session.get(*name));
    let mut lost = Vec::new();
    if isolation.is_none_or(|found| found != "READ-COMMITTED") {
        let found = isolation.map_or("unknown", String::as_str);
        lost.push(format!("the isolation is `{found}`, not `READ-COMMITTED`"));
    }
    for (name, wanted) in REQUIRED {
        let found = session.get(name).map_or("", String::as_str);
        if !same(found, wanted) {
            lost.push(format!("{name} is `{found}`, not `{wanted}`"));
        }
    }
    if lost.is_empty() {
        let detail = "sessions keep their settings, read committed among them";
        return Finding::ok(CHECK, None, detail);
    }
    Finding::new(
        Severity::Problem,
        CHECK,
        None,
        format!("sessions lose their settings: {}", lost.join(", ")),
        "connect to the server itself, or through a proxy that keeps sessions apart",
    )
}

/// Servers list modes in an order of their own, and write switches as words or
/// as digits.
fn same(found: &str, wanted: &str) -> bool {
    let parts = |text: &str| {
        let mut parts: Vec<String> = text
            .split(',')
            .map(|part| match part.to_ascii_uppercase().as_str() {
                "1" => "ON".to_owned(),
                "0" => "OFF".to_owned(),
                part => part.to_owned(),
            })
            .collect();
        parts.sort();
        parts
    };
    parts(found) == parts(wanted)
}

async fn encryption(pools: &Pools, conn: &mut Conn) -> Result<Finding, StoreError> {
    const CHECK: &str = "encryption";
    let rows = conn.text("SHOW SESSION STATUS LIKE 'Ssl_cipher'").await;
    let rows = rows.map_err(|error| store_error(&error, None))?;
    let cipher = match rows.first() {
        Some(row) => text(row, 1)?.unwrap_or_default(),
        None => String::new(),
    };
    let security = pools.security();
    if !security.is_weak() {
        let detail = match (cipher.as_str(), security.beyond_loopback) {
            ("", _) => "the connection stays on this machine".to_owned(),
            (cipher, _) => format!("{cipher}, ssl-mode={}", security.verify.word()),
        };
        return Ok(Finding::ok(CHECK, None, detail));
    }
    let (mode, why) = (security.verify.word(), security.verify.weakness());
    Ok(Finding::new(
        Severity::Warning,
        CHECK,
        None,
        format!("ssl-mode={mode}: {why}"),
        "set ssl-mode=verify_identity, with ssl-ca for an authority of your own",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_that_lost_its_settings_is_a_problem() {
        let mut session: Variables = REQUIRED
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        session.insert("tx_isolation".to_owned(), "READ-COMMITTED".to_owned());
        assert_eq!(sessions(&session).severity, Severity::Ok);
        session.insert("autocommit".to_owned(), "0".to_owned());
        assert!(sessions(&session).detail.contains("autocommit is `0`"));
        session.insert("autocommit".to_owned(), "1".to_owned());
        session.insert("tx_isolation".to_owned(), "REPEATABLE-READ".to_owned());
        let finding = sessions(&session);
        assert_eq!(finding.severity, Severity::Problem);
        assert!(finding.detail.contains("READ-COMMITTED"));
    }
}
