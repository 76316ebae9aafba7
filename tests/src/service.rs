//! The example services of the repository (`examples/*`): their databases, their first rows, and
//! their comparison by SQL that knows nothing of dualwrite.
//!
//! A [`Service`] is a description; [`CART`], [`AUTH`] and [`PRODUCT`] are the three that share the
//! shop's legacy database. [`Shop`] is all three at once; [`crate::cart`] is the cart alone.

mod auth;
mod cart;
mod compare;
mod database;
mod dialect;
mod product;
mod shop;

pub use auth::{AUTH, PROFILES, USERS};
pub use cart::CART;
pub use compare::{Compared, Query, Stock, Tally};
pub use database::Database;
pub use dialect::Dialect;
pub use product::{CATEGORIES, PIECES, PRODUCT, PRODUCTS, WAREHOUSES};
pub use shop::Shop;

use anyhow::Result;

use crate::rows::TextRow;

/// Which of a service's two databases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// The shared one.
    Legacy,
    /// The service's own.
    New,
}

/// An example service.
#[derive(Debug)]
pub struct Service {
    /// Its name, and that of its new database.
    pub name: &'static str,
    /// Its manifest.
    pub manifest: &'static str,
    /// Its entities.
    pub entities: &'static [&'static str],
    schemas: Schemas,
    rows: fn(Dialect) -> String,
    comparisons: fn(Dialect) -> Vec<Query>,
    tallies: fn(Dialect) -> Vec<Tally>,
}

/// The files of `examples/*` that make the tables.
#[derive(Debug)]
struct Schemas {
    legacy_postgres: &'static str,
    legacy_sqlite: &'static str,
    new_postgres: &'static str,
    new_sqlite: &'static str,
}

/// The manifest and the four schema files of one example.
macro_rules! example {
    ($name:literal) => {
        (
            include_str!(concat!("../../../examples/", $name, "/", $name, ".yaml")),
            crate::service::Schemas {
                legacy_postgres: include_str!(concat!(
                    "../../../examples/",
                    $name,
                    "/legacy.postgres.sql"
                )),
                legacy_sqlite: include_str!(concat!(
                    "../../../examples/",
                    $name,
                    "/legacy.sqlite.sql"
                )),
                new_postgres: include_str!(concat!(
                    "../../../examples/",
                    $name,
                    "/new.postgres.sql"
                )),
                new_sqlite: include_str!(concat!("../../../examples/", $name, "/new.sqlite.sql")),
            },
        )
    };
}
use example;

impl Service {
    /// The statements that make its tables on one side, and on legacy the rows that are there
    /// before anything begins: the same ones on every engine.
    pub fn script(&self, which: Which, dialect: Dialect) -> String {
        let Schemas {
            legacy_postgres,
            legacy_sqlite,
            new_postgres,
            new_sqlite,
        } = self.schemas;
        let schema = match (which, dialect) {
            (Which::Legacy, Dialect::Postgres) => legacy_postgres,
            (Which::Legacy, Dialect::Sqlite) => legacy_sqlite,
            (Which::New, Dialect::Postgres) => new_postgres,
            (Which::New, Dialect::Sqlite) => new_sqlite,
        };
        match which {
            Which::Legacy => format!("{schema}\n{}", (self.rows)(dialect)),
            Which::New => schema.to_owned(),
        }
    }

    /// Counts the markers of an entity, on the side it is asked of.
    pub fn markers(&self, entity: &str, dialect: Dialect) -> String {
        let separator = match dialect {
            Dialect::Sqlite => '_',
            Dialect::Postgres => '.',
        };
        format!(
            "SELECT count(*) FROM dualwrite{separator}outbox_{}_{entity}",
            self.name
        )
    }

    /// What is counted in its rows, to be held against what was acknowledged.
    pub fn tallies(&self, dialect: Dialect) -> Vec<Tally> {
        (self.tallies)(dialect)
    }

    /// Compares every entity, row by row. `ask` runs a query on one side.
    pub async fn compare(
        &self,
        dialect: Dialect,
        ask: impl AsyncFn(Which, String) -> Result<Vec<TextRow>>,
    ) -> Result<Vec<Compared>> {
        let mut compared = Vec::new();
        for query in (self.comparisons)(dialect) {
            let legacy = ask(Which::Legacy, query.legacy.clone()).await?;
            let new = ask(Which::New, query.new.clone()).await?;
            compared.push(query.compare(legacy, new)?);
        }
        Ok(compared)
    }
}
