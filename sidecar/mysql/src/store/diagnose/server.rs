//! What a server says of itself.

use dualwrite_core::diagnosis::{Finding, Severity};

use super::Variables;

/// The oldest servers that lock rows as it is done here (SKIP LOCKED).
const MARIADB_MIN: (u32, u32) = (10, 6);
const MYSQL_MIN: (u32, u32) = (8, 0);

/// One finding a check.
pub(super) fn findings(session: &Variables, global: &Variables) -> Vec<Finding> {
    vec![
        version(global),
        node(global),
        commit(global),
        binlog_sync(global),
        binlog_format(session),
        cluster(global),
        time_outs(session),
    ]
}

fn get<'a>(variables: &'a Variables, name: &str) -> &'a str {
    variables.get(name).map_or("", String::as_str)
}

fn is_on(variables: &Variables, name: &str) -> bool {
    matches!(get(variables, name), "ON" | "1")
}

fn judge(
    holds: bool,
    severity: Severity,
    check: &str,
    (good, bad): (&str, &str),
    remedy: &str,
) -> Finding {
    if holds {
        Finding::ok(check, None, good)
    } else {
        Finding::new(severity, check, None, bad, remedy)
    }
}

fn version(global: &Variables) -> Finding {
    let version = get(global, "version");
    let mariadb = version.to_ascii_lowercase().contains("mariadb");
    let (name, least) = if mariadb {
        ("MariaDB", MARIADB_MIN)
    } else {
        ("MySQL", MYSQL_MIN)
    };
    let mut numbers = version
        .split(['.', '-'])
        .map_while(|part| part.parse().ok());
    let found = (
        numbers.next().unwrap_or_default(),
        numbers.next().unwrap_or_default(),
    );
    let detail = format!("{name} {version}");
    judge(
        found >= least,
        Severity::Problem,
        "server_version",
        (&detail, &detail),
        "use MariaDB 10.6 or later, or MySQL 8.0 or later",
    )
}

fn node(global: &Variables) -> Finding {
    let read_only = ["read_only", "super_read_only", "innodb_read_only"];
    let found = read_only.iter().find(|name| {
        let value = get(global, name);
        // Newer servers tell in words how much is read only.
        !matches!(value, "" | "OFF" | "0")
    });
    let bad = found.map_or(String::new(), |name| {
        format!("{name} is on, as on a replica: the node takes no writes")
    });
    judge(
        found.is_none(),
        Severity::Problem,
        "primary_node",
        ("the node takes writes", &bad),
        "give the URL of the primary node",
    )
}

fn commit(global: &Variables) -> Finding {
    const NAME: &str = "innodb_flush_log_at_trx_commit";
    let found = get(global, NAME);
    let text = format!("{NAME} is {found}");
    judge(
        found == "1",
        Severity::Problem,
        "synchronous_commit",
        (
            &text,
            &format!("{text}: a crash may lose acknowledged writes and their markers"),
        ),
        "set innodb_flush_log_at_trx_commit = 1",
    )
}

/// The engine's own log keeps what was committed; the binary log is what
/// replicas, and a failover to one of them, live on.
fn binlog_sync(global: &Variables) -> Finding {
    const CHECK: &str = "sync_binlog";
    if !is_on(global, "log_bin") {
        return Finding::ok(CHECK, None, "there is no binary log");
    }
    let found = get(global, CHECK);
    let text = format!("{CHECK} is {found}");
    judge(
        found == "1",
        Severity::Warning,
        CHECK,
        (
            &text,
            &format!("{text}: after a crash replicas may have more or less than the server"),
        ),
        "set sync_binlog = 1",
    )
}

/// At READ COMMITTED the server refuses to log changes as statements.
fn binlog_format(session: &Variables) -> Finding {
    const CHECK: &str = "binlog_format";
    let found = get(session, CHECK);
    let as_statements = is_on(session, "log_bin") && found.eq_ignore_ascii_case("STATEMENT");
    judge(
        !as_statements,
        Severity::Problem,
        CHECK,
        (
            "changes are logged as rows, or not at all",
            "changes are logged as statements, which read committed does not allow",
        ),
        "set binlog_format = ROW (or MIXED)",
    )
}

