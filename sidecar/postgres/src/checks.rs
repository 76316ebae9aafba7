//! What of a server, its sessions and privileges keeps the promises of the
//! protocol: verified when a sidecar starts, and whenever somebody asks.

mod encryption;
mod server;

use dualwrite_core::diagnosis::{Finding, Severity};
use dualwrite_engine::store::StoreError;

use crate::conn::auto;
use crate::errors::{self, Stage};
use crate::fences::cell;
use crate::param::Param;
use crate::pool::REQUIRED;
use crate::remove;
use crate::sql::Sql;
use crate::store::PostgresStore;

pub use encryption::Encryption;
pub(crate) use encryption::{encryption, weakness};

/// Answers when the database answers.
pub(crate) async fn ping(store: &PostgresStore) -> Result<(), StoreError> {
    let conn = store.pools.control().await?;
    match conn.client().batch_execute("SELECT 1").await {
        Ok(()) => {
            conn.release();
            Ok(())
        }
        Err(error) => Err(errors::statement(&error, Stage::Harmless)),
    }
}

/// One finding a check, in a fixed order.
pub(crate) async fn diagnose(
    store: &PostgresStore,
    service: &str,
) -> Result<Vec<Finding>, StoreError> {
    let mut findings = server::findings(store).await?;
    findings.push(sessions(store).await?);
    let privileges = privileges(store).await?;
    let readable = privileges.severity == Severity::Ok;
    findings.push(privileges);
    findings.push(encryption::finding(store).await?);
    // Whom the fence cannot be read by, nothing can be said of it to.
    if readable {
        findings.push(remove::leftovers(store, service).await?);
    }
    Ok(findings)
}

/// Settings that a session of ours must have; a pooler in between that shares
/// sessions loses them.
async fn sessions(store: &PostgresStore) -> Result<Finding, StoreError> {
    const CHECK: &str = "session_settings";
    let mut sql = Sql::new();
    let names = REQUIRED
        .iter()
        .map(|(name, _)| Some((*name).to_owned()))
        .collect();
    let names = sql.bind(Param::Texts(names));
    sql.push(&format!(
        "SELECT n, current_setting(n) FROM unnest({names}) AS n"
    ));
    let rows = auto(store.pools.main().await?, &sql, Stage::Harmless).await?;
    let mut lost = Vec::new();
    for row in &rows {
        let (name, found): (String, String) = (cell(row, 0)?, cell(row, 1)?);
        let wanted = REQUIRED
            .iter()
            .find(|(required, _)| *required == name)
            .map(|(_, value)| *value);
        if let Some(wanted) = wanted.filter(|wanted| !wanted.eq_ignore_ascii_case(&found)) {
            lost.push(format!("{name} is `{found}`, not `{wanted}`"));
        }
    }
    if lost.is_empty() {
        let detail = "sessions keep their settings, read committed among them";
        return Ok(Finding::ok(CHECK, None, detail));
    }
    Ok(Finding::new(
        Severity::Problem,
        CHECK,
        None,
        format!("sessions lose their settings: {}", lost.join(", ")),
        "connect to the server itself, or through a pooler in session mode",
    ))
}

/// Our tables that the role may not use in full. None before an installation,
/// when there are no tables.
async fn privileges(store: &PostgresStore) -> Result<Finding, StoreError> {
    const CHECK: &str = "privileges";
    let mut sql = Sql::new();
    sql.push(
        "SELECT c.relname::text FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace \
         WHERE n.nspname = 'dualwrite' AND c.relkind = 'r' \
         AND NOT (has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT') \
         AND has_table_privilege(c.oid, 'INSERT') AND has_table_privilege(c.oid, 'UPDATE') \
         AND has_table_privilege(c.oid, 'DELETE')) ORDER BY c.relname",
    );
    let rows = auto(store.pools.control().await?, &sql, Stage::Harmless).await?;
    let tables: Result<Vec<String>, StoreError> = rows.iter().map(|row| cell(row, 0)).collect();
    let tables = tables?;
    if tables.is_empty() {
        return Ok(Finding::ok(CHECK, None, "the role may use our tables"));
    }
    Ok(Finding::new(
        Severity::Problem,
        CHECK,
        None,
        format!(
            "the role may not use all of dualwrite.{}",
            tables.join(", dualwrite.")
        ),
        "grant USAGE on the schema, and SELECT, INSERT, UPDATE, DELETE on its tables",
    ))
}
