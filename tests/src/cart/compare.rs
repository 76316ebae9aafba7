//! The proof: both databases read by SQL of its own, and compared row by row. Nothing of dualwrite is asked.

use super::databases::{Databases, Which};
use crate::rows;
use anyhow::Result;

/// What one entity's comparison came to.
#[derive(Debug)]
pub struct Compared {
    /// The entity.
    pub entity: &'static str,
    /// Rows on the larger side.
    pub rows: usize,
    /// Keys that differ.
    pub differences: usize,
    /// Which, without values.
    pub report: String,
}

struct Query {
    entity: &'static str,
    key_columns: usize,
    legacy: String,
    new: String,
}

/// Compares every entity.
pub async fn compare(databases: &Databases) -> Result<Vec<Compared>> {
    let mut compared = Vec::new();
    for query in queries(databases) {
        let legacy = databases.query(Which::Legacy, &query.legacy).await?;
        let new = databases.query(Which::New, &query.new).await?;
        let comparison = rows::compare(legacy, new, query.key_columns)?;
        compared.push(Compared {
            entity: query.entity,
            rows: comparison.left.max(comparison.right),
            differences: comparison.differences.len(),
            report: comparison.to_string(),
        });
    }
    Ok(compared)
}

/// Turns a column of the new side into an expression that reads as legacy's.
type AsText = fn(&str) -> String;

/// The same facts from both sides, as the same text: money in cents, times in
/// seconds since the epoch, truth as 0 and 1.
fn queries(databases: &Databases) -> Vec<Query> {
    let (cents, seconds, bit): (AsText, AsText, AsText) = match databases {
        Databases::Sqlite { .. } => (
            |column| format!("CAST(round({column} * 100) AS INTEGER)"),
            |column| format!("CAST(strftime('%s', {column}) AS INTEGER)"),
            str::to_owned,
        ),
        Databases::Postgres { .. } => (
            |column| format!("({column} * 100)::bigint"),
            |column| format!("extract(epoch FROM {column})::bigint"),
            |column| format!("{column}::int"),
        ),
    };
    vec![
        Query {
            entity: "cart",
            key_columns: 1,
            legacy:
                "SELECT cart_id, user_ref, status, total_cents, is_gift, created_ts FROM shop_carts"
                    .into(),
            new: format!(
                "SELECT id, user_id, state, {}, {}, {} FROM carts",
                cents("total"),
                bit("gift"),
                seconds("created_at")
            ),
        },
        Query {
            entity: "cart_item",
            key_columns: 2,
            legacy: "SELECT cart_id, product_id, qty, unit_price_cents FROM shop_cart_items".into(),
            new: format!(
                "SELECT cart_id, product_id, quantity, {} FROM cart_items",
                cents("unit_price")
            ),
        },
        Query {
            entity: "wishlist_item",
            key_columns: 2,
            legacy: "SELECT user_ref, product_id, remark FROM shop_wishlists".into(),
            new: "SELECT user_id, product_id, note FROM wishlist_items".into(),
        },
        Query {
            entity: "user",
            key_columns: 1,
            legacy: "SELECT user_ref, email, full_name, visits FROM shop_user_cache".into(),
            new: "SELECT id, email, name, visits FROM users".into(),
        },
    ]
}
