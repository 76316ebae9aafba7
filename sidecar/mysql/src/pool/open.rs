//! Opening one connection.

use std::path::{Path, PathBuf};
use std::time::Duration;

use dualwrite_engine::store::StoreError;
use sqlx::mysql::{MySqlConnectOptions, MySqlConnection};
use sqlx::{AssertSqlSafe, ConnectOptions};
use tokio::time::Instant;

use super::settings::{Settings, WAIT_MARIADB, WAIT_MYSQL};
use crate::cells::text;
use crate::config::{Limits, MysqlConfig, parse};
use crate::errors::connecting;

/// Which of the two servers answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flavour {
    Mariadb,
    Mysql,
}

/// An open connection.
#[derive(Debug)]
pub(super) struct Opened {
    pub(super) connection: MySqlConnection,
    pub(super) flavour: Flavour,
    pub(super) born: Instant,
    /// A number of its own, drawn by the server: that of the connection.
    pub(super) jitter: u32,
}

/// Opens the connections of a lane.
#[derive(Debug)]
pub(super) struct Opener {
    driver: MySqlConnectOptions,
    /// Where user and password may have been replaced since.
    url_file: Option<PathBuf>,
    settings: Settings,
}

// === impl Flavour ===

impl Flavour {
    fn of(version: &str) -> Self {
        if version.to_ascii_lowercase().contains("mariadb") {
            Self::Mariadb
        } else {
            Self::Mysql
        }
    }

    /// How long a connection may lie idle: less than the server keeps it.
    pub(super) fn idle_limit(self) -> Duration {
        match self {
            Self::Mariadb => WAIT_MARIADB * 3 / 4,
            Self::Mysql => WAIT_MYSQL * 3 / 4,
        }
    }
}

// === impl Opener ===

impl Opener {
    pub(super) fn new(
        config: &MysqlConfig,
        driver: MySqlConnectOptions,
        limits: Limits,
        statement: Duration,
    ) -> Self {
        Self {
            driver,
            url_file: config.url_file.clone(),
            settings: Settings::new(limits, statement),
        }
    }

    /// Opens a connection and sets its session.
    pub(super) async fn open(&self) -> Result<Opened, StoreError> {
        let connection = self.current().connect().await;
        let mut connection = connection.map_err(|error| connecting(&error))?;
        let set = format!(
            "{}; SELECT VERSION(), CAST(CONNECTION_ID() AS CHAR)",
            self.settings.text()
        );
        let rows = sqlx::raw_sql(AssertSqlSafe(set))
            .fetch_all(&mut connection)
            .await
            .map_err(|error| connecting(&error))?;
        let cell = |index| match rows.last() {
            Some(row) => text(row, index),
            None => Ok(None),
        };
        let flavour = Flavour::of(&cell(0)?.unwrap_or_default());
        if flavour == Flavour::Mysql {
            let bound = AssertSqlSafe(self.settings.for_mysql());
            let set = sqlx::raw_sql(bound).execute(&mut connection).await;
            set.map_err(|error| connecting(&error))?;
        }
        let id = cell(1)?.and_then(|id| id.parse::<u32>().ok());
        Ok(Opened {
            connection,
            flavour,
            born: Instant::now(),
            // Neighbours get numbers far apart.
            jitter: id.unwrap_or_default().wrapping_mul(2_654_435_761),
        })
    }

    /// The settings of the next connection.
    fn current(&self) -> MySqlConnectOptions {
        let Some(file) = &self.url_file else {
            return self.driver.clone();
        };
        match renewed(file, &self.driver) {
            Ok(current) => current,
            // Secrets are replaced by renaming files; one that is not there for
            // a moment is no reason to be without connections.
            Err(why) => {
                tracing::warn!(
                    file = %file.display(), why,
                    "the database URL cannot be read again; its last user and password are used"
                );
                self.driver.clone()
            }
        }
    }
}

/// The settings with user and password as the file has them now.
fn renewed(file: &Path, first: &MySqlConnectOptions) -> Result<MySqlConnectOptions, String> {
    let url = std::fs::read_to_string(file).map_err(|error| error.to_string())?;
    let read = crate::config::secrets(&url).map_err(|error| error.to_string())?;
    let (place, _) = parse(&url).map_err(|error| error.to_string())?;
    let of = |driver: &MySqlConnectOptions| {
        (
            driver.get_host().to_owned(),
            driver.get_port(),
            driver.get_database().map(str::to_owned),
        )
    };
    if of(&place) != of(first) {
        return Err(
            "it names another database than at the start, which takes a restart".to_owned(),
        );
    }
    let current = first.clone().username(&read.0);
    Ok(match read.1 {
        Some(password) => current.password(&password),
        None => current,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_tells_which_server_it_is() {
        assert_eq!(Flavour::of("10.11.19-MariaDB-0+deb12u1"), Flavour::Mariadb);
        assert_eq!(Flavour::of("8.0.36"), Flavour::Mysql);
    }
}
