//! Where a server is and how its sessions behave.

mod security;
mod url;

#[cfg(test)]
mod tests;

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use sqlx::ConnectOptions;
use sqlx::mysql::MySqlConnectOptions;

pub(crate) use security::Security;
pub(crate) use url::{parse, secrets};

/// Foreground connections when nothing else is said.
const MAX_CONNECTIONS: usize = 16;

/// How long a connection lives, so that another password, certificate or
/// address behind the name is followed.
const CONNECTION_LIFETIME: Duration = Duration::from_mins(30);

/// Statements kept prepared for a connection. The server bounds those of all
/// connections together (16,382), so this times connections times sidecars must
/// stay below.
const STATEMENTS: usize = 64;

/// Where a database is, and how its sessions behave.
#[derive(Debug, Clone)]
pub struct MysqlConfig {
    /// Where it is, with the password.
    pub url: DatabaseUrl,
    /// Connections for foreground writes and reads. Copies get half as many
    /// more, and fence and relay a few of their own, so that neither foreground
    /// load nor strict writes ever starve the relay or a flip.
    pub max_connections: usize,
    /// Whether a server beyond loopback may be talked to without verifying
    /// that it is the right one.
    pub allow_insecure: bool,
    /// The file that the URL was read from. User and password are read from it
    /// again for each new connection, so that they can be rotated.
    pub url_file: Option<PathBuf>,
    /// How long opening a connection, or waiting for a free one, may take.
    pub connect_timeout: Duration,
    /// How long a connection is used before another is opened in its place.
    pub connection_lifetime: Duration,
    /// Bounds that the server itself keeps.
    pub limits: Limits,
}

/// Bounds that the server keeps, so that a sidecar that died holds nothing for
/// long. The server counts in whole seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// How long a statement waits for a row.
    pub lock: Duration,
    /// How long a foreground statement runs.
    pub statement: Duration,
    /// How long a statement over whole tables (key ranges) runs.
    pub long_statement: Duration,
    /// How long a transaction may stand open with nothing to do.
    pub idle_in_transaction: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            lock: Duration::from_secs(2),
            statement: Duration::from_secs(30),
            long_statement: Duration::from_mins(10),
            idle_in_transaction: Duration::from_secs(5),
        }
    }
}

impl MysqlConfig {
    /// The usual settings.
    #[must_use]
    pub fn new(url: impl Into<DatabaseUrl>) -> Self {
        Self {
            url: url.into(),
            max_connections: MAX_CONNECTIONS,
            allow_insecure: false,
            url_file: None,
            connect_timeout: Duration::from_secs(3),
            connection_lifetime: CONNECTION_LIFETIME,
            limits: Limits::default(),
        }
    }

    /// The driver's settings and how connections are protected, or what is
    /// wrong.
    pub(crate) fn driver(&self) -> Result<(MySqlConnectOptions, Security), ConfigError> {
        if self.max_connections == 0 {
            return Err(ConfigError::NoConnections);
        }
        let (driver, security) = parse(&self.url.0)?;
        security.check(self.allow_insecure)?;
        // What a session is set to is this crate's business, in one statement.
        let driver = driver
            .pipes_as_concat(false)
            .no_engine_substitution(false)
            .timezone(None::<String>)
            .set_names(false)
            .statement_cache_capacity(STATEMENTS)
            .disable_statement_logging();
        Ok((driver, security))
    }
}

/// The URL of a database. It holds a password, so it is never shown: `Debug`
/// and `Display` leave it out, and errors name what is wrong without it.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseUrl(pub(crate) String);

impl From<String> for DatabaseUrl {
    fn from(url: String) -> Self {
        Self(url)
    }
}

impl From<&str> for DatabaseUrl {
    fn from(url: &str) -> Self {
        Self(url.to_owned())
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DatabaseUrl({self})")
    }
}

/// Host and database, without user and password.
impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match parse(&self.0) {
            Ok((driver, _)) => f.write_str(&url::place(&driver)),
            Err(_) => f.write_str("(not a MySQL URL)"),
        }
    }
}

/// What is wrong with the settings. Never holds the URL.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// The URL is of another kind of database, or of none.
    #[error(
        "the database URL begins with {scheme}; expected mysql://user:password@host:3306/database \
         or mariadb://user:password@host:3306/database"
    )]
    Scheme {
        /// What it begins with, when that cannot be a secret.
        scheme: String,
    },
    /// The URL cannot be read.
    #[error(
        "the database URL cannot be read: {why}; expected mysql://user:password@host:3306/database, \
         with %-escapes for `@ : / ? # %` in user and password"
    )]
    Malformed {
        /// What is wrong, without any part of the URL.
        why: &'static str,
    },
    /// The URL has an option that is not known.
    #[error(
        "the database URL has the unknown option `{option}`; known are socket (or unix_socket), \
         ssl-mode (or sslmode, ssl), ssl-ca, ssl-cert, ssl-key, charset"
    )]
    Option {
        /// Its name.
        option: String,
    },
    /// Another character set than the one that holds every text.
    #[error("the database URL asks for another charset than utf8mb4, which is always used")]
    Charset,
    /// No host.
    #[error(
        "the database URL names no host; expected mysql://user@host/database, or for a Unix socket \
         mysql://user@localhost/database?socket=/run/mysqld/mysqld.sock"
    )]
    NoHost,
    /// No user.
    #[error("the database URL names no user; expected mysql://user:password@host/database")]
    NoUser,
    /// No database.
    #[error("the database URL names no database; expected mysql://user@host/database")]
    NoDatabase,
    /// A word for how much TLS that is not known.
    #[error(
        "the database URL has a value of `{option}` that is not known; expected disabled, required, \
         verify_ca or verify_identity"
    )]
    TlsMode {
        /// The option's name.
        option: String,
    },
    /// A client certificate without its key, or the other way round.
    #[error("the database URL has no `{missing}`; a client certificate needs ssl-cert and ssl-key")]
    HalfOfClient {
        /// The option that is missing.
        missing: &'static str,
    },
    /// Clear text in silence.
    #[error(
        "ssl-mode=preferred falls back to clear text in silence, which a host beyond loopback does \
         not get; expected ssl-mode=verify_identity, or a weaker mode that says what it does"
    )]
    TlsPreferred,
    /// Weaker than it must be beyond loopback.
    #[error(
        "ssl-mode={mode} to a host beyond loopback: {why}; expected ssl-mode=verify_identity (the \
         default), with ssl-ca=FILE for an authority that the system does not trust; where this is \
         meant, say --insecure-databases (DUALWRITE_INSECURE_DATABASES=true)"
    )]
    Insecure {
        /// The mode.
        mode: &'static str,
        /// What it lets happen.
        why: &'static str,
    },
    /// No connections allowed.
    #[error("max_connections is 0; expected at least 1")]
    NoConnections,
}
