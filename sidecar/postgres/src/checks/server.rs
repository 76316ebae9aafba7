//! What a server says of itself.

use dualwrite_core::diagnosis::{Finding, Severity};
use dualwrite_engine::store::StoreError;
use tokio_postgres::Row;

use crate::conn::auto;
use crate::errors::Stage;
use crate::fences::cell;
use crate::sql::Sql;
use crate::store::PostgresStore;

/// The oldest server whose statements are those used here.
const VERSION_MIN: i32 = 120_000;

/// One finding a check.
pub(super) async fn findings(store: &PostgresStore) -> Result<Vec<Finding>, StoreError> {
    let mut sql = Sql::new();
    sql.push(
        "SELECT current_setting('server_version_num')::int4, pg_is_in_recovery(), \
         COALESCE((SELECT reset_val FROM pg_settings WHERE name = 'synchronous_commit'), ''), \
         current_setting('synchronous_commit'), \
         current_setting('fsync'), current_setting('full_page_writes'), \
         current_setting('server_encoding'), \
         COALESCE(current_setting('client_connection_check_interval', true), '0'), \
         current_setting('idle_in_transaction_session_timeout'), current_setting('lock_timeout')",
    );
    let rows = auto(store.pools.control().await?, &sql, Stage::Harmless).await?;
    match rows.first() {
        Some(row) => Ok(Server::read(row)?.findings()),
        None => Ok(Vec::new()),
    }
}

/// What a server, and a session of ours with it, say.
#[derive(Debug, Clone)]
struct Server {
    version: i32,
    in_recovery: bool,
    /// What sessions that do not ask for more get.
    default_commit: String,
    synchronous_commit: String,
    fsync: String,
    full_page_writes: String,
    encoding: String,
    connection_check: String,
    idle_timeout: String,
    lock_timeout: String,
}

impl Server {
    fn read(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            version: cell(row, 0)?,
            in_recovery: cell(row, 1)?,
            default_commit: cell(row, 2)?,
            synchronous_commit: cell(row, 3)?,
            fsync: cell(row, 4)?,
            full_page_writes: cell(row, 5)?,
            encoding: cell(row, 6)?,
            connection_check: cell(row, 7)?,
            idle_timeout: cell(row, 8)?,
            lock_timeout: cell(row, 9)?,
        })
    }

    fn findings(&self) -> Vec<Finding> {
        vec![
            self.version(),
            self.node(),
            self.commit(),
            Self::switched(
                "fsync",
                &self.fsync,
                "a crash of the machine may lose acknowledged writes",
            ),
            Self::switched(
                "full_page_writes",
                &self.full_page_writes,
                "a torn page after a crash may corrupt the database",
            ),
            self.encoding(),
            self.connection_check(),
            self.time_outs(),
        ]
    }

    fn version(&self) -> Finding {
        let (major, minor) = (self.version / 10_000, self.version % 10_000);
        let detail = format!("PostgreSQL {major}.{minor}");
        judge(
            self.version >= VERSION_MIN,
            Severity::Problem,
            "server_version",
            (&detail, &detail),
            "use PostgreSQL 12 or later",
        )
    }

    fn node(&self) -> Finding {
        judge(
            !self.in_recovery,
            Severity::Problem,
            "primary_node",
            ("the node takes writes", "this is a replica"),
            "give the URL of the primary node, or target_session_attrs=read-write",
        )
    }

    /// Our sessions raise `off` by themselves; one that could not is refused.
    fn commit(&self) -> Finding {
        const CHECK: &str = "synchronous_commit";
        let own = format!("synchronous_commit is {}", self.synchronous_commit);
        if self.synchronous_commit != "off" && self.default_commit == "off" {
            return Finding::new(
                Severity::Note,
                CHECK,
                None,
                format!("{own} in our sessions, and off for everybody else on this server"),
                "set synchronous_commit = on for the server as well",
            );
        }
        judge(
            self.synchronous_commit != "off",
            Severity::Problem,
            CHECK,
            (
                &own,
                "synchronous_commit is off, so an acknowledged write may be lost",
            ),
            "set synchronous_commit = on",
        )
    }

    fn switched(check: &str, value: &str, danger: &str) -> Finding {
        judge(
            value != "off",
            Severity::Warning,
            check,
            (
                &format!("{check} is {value}"),
                &format!("{check} is off, so {danger}"),
            ),
            &format!("set {check} = on"),
        )
    }

    fn encoding(&self) -> Finding {
        let detail = format!("the database's encoding is {}", self.encoding);
        judge(
            self.encoding == "UTF8",
            Severity::Problem,
            "encoding",
            (&detail, &detail),
            "use a database in UTF8",
        )
    }

    fn connection_check(&self) -> Finding {
        judge(
            self.connection_check != "0",
            Severity::Warning,
            "client_connection_check",
            (
                "the server notices a lost client while a statement waits",
                "the server does not notice a lost client while a statement waits",
            ),
            "use PostgreSQL 14 or later on Linux (client_connection_check_interval)",
        )
    }

    fn time_outs(&self) -> Finding {
        let bounded = self.idle_timeout != "0" && self.lock_timeout != "0";
        let detail = format!(
            "idle_in_transaction_session_timeout is {}, lock_timeout is {}",
            self.idle_timeout, self.lock_timeout
        );
        judge(
            bounded,
            Severity::Problem,
            "time_outs",
            (&detail, &detail),
            "connect to the server itself, or through a pooler in session mode",
        )
    }
}