/// Row locks are one node's: a fence that is changed on another node does not
/// wait for those who hold it here.
fn cluster(global: &Variables) -> Finding {
    let replicated = get(global, "group_replication_single_primary_mode") == "OFF";
    judge(
        !is_on(global, "wsrep_on") && !replicated,
        Severity::Problem,
        "single_writer",
        (
            "row locks hold for all who write",
            "several nodes may write at once (Galera, or group replication with several primaries), \
             and the locks that the fence stands on are only one node's",
        ),
        "migrate while one node alone takes writes, without wsrep or in single-primary mode",
    )
}

/// What bounds a sidecar that died without saying so.
fn time_outs(session: &Variables) -> Finding {
    let idle = match get(session, "idle_transaction_timeout") {
        "" => format!("wait_timeout {} s", get(session, "wait_timeout")),
        seconds => format!("idle_transaction_timeout {seconds} s"),
    };
    let lock = get(session, "innodb_lock_wait_timeout");
    let detail = format!("{idle}, innodb_lock_wait_timeout {lock} s");
    Finding::ok("time_outs", None, detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A check, the settings that it finds, and what it makes of them.
    type Case<'a> = (&'a str, &'a [(&'a str, &'a str)], Severity);

    fn server(settings: &[(&str, &str)]) -> Variables {
        let usual = [
            ("version", "10.11.19-MariaDB-0+deb12u1"),
            ("read_only", "OFF"),
            ("innodb_flush_log_at_trx_commit", "1"),
            ("log_bin", "OFF"),
            ("binlog_format", "MIXED"),
        ];
        let all = usual.iter().chain(settings);
        all.map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect()
    }

    #[test]
    fn a_usual_server_keeps_every_promise() {
        let server = server(&[]);
        for finding in findings(&server, &server) {
            assert_eq!(finding.severity, Severity::Ok, "{finding:?}");
        }
    }

    #[test]
    fn each_promise_that_does_not_hold_is_told_with_a_remedy() {
        let table: [Case<'_>; 10] = [
            (
                "server_version",
                &[("version", "10.5.9-MariaDB")],
                Severity::Problem,
            ),
            (
                "server_version",
                &[("version", "5.7.44")],
                Severity::Problem,
            ),
            ("primary_node", &[("read_only", "ON")], Severity::Problem),
            (
                "primary_node",
                &[("read_only", "NO_LOCK_NO_ADMIN")],
                Severity::Problem,
            ),
            (
                "synchronous_commit",
                &[("innodb_flush_log_at_trx_commit", "2")],
                Severity::Problem,
            ),
            (
                "sync_binlog",
                &[("log_bin", "ON"), ("sync_binlog", "0")],
                Severity::Warning,
            ),
            (
                "binlog_format",
                &[("log_bin", "ON"), ("binlog_format", "STATEMENT")],
                Severity::Problem,
            ),
            ("single_writer", &[("wsrep_on", "ON")], Severity::Problem),
            (
                "single_writer",
                &[("group_replication_single_primary_mode", "OFF")],
                Severity::Problem,
            ),
            (
                "primary_node",
                &[("super_read_only", "ON")],
                Severity::Problem,
            ),
        ];
        for (check, settings, severity) in table {
            let server = server(settings);
            let findings = findings(&server, &server);
            let found = findings.iter().find(|finding| finding.check == check);
            let found = found.unwrap();
            assert_eq!(found.severity, severity, "{found:?}");
            assert!(!found.remedy.is_empty());
        }
    }

    #[test]
    fn a_binary_log_of_statements_is_nobodys_problem_where_there_is_none() {
        let server = server(&[("binlog_format", "STATEMENT"), ("sync_binlog", "0")]);
        for finding in findings(&server, &server) {
            assert_eq!(finding.severity, Severity::Ok, "{finding:?}");
        }
    }
}
