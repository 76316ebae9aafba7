//! The cart service alone (`examples/cart`), with its two databases: what most scenarios need.

mod databases;

pub use crate::service::{Compared, Which};
pub use databases::{CARTS, Databases, ITEMS_PER_CART, USERS, WISHES};

use anyhow::Result;

use crate::service::CART;

/// Its manifest.
pub const MANIFEST: &str = include_str!("../../examples/cart/cart.yaml");

/// Its entities.
pub const ENTITIES: [&str; 4] = ["cart", "cart_item", "wishlist_item", "user"];

/// Compares every entity of both databases, row by row, by plain SQL.
pub async fn compare(databases: &Databases) -> Result<Vec<Compared>> {
    let ask = async |which, sql: String| databases.query(which, &sql).await;
    CART.compare(databases.dialect(), ask).await
}
