//! One database.

use anyhow::{Context, Result};
use dualwrite_tests::rows::{self, TextRow};
use dualwrite_tests::{Postgres, SqliteFile, postgres, sqlite};

use super::{SERVICE, schema};
use crate::engines::Engine;
use crate::history::Side;

/// Who the sidecars are: an ordinary user, whom things can be taken from.
const USER: &str = "ledger_service";

/// Sidecars have up to 28 connections each, and the harness some.
const CONNECTIONS: u16 = 200;

/// A database that was made for one run.
#[derive(Debug)]
pub enum Database {
    /// A server of its own.
    Postgres(Box<Postgres>),
    /// A file of its own.
    Sqlite(SqliteFile),
}

impl Database {
    /// Starts one, with empty tables.
    pub(super) async fn create(engine: Engine, side: Side) -> Result<Self> {
        let script = schema::script(engine, side);
        match engine {
            Engine::Sqlite => {
                let file = SqliteFile::create()?;
                file.execute(&script).await?;
                Ok(Self::Sqlite(file))
            }
            Engine::Postgres => {
                let settings = postgres::Settings::default().tcp();
                let server = Postgres::with(settings.max_connections(CONNECTIONS)).await?;
                server.create_database(SERVICE).await?;
                let database = Self::Postgres(Box::new(server));
                let owner = format!(
                    "CREATE ROLE {USER} LOGIN; ALTER DATABASE {SERVICE} OWNER TO {USER}; \
                     GRANT CREATE ON SCHEMA public TO {USER}; SET ROLE {USER}; {script}"
                );
                database.execute(&owner).await?;
                Ok(database)
            }
        }
    }

    /// Its engine.
    #[must_use]
    pub const fn engine(&self) -> Engine {
        match self {
            Self::Postgres(_) => Engine::Postgres,
            Self::Sqlite(_) => Engine::Sqlite,
        }
    }

    /// The port where it serves, if it does.
    #[must_use]
    pub fn port(&self) -> Option<u16> {
        match self {
            Self::Postgres(server) => server.port(),
            Self::Sqlite(_) => None,
        }
    }

    /// The URL for a sidecar that reaches it at this port.
    #[must_use]
    pub fn url_at(&self, port: u16) -> String {
        match self {
            Self::Postgres(_) => format!("postgres://{USER}@127.0.0.1:{port}/{SERVICE}"),
            Self::Sqlite(file) => file.url(),
        }
    }

    /// A table of ours in it.
    #[must_use]
    pub fn our_table(&self, name: &str) -> String {
        match self {
            Self::Postgres(_) => format!("dualwrite.{name}"),
            Self::Sqlite(_) => format!("dualwrite_{name}"),
        }
    }

    /// The column of a table of markers that holds this key.
    #[must_use]
    pub fn marker_key(&self, key: &str) -> String {
        match self {
            Self::Postgres(_) => "k1".to_owned(),
            Self::Sqlite(_) => format!("key_{key}"),
        }
    }

    /// The user whom permissions can be taken from.
    #[must_use]
    pub const fn user(&self) -> &'static str {
        USER
    }

    /// The rows of a query, by plain SQL and nothing of ours in between.
    pub async fn query(&self, sql: &str) -> Result<Vec<TextRow>> {
        match self {
            Self::Postgres(server) => rows::postgres(&server.connect(SERVICE).await?, sql).await,
            Self::Sqlite(file) => rows::sqlite(&mut file.connect().await?, sql).await,
        }
    }

    /// Runs statements that return nothing, as the owner of everything.
    pub async fn execute(&self, sql: &str) -> Result<()> {
        match self {
            Self::Postgres(server) => {
                let client = server.connect(SERVICE).await?;
                client
                    .batch_execute(sql)
                    .await
                    .with_context(|| format!("run {sql}"))
            }
            Self::Sqlite(file) => {
                let mut connection = file.connect().await?;
                sqlite::execute(&mut connection, "PRAGMA busy_timeout = 30000").await?;
                sqlite::execute(&mut connection, sql).await
            }
        }
    }

    /// Whether it runs: a file always does.
    #[must_use]
    pub fn runs(&self) -> bool {
        match self {
            Self::Postgres(server) => server.pid().is_some(),
            Self::Sqlite(_) => true,
        }
    }

    /// Kills the server at once.
    pub async fn kill9(&mut self) -> Result<()> {
        match self {
            Self::Postgres(server) => server.kill9().await,
            Self::Sqlite(_) => anyhow::bail!("a file cannot be killed"),
        }
    }

    /// Starts a server that was killed.
    pub async fn restart(&mut self) -> Result<()> {
        match self {
            Self::Postgres(server) => server.restart().await,
            Self::Sqlite(_) => anyhow::bail!("a file cannot be started"),
        }
    }
}
