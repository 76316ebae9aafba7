//! A database file with one table, and connections to it.

use anyhow::Result;
use dualwrite_tests::rows::{self, TextRow};
use dualwrite_tests::{SqliteFile, sqlite};
use sqlx::sqlite::SqliteConnection;

pub(crate) struct World {
    pub(crate) file: SqliteFile,
}

impl World {
    /// A file with the fence at epoch 1 and no items.
    pub(crate) async fn new() -> Result<Self> {
        let file = SqliteFile::create()?;
        file.execute(
            "CREATE TABLE dualwrite_fence (service TEXT PRIMARY KEY, epoch INTEGER, role TEXT);
             CREATE TABLE dualwrite_outbox_cart (id INTEGER PRIMARY KEY, token INTEGER);
             CREATE TABLE items (id INTEGER PRIMARY KEY, amount INTEGER, code TEXT UNIQUE);
             INSERT INTO dualwrite_fence VALUES ('cart', 1, 'primary');",
        )
        .await?;
        Ok(Self { file })
    }

    pub(crate) async fn session(&self) -> Result<Session> {
        Ok(Session(self.file.connect().await?))
    }
}

pub(crate) struct Session(pub(crate) SqliteConnection);

impl Session {
    pub(crate) async fn run(&mut self, sql: &str) -> Result<()> {
        sqlite::execute(&mut self.0, sql).await
    }

    pub(crate) async fn rows(&mut self, query: &str) -> Result<Vec<TextRow>> {
        rows::sqlite(&mut self.0, query).await
    }

    /// The first cell of the first row, or `none`.
    pub(crate) async fn value(&mut self, query: &str) -> Result<String> {
        let rows = self.rows(query).await?;
        Ok(rows
            .into_iter()
            .flatten()
            .next()
            .flatten()
            .unwrap_or_else(|| "none".into()))
    }

    /// The extended result code with which this is refused.
    pub(crate) async fn refused(&mut self, sql: &str) -> String {
        let Err(error) = self.run(sql).await else {
            return "accepted".into();
        };
        let database = error
            .chain()
            .find_map(|cause| cause.downcast_ref::<sqlx::Error>());
        let code = database
            .and_then(sqlx::Error::as_database_error)
            .and_then(|error| Some(error.code()?.into_owned()));
        code.unwrap_or_else(|| format!("{error:#}"))
    }
}

/// `SQLITE_BUSY`.
pub(crate) const BUSY: &str = "5";
/// `SQLITE_BUSY_SNAPSHOT`.
pub(crate) const BUSY_SNAPSHOT: &str = "517";
/// `SQLITE_CONSTRAINT_PRIMARYKEY`.
pub(crate) const PRIMARY_KEY: &str = "1555";
/// `SQLITE_CONSTRAINT_UNIQUE`.
pub(crate) const UNIQUE: &str = "2067";
