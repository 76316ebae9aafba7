//! Products: the range grows, prices change, categories move, and pieces are
//! sold while there are any.

use dualwrite_client::{Decimal, fields};
use dualwrite_tests::service::{CATEGORIES, PRODUCTS, WAREHOUSES};
use rand::Rng;

use super::Writer;

/// Products that sell so well that they run out.
const HOT_PRODUCTS: u64 = 6;

/// Categories that have others in them keep their place.
const FIRST_LEAF: u64 = 13;

impl Writer {
    pub(super) async fn keep_the_range(&mut self) {
        match self.random.random_range(0..10) {
            0 => self.new_product().await,
            1 => self.new_category().await,
            2 => self.move_category().await,
            3 | 4 => self.change_price().await,
            _ => self.sell().await,
        }
    }

    /// A product with its stock, in one transaction.
    async fn new_product(&mut self) {
        let id = self.new_key();
        let category = self.old_key(CATEGORIES);
        let product = fields! {
            id: id, category_id: category, name: format!("Novelty {id}"), price: "19.99", weight_kg: "0.25",
        };
        let stock = fields! { warehouse: "novelties", product_id: id, on_hand: 40 };
        let write = self
            .client
            .write()
            .insert("product", product)
            .insert("stock", stock);
        self.send(write).await;
    }

    /// A category in a category that was made before: in whatever order rows
    /// are copied, a parent has to be there first.
    async fn new_category(&mut self) {
        let id = self.new_key();
        let parent = self.own.last().copied();
        let category = fields! { id: id, parent_id: parent, name: format!("Category {id}") };
        let write = self.client.write().insert("category", category);
        if self.send(write).await.is_some() {
            self.own.push(id);
        }
    }

    async fn move_category(&mut self) {
        let id = self.random.random_range(FIRST_LEAF..=CATEGORIES);
        let parent = self.random.random_range(1..FIRST_LEAF);
        let write = self.client.write().update(
            "category",
            fields! { id: id },
            fields! { parent_id: parent, hidden: id % 2 == 0 },
        );
        self.send(write).await;
    }

    async fn change_price(&mut self) {
        let id = self.old_key(PRODUCTS);
        let price = Decimal::from_scaled(i128::from(self.random.random_range(100..99_999)), 2);
        let changes = fields! { price: price, description: None::<String> };
        let write = self
            .client
            .write()
            .update("product", fields! { id: id }, changes);
        self.send(write).await;
    }

    /// Takes pieces from stock, unless there are not as many.
    async fn sell(&mut self) {
        let product = if self.random.random_bool(0.5) {
            self.old_key(HOT_PRODUCTS)
        } else {
            self.old_key(PRODUCTS)
        };
        let warehouse = WAREHOUSES[usize::from(self.random.random_bool(0.5))];
        let pieces = self.random.random_range(1..=3_i64);
        let key = fields! { warehouse: warehouse, product_id: product };
        let write = self
            .client
            .write()
            .increment("stock", key, fields! { on_hand: -pieces })
            .at_least(fields! { on_hand: pieces });
        if self.matched(write).await {
            let key = format!("{warehouse}/{product}");
            self.ledger.counted("pieces sold", key, pieces);
        }
    }
}
