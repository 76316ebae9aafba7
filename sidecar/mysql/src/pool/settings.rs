//! What a session is set to before its first statement.
//!
//! The promises of the protocol hang on these (isolation, strictness), so do
//! the forms of values, and so does how long a dead sidecar's locks last.

use std::time::Duration;

use crate::config::Limits;

/// How long MariaDB keeps a session that says nothing. An open transaction has
/// a shorter bound of its own there.
pub(super) const WAIT_MARIADB: Duration = Duration::from_mins(1);

/// The same for MySQL, which has no other bound for an open transaction.
pub(super) const WAIT_MYSQL: Duration = Duration::from_secs(10);

/// Settings that a session of ours must have, by the names under which both
/// servers show them.
pub(crate) const REQUIRED: [(&str, &str); 7] = [
    (
        "sql_mode",
        "STRICT_ALL_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,\
         NO_AUTO_VALUE_ON_ZERO,NO_ENGINE_SUBSTITUTION",
    ),
    ("time_zone", "+00:00"),
    ("autocommit", "ON"),
    ("foreign_key_checks", "ON"),
    ("unique_checks", "ON"),
    ("completion_type", "NO_CHAIN"),
    ("sql_safe_updates", "OFF"),
];

/// Settings of every session of a lane.
#[derive(Debug)]
pub(super) struct Settings {
    limits: Limits,
    statement: Duration,
}

impl Settings {
    pub(super) const fn new(limits: Limits, statement: Duration) -> Self {
        Self { limits, statement }
    }

    /// For both servers; what stands in `/*M! … */` only MariaDB reads.
    pub(super) fn text(&self) -> String {
        let required = REQUIRED.map(|(name, value)| match value {
            "ON" | "OFF" | "NO_CHAIN" => format!("{name} = {value}"),
            text => format!("{name} = '{text}'"),
        });
        let Self { limits, statement } = self;
        format!(
            "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED; \
             SET SESSION TRANSACTION READ WRITE; \
             SET NAMES utf8mb4 COLLATE utf8mb4_bin; \
             SET SESSION {}, innodb_lock_wait_timeout = {lock}, lock_wait_timeout = {lock}, \
             wait_timeout = {} /*M! , idle_transaction_timeout = {}, max_statement_time = {} */",
            required.join(", "),
            WAIT_MARIADB.as_secs(),
            seconds(limits.idle_in_transaction),
            seconds(*statement),
            lock = seconds(limits.lock),
        )
    }

    /// What MySQL alone needs.
    pub(super) fn for_mysql(&self) -> String {
        format!(
            "SET SESSION wait_timeout = {}, max_execution_time = {}",
            WAIT_MYSQL.as_secs(),
            self.statement.as_millis().max(1)
        )
    }
}

/// Whole seconds, rounded up and at least one: zero would mean no bound at all,
/// or no waiting.
pub(crate) fn seconds(bound: Duration) -> u64 {
    let parts = u64::from(bound.subsec_nanos() > 0);
    (bound.as_secs() + parts).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_bound_is_ever_switched_off() {
        let limits = Limits {
            lock: Duration::ZERO,
            idle_in_transaction: Duration::from_millis(1_200),
            ..Limits::default()
        };
        let text = Settings::new(limits, Duration::from_secs(30)).text();
        assert!(text.contains("innodb_lock_wait_timeout = 1, "), "{text}");
        assert!(text.contains("idle_transaction_timeout = 2, "), "{text}");
        assert!(text.contains("max_statement_time = 30 "), "{text}");
    }
}
