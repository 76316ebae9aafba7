//! Carts: inserts, increments, conditional updates, deletes and writes of
//! several rows.

use dualwrite_client::{Decimal, fields};
use dualwrite_tests::cart::{CARTS, ITEMS_PER_CART, USERS};
use rand::Rng;

use super::Writer;

/// Users whose visits are counted: few, so that writers meet.
const HOT_USERS: u64 = 50;

impl Writer {
    pub(super) async fn shop(&mut self) {
        match self.random.random_range(0..10) {
            0 | 1 => self.new_cart().await,
            2..=4 => self.visit().await,
            5 => self.order().await,
            6 => self.more_of_an_item().await,
            7 => self.drop_an_item().await,
            8 => self.wish().await,
            _ => self.unwish().await,
        }
    }

    /// A cart with its items: several rows of two entities in one transaction.
    async fn new_cart(&mut self) {
        let id = self.new_key();
        let price = Decimal::from_scaled(i128::from(self.random.random_range(100..9_999)), 2);
        let cart = fields! { id: id, user_id: self.user_name(), state: "open", total: price.clone(), gift: id % 2 == 0 };
        let item = |product: i64| {
            fields! { cart_id: id, product_id: product, quantity: 1, unit_price: price.clone() }
        };
        let write = self
            .client
            .write()
            .insert("cart", cart)
            .insert("cart_item", item(1))
            .insert("cart_item", item(2));
        if self.send(write).await.is_some() {
            self.own.push(id);
        }
    }

    /// An increment, which must be counted exactly.
    async fn visit(&mut self) {
        let user = format!("user-{}", self.old_key(HOT_USERS));
        let key = fields! { id: user.clone() };
        let write = self
            .client
            .write()
            .increment("user", key, fields! { visits: 1 });
        if self.matched(write).await {
            self.ledger.counted("visits", user, 1);
        }
    }

    /// A conditional update of a row that legacy already had.
    async fn order(&mut self) {
        let id = self.old_key(CARTS);
        let write = self
            .client
            .write()
            .update("cart", fields! { id: id }, fields! { state: "ordered" })
            .only_if(fields! { state: "open" });
        self.send(write).await;
    }

    async fn more_of_an_item(&mut self) {
        let (cart, product) = self.old_item();
        let key = fields! { cart_id: cart, product_id: product };
        let write = self
            .client
            .write()
            .increment("cart_item", key, fields! { quantity: 1 });
        self.send(write).await;
    }

    async fn drop_an_item(&mut self) {
        let (cart, product) = match self.own.pop() {
            Some(cart) => (u64::try_from(cart).unwrap_or_default(), 1),
            None => self.old_item(),
        };
        let key = fields! { cart_id: cart, product_id: product };
        self.send(self.client.write().delete("cart_item", key))
            .await;
    }

    async fn wish(&mut self) {
        let product = self.random.random_range(1..=500);
        let values =
            fields! { user_id: self.user_name(), product_id: product, note: "from the demo" };
        self.send(self.client.write().upsert("wishlist_item", values))
            .await;
    }

    async fn unwish(&mut self) {
        let product = self.random.random_range(1..=500);
        let key = fields! { user_id: self.user_name(), product_id: product };
        self.send(self.client.write().delete("wishlist_item", key))
            .await;
    }

    fn user_name(&mut self) -> String {
        format!("user-{}", self.old_key(USERS))
    }

    fn old_item(&mut self) -> (u64, u64) {
        let cart = self.old_key(CARTS);
        (cart, 100 + self.random.random_range(0..ITEMS_PER_CART))
    }
}
