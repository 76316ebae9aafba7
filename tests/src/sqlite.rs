//! Throw-away SQLite databases.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection};
use tempfile::TempDir;

use crate::eventually::BOUND;

/// A database file in a folder of its own, which goes away with this value (as do the `-wal` and
/// `-shm` files beside it).
#[derive(Debug)]
pub struct SqliteFile {
    folder: TempDir,
}

impl SqliteFile {
    /// A new place for a database; the file comes with the first connection.
    pub fn create() -> Result<Self> {
        let folder = tempfile::Builder::new()
            .prefix("dualwrite-sqlite-")
            .tempdir()?;
        Ok(Self { folder })
    }

    /// Where the file is.
    pub fn path(&self) -> PathBuf {
        self.folder.path().join("data.db")
    }

    /// `sqlite:///tmp/…/data.db`.
    pub fn url(&self) -> String {
        format!("sqlite://{}", self.path().display())
    }

    /// Opens a connection as the project does: WAL, full synchronisation, and no waiting for a
    /// locked database, so that a test sees `BUSY` at once.
    pub async fn connect(&self) -> Result<SqliteConnection> {
        connect(&self.path()).await
    }

    /// Runs statements that return nothing, on a connection of their own.
    pub async fn execute(&self, sql: &str) -> Result<()> {
        let mut connection = self.connect().await?;
        execute(&mut connection, sql).await?;
        connection.close().await.context("close the connection")
    }
}

/// Opens a connection to any file; see [`SqliteFile::connect`].
pub async fn connect(path: &Path) -> Result<SqliteConnection> {
    // Opening meets the lock of whoever is just closing, so it is patient; what follows is not.
    let mut connection = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .busy_timeout(BOUND)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .connect()
        .await
        .with_context(|| format!("open {}", path.display()))?;
    execute(&mut connection, "PRAGMA busy_timeout = 0").await?;
    Ok(connection)
}

/// Runs statements that return nothing.
pub async fn execute(connection: &mut SqliteConnection, sql: &str) -> Result<()> {
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))
        .execute(connection)
        .await
        .with_context(|| format!("run {sql}"))?;
    Ok(())
}
