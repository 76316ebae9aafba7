//! One database on either engine.

use std::sync::Arc;

use anyhow::Result;

use super::Dialect;
use crate::rows::{self, TextRow};
use crate::{Postgres, SqliteFile};

/// A database that goes away with the last value that stands for it.
#[derive(Debug, Clone)]
pub enum Database {
    /// A file.
    Sqlite(Arc<SqliteFile>),
    /// One of a server's.
    Postgres {
        /// The server.
        server: Arc<Postgres>,
        /// The database's name there.
        name: &'static str,
    },
}

impl Database {
    /// Whose SQL it speaks.
    pub const fn dialect(&self) -> Dialect {
        match self {
            Self::Sqlite(_) => Dialect::Sqlite,
            Self::Postgres { .. } => Dialect::Postgres,
        }
    }

    /// Its URL.
    pub fn url(&self) -> String {
        match self {
            Self::Sqlite(file) => file.url(),
            Self::Postgres { server, name } => server.url(name),
        }
    }

    /// Runs statements that return nothing.
    pub async fn execute(&self, sql: &str) -> Result<()> {
        match self {
            Self::Sqlite(file) => file.execute(sql).await,
            Self::Postgres { server, name } => {
                Ok(server.connect(name).await?.batch_execute(sql).await?)
            }
        }
    }

    /// The whole schema by the engine's own means, nothing of ours involved.
    pub async fn schema(&self) -> Result<String> {
        match self {
            Self::Sqlite(_) => {
                let query = "SELECT type, name, sql FROM sqlite_schema ORDER BY type, name";
                Ok(format!("{:?}", self.query(query).await?))
            }
            Self::Postgres { .. } => crate::postgres::schema(&self.url()).await,
        }
    }

    /// The rows of a query, by plain SQL and nothing of ours in between.
    pub async fn query(&self, sql: &str) -> Result<Vec<TextRow>> {
        match self {
            Self::Sqlite(file) => rows::sqlite(&mut file.connect().await?, sql).await,
            Self::Postgres { server, name } => {
                rows::postgres(&server.connect(name).await?, sql).await
            }
        }
    }
}
