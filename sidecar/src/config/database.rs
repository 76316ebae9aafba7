//! Which adapter a URL asks for.

use std::path::PathBuf;

use dualwrite_mysql::{MysqlConfig, MysqlStore};
use dualwrite_postgres::{PostgresConfig, PostgresStore};
use dualwrite_sqlite::SqliteConfig;

/// One database, by its engine.
#[derive(Debug)]
pub(crate) enum Database {
    /// `mysql://…`, `mariadb://…`
    Mysql(MysqlConfig),
    /// `postgresql://…`
    Postgres(PostgresConfig),
    /// `sqlite://…`
    Sqlite(SqliteConfig),
}

/// How databases are talked to, whichever they are.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Connecting {
    /// Connections to each server for applications' writes and reads.
    pub(crate) max_connections: usize,
    /// Whether what is said over them may be read or changed on the way.
    pub(crate) allow_insecure: bool,
}

/// A URL that names no database that can be used. Never holds the URL.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DatabaseError {
    /// The scheme is of no engine that there is an adapter for.
    #[error(
        "{what} is no database that can be used; expected \
         postgresql://user:password@host:5432/database, mysql://user:password@host:3306/database \
         (or mariadb://) or sqlite:///path/to/file.db"
    )]
    Scheme {
        /// What it begins with, when that cannot be a secret.
        what: String,
    },
    /// It is a wrong MySQL or MariaDB URL.
    #[error(transparent)]
    Mysql(#[from] dualwrite_mysql::ConfigError),
    /// It is a wrong PostgreSQL URL.
    #[error(transparent)]
    Postgres(#[from] dualwrite_postgres::ConfigError),
    /// It is a wrong SQLite URL.
    #[error(transparent)]
    Sqlite(#[from] dualwrite_sqlite::ConfigError),
    /// It names a SQLite file that cannot be used.
    #[error(transparent)]
    File(#[from] dualwrite_sqlite::OpenError),
}

impl Database {
    /// Reads a URL, and has the adapter check all of it. Where it came from a
    /// file, user and password are read from there again later.
    pub(crate) fn parse(
        url: &str,
        url_file: Option<PathBuf>,
        service: &str,
        connecting: Connecting,
    ) -> Result<Self, DatabaseError> {
        let Connecting {
            max_connections,
            allow_insecure,
        } = connecting;
        match scheme(url) {
            Some("mysql" | "mariadb") => {
                let config = MysqlConfig {
                    max_connections,
                    allow_insecure,
                    url_file,
                    ..MysqlConfig::new(url)
                };
                MysqlStore::connect(&config)?;
                Ok(Self::Mysql(config))
            }
            Some("postgres" | "postgresql") => {
                let config = PostgresConfig {
                    max_connections,
                    allow_insecure,
                    url_file,
                    ..PostgresConfig::new(url, service)
                };
                // Nothing is connected yet: this only reads the settings.
                PostgresStore::connect(&config)?;
                Ok(Self::Postgres(config))
            }
            Some("sqlite") => Ok(Self::Sqlite(SqliteConfig::from_url(url)?)),
            Some(other) => Err(DatabaseError::Scheme {
                what: format!("`{other}:`"),
            }),
            None => Err(DatabaseError::Scheme {
                what: "a text without a scheme".to_owned(),
            }),
        }
    }

    /// Whether both names mean the same database.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Mysql(one), Self::Mysql(two)) => one.url == two.url,
            (Self::Postgres(one), Self::Postgres(two)) => one.url == two.url,
            (Self::Sqlite(one), Self::Sqlite(two)) => one.path == two.path,
            (Self::Mysql(_) | Self::Postgres(_) | Self::Sqlite(_), _) => false,
        }
    }
}

/// The scheme without a driver: `postgresql` of `postgresql+asyncpg://…`.
/// `None` for what does not look like one, which may be anything, also a
/// password, and is not shown.
fn scheme(url: &str) -> Option<&str> {
    let (scheme, _) = url.trim().split_once(':')?;
    let scheme = scheme.split('+').next()?;
    let plain = scheme.bytes().all(|byte| byte.is_ascii_lowercase());
    // A user name before a password looks like a scheme too; no scheme of a
    // database is followed by anything but slashes, except for SQLite's.
    let sure = url.contains("://") || scheme == "sqlite";
    (plain && sure && !scheme.is_empty()).then_some(scheme)
}
