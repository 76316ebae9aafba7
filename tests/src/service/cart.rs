//! `examples/cart`.

use super::{Dialect, Query, Service, Tally, example};
use crate::cart::{CARTS, ITEMS_PER_CART, USERS, WISHES};

/// The cart service.
pub static CART: Service = {
    let (manifest, schemas) = example!("cart");
    Service {
        name: "cart",
        manifest,
        entities: &["cart", "cart_item", "wishlist_item", "user"],
        schemas,
        rows,
        comparisons,
        tallies,
    }
};

fn rows(dialect: Dialect) -> String {
    let numbers = |count| dialect.numbers(count);
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

fn comparisons(dialect: Dialect) -> Vec<Query> {
    vec![
        Query {
            entity: "cart",
            key_columns: 1,
            legacy:
                "SELECT cart_id, user_ref, status, total_cents, is_gift, created_ts FROM shop_carts"
                    .into(),
            new: format!(
                "SELECT id, user_id, state, {}, {}, {} FROM carts",
                dialect.cents("total"),
                dialect.bit("gift"),
                dialect.seconds("created_at")
            ),
        },
        Query {
            entity: "cart_item",
            key_columns: 2,
            legacy: "SELECT cart_id, product_id, qty, unit_price_cents FROM shop_cart_items".into(),
            new: format!(
                "SELECT cart_id, product_id, quantity, {} FROM cart_items",
                dialect.cents("unit_price")
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

fn tallies(_: Dialect) -> Vec<Tally> {
    vec![Tally {
        what: "visits",
        legacy: "SELECT user_ref, visits FROM shop_user_cache WHERE visits > 0".into(),
        new: "SELECT id, visits FROM users WHERE visits > 0".into(),
        stock: None,
    }]
}
