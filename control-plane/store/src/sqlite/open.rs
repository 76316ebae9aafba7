//! Opens the file, and refuses settings under which a commit could be lost.

use std::path::{Path, PathBuf};
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Connection, SqliteConnection};

use super::timings::Timings;
use super::{SqliteStore, schema};

/// Connections that read. A call reads for less than a millisecond, so a few
/// serve thousands of calls a second.
const READERS: u32 = 4;

/// How long SQLite itself waits for another process, say a backup.
const BUSY: Duration = Duration::from_secs(10);

/// How long a unit of work waits for those before it.
const TURN: Duration = Duration::from_secs(30);

/// The store cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The file cannot be opened or made.
    #[error("the store {} cannot be opened: {cause}; its folder must exist and be writable", path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// What SQLite said.
        cause: sqlx::Error,
    },
    /// A newer program has changed the tables beyond what this one can use.
    #[error(
        "the store has tables of version {found}, and this program knows {known}; start a newer one"
    )]
    TooNew {
        /// The version found.
        found: i64,
        /// The newest version that this program knows.
        known: i64,
    },
    /// A schema file was not applied.
    #[error("the schema file {file} was not applied: {cause}")]
    Schema {
        /// The file.
        file: &'static str,
        /// What SQLite said.
        cause: sqlx::Error,
    },
    /// The file system does not do what is needed.
    #[error(
        "the store {} is in journal mode `{mode}`, not `wal`; put it on a local disk",
        path.display()
    )]
    NotWal {
        /// The file.
        path: PathBuf,
        /// The mode that SQLite answered.
        mode: String,
    },
}

impl SqliteStore {
    /// Opens a file, which is made if it is not there.
    ///
    /// # Errors
    /// [`OpenError`].
    pub async fn open(path: impl AsRef<Path>) -> Result<Self, OpenError> {
        let path = path.as_ref();
        let writing = writer_options(path);
        prepare(path, &writing).await?;
        let writer = pool(1).connect_lazy_with(writing.clone());
        let reading = writing.pragma("query_only", "ON");
        let readers = pool(READERS).connect_lazy_with(reading);
        let timings = Timings::default();
        Ok(Self {
            writer,
            readers,
            timings,
        })
    }

    /// A store in memory, for tests and trials: it is gone when it is closed.
    /// Readers and writers share its one connection.
    ///
    /// # Errors
    /// [`OpenError`].
    pub async fn in_memory() -> Result<Self, OpenError> {
        let path = Path::new(":memory:");
        let open = |cause| OpenError::Open {
            path: path.to_owned(),
            cause,
        };
        let options = SqliteConnectOptions::new()
            .in_memory(true)
            .foreign_keys(true);
        let writer = pool(1)
            .min_connections(1)
            .connect_with(options)
            .await
            .map_err(open)?;
        let mut connection = writer.acquire().await.map_err(open)?;
        schema::apply(&mut connection).await?;
        drop(connection);
        Ok(Self {
            readers: writer.clone(),
            writer,
            timings: Timings::default(),
        })
    }

    /// Waits for what is under way and closes the file.
    pub async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }
}

fn writer_options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(BUSY)
}

/// A pool whose connections live as long as it does: a store in memory lives
/// in its connection, and a file gains nothing from opening it anew.
fn pool(size: u32) -> SqlitePoolOptions {
    SqlitePoolOptions::new()
        .max_connections(size)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
        .acquire_timeout(TURN)
}

async fn prepare(path: &Path, options: &SqliteConnectOptions) -> Result<(), OpenError> {
    let open = |cause| OpenError::Open {
        path: path.to_owned(),
        cause,
    };
    let mut connection = SqliteConnection::connect_with(options)
        .await
        .map_err(open)?;
    let mode: String = sqlx::query_scalar("PRAGMA journal_mode")
        .fetch_one(&mut connection)
        .await
        .map_err(open)?;
    if mode != "wal" {
        return Err(OpenError::NotWal {
            path: path.to_owned(),
            mode,
        });
    }
    schema::apply(&mut connection).await?;
    connection.close().await.map_err(open)
}