/// A finding with two ways to say it: when it is well, and when it is not.
fn judge(
    well: bool,
    otherwise: Severity,
    check: &str,
    (good, bad): (&str, &str),
    remedy: &str,
) -> Finding {
    if well {
        Finding::ok(check, None, good)
    } else {
        Finding::new(otherwise, check, None, bad, remedy)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server() -> Server {
        Server {
            version: 150_004,
            in_recovery: false,
            default_commit: "on".into(),
            synchronous_commit: "on".into(),
            fsync: "on".into(),
            full_page_writes: "on".into(),
            encoding: "UTF8".into(),
            connection_check: "1s".into(),
            idle_timeout: "5s".into(),
            lock_timeout: "2s".into(),
        }
    }

    #[test]
    fn a_sound_server_is_all_well() {
        let findings = server().findings();
        assert!(findings.iter().all(|one| one.severity == Severity::Ok));
        assert!(findings.iter().all(|one| one.remedy.is_empty()));
    }

    #[test]
    fn each_weakness_is_found_by_its_check_with_its_remedy() {
        type Weaken = fn(&mut Server);
        let weak: [(&str, Weaken); 8] = [
            ("server_version", |s| s.version = 110_000),
            ("primary_node", |s| s.in_recovery = true),
            ("synchronous_commit", |s| {
                s.synchronous_commit = "off".into();
            }),
            ("fsync", |s| s.fsync = "off".into()),
            ("full_page_writes", |s| s.full_page_writes = "off".into()),
            ("encoding", |s| s.encoding = "LATIN1".into()),
            ("client_connection_check", |s| {
                s.connection_check = "0".into();
            }),
            ("time_outs", |s| s.idle_timeout = "0".into()),
        ];
        for (check, weaken) in weak {
            let mut server = server();
            weaken(&mut server);
            let bad = server.findings();
            let bad: Vec<_> = bad
                .iter()
                .filter(|one| one.severity != Severity::Ok)
                .collect();
            assert_eq!(bad.len(), 1, "{check}");
            assert_eq!(bad[0].check, check);
            assert!(!bad[0].remedy.is_empty());
        }
    }

    #[test]
    fn a_server_whose_default_loses_commits_is_noted_where_our_sessions_raise_it() {
        let server = Server {
            default_commit: "off".into(),
            ..server()
        };
        let note = server.commit();
        assert_eq!(note.severity, Severity::Note);
        assert!(
            note.detail.contains("off for everybody else"),
            "{}",
            note.detail
        );
    }
}
