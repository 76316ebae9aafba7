//! Opening a database, and what is verified before it is used.

use std::path::PathBuf;
use std::time::Duration;

use dualwrite_core::value::{Kind, Value};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{AssertSqlSafe, ConnectOptions, SqliteConnection};
use tokio::time::{Instant, sleep};

use crate::config::SqliteConfig;
use crate::connections::{Begin, Connections};
use crate::errors::is_busy;

/// Statements kept prepared for a connection. Their texts depend on which
/// columns a caller gives, so there are more than there are tables.
const STATEMENTS: usize = 256;

/// How long a statement of the writer waits inside SQLite. Waiting for the
/// lock is done outside of it, where a dropped future ends the wait.
const WRITER_WAIT: Duration = Duration::from_millis(1);

/// How long a reader waits inside SQLite; only recovery and the last close of
/// a database make a reader wait at all.
const READER_WAIT: Duration = Duration::from_secs(5);

/// How often to ask again for a database that is just being opened or closed
/// by somebody else.
const OPEN_TICK: Duration = Duration::from_millis(10);

/// A database that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// There is no such file.
    #[error(
        "there is no SQLite database at {}: create it first, or say ?mode=rwc (sqlite:PATH is \
         relative to the working folder, sqlite:///PATH is absolute)",
        path.display()
    )]
    Missing {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// SQLite cannot open it.
    #[error("the SQLite database {} cannot be opened: {why}", path.display())]
    Refused {
        /// Where it is.
        path: PathBuf,
        /// What SQLite says.
        why: String,
    },
    /// A setting that durability stands on did not take.
    #[error("the SQLite database {} has {setting} = {found}, and {expected} is needed", path.display())]
    Setting {
        /// Where it is.
        path: PathBuf,
        /// The pragma.
        setting: &'static str,
        /// What it reads as.
        found: String,
        /// What it must be.
        expected: &'static str,
    },
}

/// The connections of one store.
#[derive(Debug)]
pub(crate) struct Opened {
    pub(crate) writer: Connections,
    pub(crate) readers: Connections,
}

/// Opens the file and verifies how.
pub(crate) async fn open(config: &SqliteConfig) -> Result<Opened, OpenError> {
    if !config.create_if_missing && !config.path.is_file() {
        return Err(OpenError::Missing {
            path: config.path.clone(),
        });
    }
    let options = writer_options(config);
    let mut connection = connect(config, &options).await?;
    verify(config, &mut connection).await?;
    let writer = Connections::new(options, Begin::Write, 1);
    writer.adopt(connection);
    let readers = Connections::new(reader_options(config), Begin::Read, config.readers.max(1));
    Ok(Opened { writer, readers })
}

fn options(config: &SqliteConfig) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(&config.path)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .statement_cache_capacity(STATEMENTS)
        .disable_statement_logging()
}

fn writer_options(config: &SqliteConfig) -> SqliteConnectOptions {
    options(config)
        .create_if_missing(config.create_if_missing)
        .journal_mode(SqliteJournalMode::Wal)
        .busy_timeout(WRITER_WAIT)
        .thread_name(|_| "sqlite-writer".to_owned())
}

fn reader_options(config: &SqliteConfig) -> SqliteConnectOptions {
    let reader = options(config)
        .busy_timeout(READER_WAIT)
        .pragma("query_only", "ON")
        .thread_name(|_| "sqlite-reader".to_owned());
    BY_VALUE.into_iter().fold(reader, |reader, kind| {
        reader.collation(collation(kind), move |left: &str, right: &str| {
            canonical(kind, left).cmp(&canonical(kind, right))
        })
    })
}

/// Kinds that have several texts for one value, which only their own collation
/// compares rightly: `1.5` and `1.50`.
const BY_VALUE: [Kind; 7] = [
    Kind::Decimal,
    Kind::Uuid,
    Kind::Timestamp,
    Kind::DateTime,
    Kind::Date,
    Kind::Time,
    Kind::Json,
];

/// The name of the collation that compares texts of this kind by value, on
/// connections that read; `None` where bytes compare rightly.
pub(crate) fn by_value(kind: Kind) -> Option<String> {
    BY_VALUE.contains(&kind).then(|| collation(kind))
}

fn collation(kind: Kind) -> String {
    format!("dualwrite_{kind}")
}

/// The canonical text, and texts that are no such value behind all that are.
fn canonical(kind: Kind, text: &str) -> (bool, String) {
    match Value::from_text(kind, text)
        .ok()
        .and_then(|value| value.to_text())
    {
        Some(canonical) => (false, canonical),
        None => (true, text.to_owned()),
    }
}

/// Connects. Whoever switches a database to WAL, or closes it last, locks it
/// for a moment in which SQLite does not wait by itself.
async fn connect(
    config: &SqliteConfig,
    options: &SqliteConnectOptions,
) -> Result<SqliteConnection, OpenError> {
    let deadline = Instant::now() + config.busy_timeout;
    loop {
        match options.connect().await {
            Ok(connection) => return Ok(connection),
            Err(error) if is_busy(&error) && Instant::now() < deadline => sleep(OPEN_TICK).await,
            Err(error) => return Err(refused(config, &error)),
        }
    }
}

async fn verify(config: &SqliteConfig, connection: &mut SqliteConnection) -> Result<(), OpenError> {
    let wanted = [
        ("journal_mode", "wal"),
        ("synchronous", "2"),
        ("foreign_keys", "1"),
    ];
    for (setting, expected) in wanted {
        // `CAST` makes one type of what pragmas answer in several.
        let sql = format!("SELECT CAST({setting} AS TEXT) FROM pragma_{setting}");
        let found: String = sqlx::query_scalar(AssertSqlSafe(sql))
            .fetch_one(&mut *connection)
            .await
            .map_err(|error| refused(config, &error))?;
        if found != expected {
            return Err(OpenError::Setting {
                path: config.path.clone(),
                setting,
                found,
                expected,
            });
        }
    }
    Ok(())
}

fn refused(config: &SqliteConfig, error: &sqlx::Error) -> OpenError {
    let why = error.as_database_error().map_or_else(
        || error.to_string(),
        |database| database.message().to_owned(),
    );
    OpenError::Refused {
        path: config.path.clone(),
        why,
    }
}

#[cfg(test)]
mod tests;
