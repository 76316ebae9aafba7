//! What is verified when a sidecar starts.

mod encryption;

use dualwrite_engine::store::StoreError;
use tokio_postgres::Row;

use crate::conn::auto;
use crate::errors::{self, Stage};
use crate::fences::cell;
use crate::param::Param;
use crate::pool::REQUIRED;
use crate::sql::Sql;
use crate::store::PostgresStore;

pub use encryption::Encryption;
pub(crate) use encryption::{encryption, weakness};

/// The oldest server whose statements are those used here.
const VERSION_MIN: i32 = 120_000;

/// One thing that stands against the promises.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// What was found.
    pub what: String,
    /// What would be right.
    pub remedy: String,
}

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// The promises hold, but something is weaker than it could be.
    Degraded,
    /// The promises do not hold: do not start.
    Refused,
}

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

/// Reads back what sessions were set to, and what the server is.
pub(crate) async fn startup_checks(store: &PostgresStore) -> Result<Vec<Finding>, StoreError> {
    let mut findings = sessions(store).await?;
    let sql = server();
    let rows = auto(store.pools.control().await?, &sql, Stage::Harmless).await?;
    if let Some(row) = rows.first() {
        findings.extend(judge(row)?);
    }
    findings.extend(privileges(store).await?);
    findings.extend(encryption::finding(store));
    for Finding {
        severity,
        what,
        remedy,
    } in &findings
    {
        match severity {
            Severity::Degraded => {
                tracing::warn!(what, remedy, "a promise is weaker than it could be");
            }
            Severity::Refused => tracing::error!(what, remedy, "a promise does not hold"),
        }
    }
    Ok(findings)
}

/// Settings that a session of ours must have; a pooler in between that shares
/// sessions loses them.
async fn sessions(store: &PostgresStore) -> Result<Vec<Finding>, StoreError> {
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
    let mut findings = Vec::new();
    for row in &rows {
        let (name, found): (String, String) = (cell(row, 0)?, cell(row, 1)?);
        let wanted = REQUIRED
            .iter()
            .find(|(required, _)| *required == name)
            .map(|(_, value)| *value);
        if let Some(wanted) = wanted.filter(|wanted| !wanted.eq_ignore_ascii_case(&found)) {
            findings.push(Finding {
                severity: Severity::Refused,
                what: format!(
                    "sessions lose their setting {name}: it is `{found}`, not `{wanted}`"
                ),
                remedy: "connect to the server itself, or through a pooler in session mode".into(),
            });
        }
    }
    Ok(findings)
}

/// Our tables that the role may not use in full. None before an installation,
/// when there are no tables.
async fn privileges(store: &PostgresStore) -> Result<Vec<Finding>, StoreError> {
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
        return Ok(Vec::new());
    }
    Ok(vec![Finding {
        severity: Severity::Refused,
        what: format!(
            "the role may not use all of dualwrite.{}",
            tables.join(", dualwrite.")
        ),
        remedy: "USAGE on the schema, and SELECT, INSERT, UPDATE, DELETE on its tables".into(),
    }])
}

fn server() -> Sql {
    let mut sql = Sql::new();
    sql.push(
        "SELECT current_setting('server_version_num')::int4, pg_is_in_recovery(), \
         current_setting('synchronous_commit'), current_setting('fsync'), \
         current_setting('server_encoding'), \
         COALESCE(current_setting('client_connection_check_interval', true), '0')",
    );
    sql
}

fn judge(row: &Row) -> Result<Vec<Finding>, StoreError> {
    let server = Server {
        version: cell(row, 0)?,
        in_recovery: cell(row, 1)?,
        synchronous_commit: cell(row, 2)?,
        fsync: cell(row, 3)?,
        encoding: cell(row, 4)?,
        connection_check: cell(row, 5)?,
    };
    Ok(server.findings())
}

/// What a server says of itself.
#[derive(Debug)]
struct Server {
    version: i32,
    in_recovery: bool,
    synchronous_commit: String,
    fsync: String,
    encoding: String,
    connection_check: String,
}

impl Server {
    fn findings(&self) -> Vec<Finding> {
        use Severity::{Degraded, Refused};
        let all = [
            (
                self.version < VERSION_MIN,
                Refused,
                format!("the server is of version {}", self.version / 10_000),
                "PostgreSQL 12 or later",
            ),
            (
                self.in_recovery,
                Refused,
                "this is a replica".to_owned(),
                "the URL of the primary node, or target_session_attrs=read-write",
            ),
            (
                self.synchronous_commit == "off",
                Refused,
                "synchronous_commit is off, so an acknowledged write may be lost".to_owned(),
                "synchronous_commit = on",
            ),
            (
                self.fsync == "off",
                Degraded,
                "fsync is off, so a crash of the machine may lose acknowledged writes".to_owned(),
                "fsync = on",
            ),
            (
                self.encoding != "UTF8",
                Refused,
                format!("the database's encoding is {}", self.encoding),
                "a database in UTF8",
            ),
            (
                self.connection_check == "0",
                Degraded,
                "the server does not notice a lost client while a statement waits".to_owned(),
                "PostgreSQL 14 or later on Linux (client_connection_check_interval)",
            ),
        ];
        all.into_iter()
            .filter(|(found, ..)| *found)
            .map(|(_, severity, what, remedy)| Finding {
                severity,
                what,
                remedy: remedy.to_owned(),
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server() -> Server {
        Server {
            version: 150_004,
            in_recovery: false,
            synchronous_commit: "on".into(),
            fsync: "on".into(),
            encoding: "UTF8".into(),
            connection_check: "1s".into(),
        }
    }

    #[test]
    fn a_sound_server_has_no_findings() {
        assert_eq!(server().findings(), []);
    }

    #[test]
    fn each_weakness_is_found_with_its_remedy() {
        let weak = [
            Server {
                version: 110_000,
                ..server()
            },
            Server {
                in_recovery: true,
                ..server()
            },
            Server {
                synchronous_commit: "off".into(),
                ..server()
            },
            Server {
                fsync: "off".into(),
                ..server()
            },
            Server {
                encoding: "LATIN1".into(),
                ..server()
            },
            Server {
                connection_check: "0".into(),
                ..server()
            },
        ];
        for server in weak {
            let findings = server.findings();
            assert_eq!(findings.len(), 1, "{server:?}");
            assert!(!findings[0].remedy.is_empty());
        }
    }
}
