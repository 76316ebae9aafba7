//! The cart service alone (`examples/cart`), with its two databases: what most scenarios need.

mod databases;

pub use crate::service::{Compared, Which};
pub use databases::{CARTS, Databases, ITEMS_PER_CART, USERS, WISHES};

use anyhow::Result;

use crate::service::CART;

/// Its manifest.
pub const MANIFEST: &str = include_str!("../../examples/cart/cart.yaml");

/// A manifest of a service of this name over these entities alone, which begins in this phase.
pub fn manifest_of(name: &str, phase: &str, entities: &[&str]) -> String {
    let mut parts = MANIFEST.split("    - name: ");
    let head = parts.next().unwrap_or_default();
    let chosen = parts.filter(|part| {
        entities
            .iter()
            .any(|name| part.starts_with(&format!("{name}\n")))
    });
    let chosen: Vec<&str> = chosen.collect();
    let head = head
        .replace("name: cart", &format!("name: {name}"))
        .replace("phase: legacy_only", &format!("phase: {phase}"));
    format!("{head}    - name: {}", chosen.join("    - name: "))
}

/// Its entities.
pub const ENTITIES: [&str; 4] = ["cart", "cart_item", "wishlist_item", "user"];

/// Compares every entity of both databases, row by row, by plain SQL.
pub async fn compare(databases: &Databases) -> Result<Vec<Compared>> {
    let ask = async |which, sql: String| databases.query(which, &sql).await;
    CART.compare(databases.dialect(), ask).await
}
