//! The two databases of the example: the shared legacy one, which already holds
//! some thousands of rows, and the cart service's own, which is empty.

use crate::rows::{self, TextRow};
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

/// Which of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// The shared one.
    Legacy,
    /// The service's own.
    New,
}

impl Databases {
    /// Creates both, with the service's tables and legacy's rows.
    pub async fn create(postgres: bool) -> Result<Self> {
        if postgres {
            let (legacy, new) = tokio::try_join!(Postgres::start(), Postgres::start())?;
            legacy.create_database("shop").await?;
            new.create_database("cart").await?;
            let shop = legacy.connect("shop").await?;
            shop.batch_execute(include_str!("../../../examples/cart/legacy.postgres.sql"))
                .await?;
            shop.batch_execute(&seed(Dialect::Postgres)).await?;
            let cart = new.connect("cart").await?;
            cart.batch_execute(include_str!("../../../examples/cart/new.postgres.sql"))
                .await?;
            return Ok(Self::Postgres {
                legacy: Box::new(legacy),
                new: Box::new(new),
            });
        }
        let (legacy, new) = (SqliteFile::create()?, SqliteFile::create()?);
        legacy
            .execute(include_str!("../../../examples/cart/legacy.sqlite.sql"))
            .await?;
        legacy.execute(&seed(Dialect::Sqlite)).await?;
        new.execute(include_str!("../../../examples/cart/new.sqlite.sql"))
            .await?;
        Ok(Self::Sqlite { legacy, new })
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

#[derive(Clone, Copy)]
enum Dialect {
    Sqlite,
    Postgres,
}

/// Statements that fill legacy, the same rows on both engines.
fn seed(dialect: Dialect) -> String {
    let numbers = |count: u64| match dialect {
        Dialect::Postgres => format!("generate_series(1, {count}) AS s(n)"),
        Dialect::Sqlite => format!(
            "(WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < {count}) \
             SELECT n FROM s)"
        ),
    };
    format!(
        "INSERT INTO shop_carts (cart_id, user_ref, status, total_cents, is_gift, created_ts) \
           SELECT n, 'user-' || (n % {USERS} + 1), CASE n % 3 WHEN 0 THEN 'ordered' ELSE 'open' END, \
                  n * 37 % 90000, n % 2, 1700000000 + n FROM {carts};
         INSERT INTO shop_cart_items (cart_id, product_id, qty, unit_price_cents) \
           SELECT (n - 1) / {ITEMS_PER_CART} + 1, 100 + (n - 1) % {ITEMS_PER_CART}, n % 5 + 1, n * 13 % 5000 \
           FROM {items};
         INSERT INTO shop_wishlists (user_ref, product_id, remark) \
           SELECT 'user-' || (n % {USERS} + 1), n, CASE n % 4 WHEN 0 THEN NULL ELSE 'wish ' || n END \
           FROM {wishes};
         INSERT INTO shop_user_cache (user_ref, email, full_name, visits) \
           SELECT 'user-' || n, 'user' || n || '@example.com', 'User ' || n, 0 FROM {users};",
        carts = numbers(CARTS),
        items = numbers(CARTS * ITEMS_PER_CART),
        wishes = numbers(WISHES),
        users = numbers(USERS),
    )
}
