//! The two databases of the example: the shared legacy one, which already holds
//! some thousands of rows, and the cart service's own, which is empty.

use crate::rows::{self, TextRow};
use crate::service::{CART, Dialect, Which};
use crate::{Postgres, SqliteFile, sqlite};
use anyhow::Result;

/// Carts that legacy holds before anything begins.
pub const CARTS: u64 = 2_000;
/// Items of each of them.
pub const ITEMS_PER_CART: u64 = 2;
/// Wishes that legacy holds.
pub const WISHES: u64 = 1_500;
/// Users that legacy holds.
pub const USERS: u64 = 1_000;

/// Both databases, on one engine.
#[derive(Debug)]
pub enum Databases {
    /// Two files.
    Sqlite {
        /// The shared one.
        legacy: SqliteFile,
        /// The service's own.
        new: SqliteFile,
    },
    /// Two servers.
    Postgres {
        /// The shared one.
        legacy: Box<Postgres>,
        /// The service's own.
        new: Box<Postgres>,
    },
}

impl Databases {
    /// Creates both, with the service's tables and legacy's rows.
    pub async fn create(postgres: bool) -> Result<Self> {
        if postgres {
            let (legacy, new) = tokio::try_join!(Postgres::start(), Postgres::start())?;
            legacy.create_database("shop").await?;
            new.create_database("cart").await?;
            let script = |which| CART.script(which, Dialect::Postgres);
            let shop = legacy.connect("shop").await?;
            shop.batch_execute(&script(Which::Legacy)).await?;
            let cart = new.connect("cart").await?;
            cart.batch_execute(&script(Which::New)).await?;
            return Ok(Self::Postgres {
                legacy: Box::new(legacy),
                new: Box::new(new),
            });
        }
        let (legacy, new) = (SqliteFile::create()?, SqliteFile::create()?);
        let script = |which| CART.script(which, Dialect::Sqlite);
        legacy.execute(&script(Which::Legacy)).await?;
        new.execute(&script(Which::New)).await?;
        Ok(Self::Sqlite { legacy, new })
    }

    /// Whose SQL they speak.
    pub const fn dialect(&self) -> Dialect {
        match self {
            Self::Sqlite { .. } => Dialect::Sqlite,
            Self::Postgres { .. } => Dialect::Postgres,
        }
    }

    /// What the engine is called.
    pub const fn engine(&self) -> &'static str {
        match self {
            Self::Sqlite { .. } => "SQLite",
            Self::Postgres { .. } => "PostgreSQL",
        }
    }

    /// The URL of one of them.
    pub fn url(&self, which: Which) -> String {
        match (self, which) {
            (Self::Sqlite { legacy, .. }, Which::Legacy) => legacy.url(),
            (Self::Sqlite { new, .. }, Which::New) => new.url(),
            (Self::Postgres { legacy, .. }, Which::Legacy) => legacy.url("shop"),
            (Self::Postgres { new, .. }, Which::New) => new.url("cart"),
        }
    }

    /// The rows of a query, by plain SQL and nothing of ours in between.
    pub async fn query(&self, which: Which, sql: &str) -> Result<Vec<TextRow>> {
        match (self, which) {
            (Self::Sqlite { legacy, .. }, Which::Legacy) => {
                rows::sqlite(&mut sqlite::connect(&legacy.path()).await?, sql).await
            }
            (Self::Sqlite { new, .. }, Which::New) => {
                rows::sqlite(&mut sqlite::connect(&new.path()).await?, sql).await
            }
            (Self::Postgres { legacy, .. }, Which::Legacy) => {
                rows::postgres(&legacy.connect("shop").await?, sql).await
            }
            (Self::Postgres { new, .. }, Which::New) => {
                rows::postgres(&new.connect("cart").await?, sql).await
            }
        }
    }
}
