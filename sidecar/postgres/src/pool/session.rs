//! What a session is set to before its first statement.

use std::time::Duration;

use tokio_postgres::{Client, Error};

use crate::config::Limits;

/// Settings of every session of a pool.
///
/// The text forms of values hang on these, so do the protocol's promises
/// (isolation, durability), and so does how long a dead sidecar's locks last.
#[derive(Debug, Clone)]
pub(crate) struct Session {
    set: String,
}

/// What the text forms of values and the promises of the protocol hang on.
pub(crate) const REQUIRED: [(&str, &str); 9] = [
    ("timezone", "UTC"),
    ("datestyle", "ISO, YMD"),
    ("intervalstyle", "postgres"),
    ("extra_float_digits", "1"),
    ("bytea_output", "hex"),
    ("standard_conforming_strings", "on"),
    ("client_encoding", "UTF8"),
    ("default_transaction_isolation", "read committed"),
    ("default_transaction_read_only", "off"),
];

impl Session {
    pub(crate) fn new(limits: Limits, statement: Duration) -> Self {
        let mut set: Vec<String> = REQUIRED
            .iter()
            .map(|(name, value)| format!("SET {name} = '{value}'"))
            .collect();
        let bounds = [
            ("lock_timeout", limits.lock),
            ("statement_timeout", statement),
            (
                "idle_in_transaction_session_timeout",
                limits.idle_in_transaction,
            ),
        ];
        for (name, bound) in bounds {
            set.push(format!("SET {name} = {}", millis(bound)));
        }
        // A commit that is acknowledged must survive; `local` and the stronger
        // forms are the operator's choice.
        let durable = "SELECT set_config('synchronous_commit', 'on', false) \
             WHERE current_setting('synchronous_commit') = 'off'";
        // Statements here are short; compiling them costs more than it saves.
        let uncompiled = "SET jit = off";
        // A backend that waits for a lock notices that its client is gone. Not
        // every platform and version can; where it cannot, the lock time-out
        // bounds the same.
        let watchful = "SELECT set_config(name, '1s', false) FROM pg_settings \
             WHERE name = 'client_connection_check_interval'";
        set.extend([durable, uncompiled, watchful].map(str::to_owned));
        Self {
            set: set.join("; "),
        }
    }

    /// Sets them.
    pub(crate) async fn set(&self, client: &Client) -> Result<(), Error> {
        client.batch_execute(&self.set).await
    }
}

/// Whole milliseconds, at least one: zero would mean no bound at all.
pub(crate) fn millis(bound: Duration) -> u128 {
    bound.as_millis().max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_bound_is_ever_switched_off() {
        let limits = Limits {
            lock: Duration::ZERO,
            ..Limits::default()
        };
        let session = Session::new(limits, Duration::from_secs(30));
        assert!(
            session.set.contains("SET lock_timeout = 1; "),
            "{}",
            session.set
        );
        assert!(session.set.contains("SET statement_timeout = 30000; "));
        assert!(
            session
                .set
                .contains("SET idle_in_transaction_session_timeout = 5000; ")
        );
    }
}
