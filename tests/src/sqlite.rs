//! Throw-away SQLite databases.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous};
use sqlx::{AssertSqlSafe, ConnectOptions};
use tempfile::TempDir;

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

    /// Runs statements that return nothing.
    pub async fn execute(&self, sql: &str) -> Result<()> {
        execute(&mut self.connect().await?, sql).await
    }
}

/// Opens a connection to any file; see [`SqliteFile::connect`].
pub async fn connect(path: &Path) -> Result<SqliteConnection> {
    SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(std::time::Duration::ZERO)
        .connect()
        .await
        .with_context(|| format!("open {}", path.display()))
}

/// Runs statements that return nothing.
pub async fn execute(connection: &mut SqliteConnection, sql: &str) -> Result<()> {
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))
        .execute(connection)
        .await
        .with_context(|| format!("run {sql}"))?;
    Ok(())
}
