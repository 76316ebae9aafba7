//! Where a database is and how its sessions behave.

mod security;
pub(crate) mod url;

#[cfg(test)]
mod tests;

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use dualwrite_core::spec::check_name;

use crate::tls::TlsError;

pub(crate) use security::{ClientFiles, Roots, Security, Verify};

/// Foreground connections when nothing else is said.
const MAX_CONNECTIONS: usize = 16;

/// How long a connection lives, so that another password, certificate or
/// address behind the name is followed.
const CONNECTION_LIFETIME: Duration = Duration::from_mins(30);

/// What PostgreSQL keeps of an application's name.
const APPLICATION_NAME_MAX: usize = 63;

/// Where a database is, and how its sessions behave.
#[derive(Debug, Clone)]
pub struct PostgresConfig {
    /// Where it is, with the password.
    pub url: DatabaseUrl,
    /// The service, for names of ours in the database.
    pub service: String,
    /// What the sessions call themselves in `pg_stat_activity`.
    pub application_name: String,
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
/// long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// How long a statement waits for a lock.
    pub lock: Duration,
    /// How long a foreground statement runs.
    pub statement: Duration,
    /// How long a statement over whole tables (key ranges, sequences) runs.
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

impl PostgresConfig {
    /// The usual settings.
    #[must_use]
    pub fn new(url: impl Into<DatabaseUrl>, service: impl Into<String>) -> Self {
        let service = service.into();
        Self {
            url: url.into(),
            application_name: format!("dualwrite-sidecar/{service}"),
            service,
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
    pub(crate) fn driver(&self) -> Result<(tokio_postgres::Config, Security), ConfigError> {
        if !check_name(&self.service) {
            return Err(ConfigError::Service(self.service.clone()));
        }
        if self.max_connections == 0 {
            return Err(ConfigError::NoConnections);
        }
        let (mut driver, security) = url::parse(&self.url.0)?;
        security.check(self.allow_insecure)?;
        let mut name = self.application_name.clone();
        while name.len() > APPLICATION_NAME_MAX {
            name.pop();
        }
        driver
            .application_name(name)
            .connect_timeout(self.connect_timeout)
            .keepalives(true)
            .keepalives_idle(Duration::from_secs(5))
            .keepalives_interval(Duration::from_secs(1))
            .keepalives_retries(3)
            .tcp_user_timeout(Duration::from_secs(5));
        Ok((driver, security))
    }
}

/// The URL of a database. It holds a password, so it is never shown: `Debug`
/// and `Display` leave it out, and errors name what is wrong without it.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseUrl(String);

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
        match url::parse(&self.0) {
            Ok((driver, _)) => f.write_str(&url::place(&driver)),
            Err(_) => f.write_str("(not a PostgreSQL URL)"),
        }
    }
}

/// What is wrong with the settings. Never holds the URL.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// The URL is of another kind of database.
    #[error(
        "the database URL begins with `{scheme}`; expected postgresql://user:password@host:5432/database"
    )]
    Scheme {
        /// What it begins with.
        scheme: String,
    },
    /// The URL cannot be read.
    #[error(
        "the database URL cannot be read: {why}; expected postgresql://user:password@host:5432/database, \
         with %-escapes for `@ : / ? # %` in user and password"
    )]
    Malformed {
        /// What is wrong, without any part of the URL.
        why: String,
    },
    /// The URL has an option that is not known.
    #[error(
        "the database URL has the unknown option `{option}`; known are host, port, user, password, \
         dbname, options, sslmode (or ssl), sslrootcert, sslcert, sslkey, sslnegotiation, \
         channel_binding, hostaddr, connect_timeout, target_session_attrs, application_name"
    )]
    Option {
        /// Its name.
        option: String,
    },
    /// No host.
    #[error(
        "the database URL names no host; expected postgresql://user@host/database, \
         or for a Unix socket postgresql://user@/database?host=/var/run/postgresql"
    )]
    NoHost,
    /// No database.
    #[error("the database URL names no database; expected postgresql://user@host/database")]
    NoDatabase,
    /// A word for how much TLS that is not known.
    #[error(
        "the value of `{option}` in the database URL is not known; expected disable, prefer, require, \
         verify-ca or verify-full"
    )]
    TlsMode {
        /// The option.
        option: String,
    },
    /// Two options that contradict each other.
    #[error("the database URL has `ssl` and `sslmode`, and they differ; expected one of them")]
    TlsTwice,
    /// A client certificate without its key, or the other way round.
    #[error("the database URL has no `{missing}`; a client certificate needs sslcert and sslkey")]
    HalfOfClient {
        /// The option that is missing.
        missing: &'static str,
    },
    /// An address alone.
    #[error(
        "the database URL names an address and no host, and a certificate is for a host; \
         expected host=NAME beside hostaddr=ADDRESS"
    )]
    TlsWithoutName,
    /// TLS where there is none.
    #[error(
        "the database URL asks for TLS over a Unix socket, which PostgreSQL does not have and \
         nobody can listen in to; expected no sslmode, or sslmode=disable"
    )]
    TlsOnSocket,
    /// Clear text in silence.
    #[error(
        "sslmode=prefer falls back to clear text in silence, which a host beyond loopback does not \
         get; expected sslmode=verify-full, or a weaker mode that says what it does"
    )]
    TlsPreferred,
    /// Weaker than it must be beyond loopback.
    #[error(
        "sslmode={mode} to a host beyond loopback: {why}; expected sslmode=verify-full (the default), \
         with sslrootcert=FILE for an authority that the system does not trust; where this is meant, \
         say --insecure-databases (DUALWRITE_INSECURE_DATABASES=true)"
    )]
    Insecure {
        /// The mode.
        mode: &'static str,
        /// What it lets happen.
        why: &'static str,
    },
    /// A certificate or key that cannot be used.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The service has no usable name.
    #[error(
        "`{0}` is no service name; expected a lower case letter, then up to 30 lower case letters, \
         digits or _"
    )]
    Service(String),
    /// No connections allowed.
    #[error("max_connections is 0; expected at least 1")]
    NoConnections,
    /// The pool could not be made.
    #[error("the connection pool cannot be made: {0}")]
    Pool(String),
}
