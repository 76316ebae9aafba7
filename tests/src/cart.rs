//! The example service of the repository (`examples/cart`): its databases, and
//! their comparison by SQL that knows nothing of dualwrite.

mod compare;
mod databases;

pub use compare::{Compared, compare};
pub use databases::{CARTS, Databases, ITEMS_PER_CART, USERS, WISHES, Which};

/// Its manifest.
pub const MANIFEST: &str = include_str!("../../examples/cart/cart.yaml");

/// Its entities.
pub const ENTITIES: [&str; 4] = ["cart", "cart_item", "wishlist_item", "user"];
