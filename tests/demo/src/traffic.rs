//! Live traffic through the SDK: inserts, increments, conditional updates,
//! deletes and writes of several rows, over both sidecars.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::Duration;

use anyhow::Result;
use dualwrite_client::{Decimal, DualwriteClient, Error, Write, WriteReply, fields};
use dualwrite_tests::cart::{CARTS, ITEMS_PER_CART, USERS};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use tokio::task::JoinHandle;
use tokio::time::Instant;

use crate::ledger::Ledger;

/// A pause between two writes of one writer: an application does other things
/// as well.
const THINKING: Duration = Duration::from_millis(2);

/// Running writers.
#[derive(Debug)]
pub(crate) struct Traffic {
    stop: Arc<AtomicBool>,
    writers: Vec<JoinHandle<()>>,
}

impl Traffic {
    /// Starts writers, half of them on each sidecar; each knows the other
    /// sidecar for its retries.
    pub(crate) fn start(writers: u32, sidecars: &[String], ledger: &Arc<Ledger>) -> Result<Self> {
        let stop = Arc::new(AtomicBool::new(false));
        let next_cart = Arc::new(AtomicI64::new(1_000_000));
        let mut handles = Vec::new();
        for number in 0..writers {
            let mut endpoints = sidecars.to_vec();
            let turn = usize::try_from(number)? % endpoints.len().max(1);
            endpoints.rotate_left(turn);
            let builder = endpoints
                .into_iter()
                .fold(DualwriteClient::builder(), |builder, url| {
                    builder.endpoint(url)
                });
            let writer = Writer {
                client: builder.connect()?,
                ledger: Arc::clone(ledger),
                next_cart: Arc::clone(&next_cart),
                random: StdRng::seed_from_u64(u64::from(number)),
                own: Vec::new(),
            };
            handles.push(tokio::spawn(writer.run(Arc::clone(&stop))));
        }
        Ok(Self {
            stop,
            writers: handles,
        })
    }

    /// Lets every writer finish what it sent, and no more.
    pub(crate) async fn stop(self) -> Result<()> {
        self.stop.store(true, Ordering::SeqCst);
        for writer in self.writers {
            writer.await?;
        }
        Ok(())
    }
}

struct Writer {
    client: DualwriteClient,
    ledger: Arc<Ledger>,
    next_cart: Arc<AtomicI64>,
    random: StdRng,
    /// Carts that this writer made.
    own: Vec<i64>,
}

impl Writer {
    async fn run(mut self, stop: Arc<AtomicBool>) {
        while !stop.load(Ordering::SeqCst) {
            match self.random.random_range(0..10) {
                0 | 1 => self.new_cart().await,
                2..=4 => self.visit().await,
                5 => self.order().await,
                6 => self.more_of_an_item().await,
                7 => self.drop_an_item().await,
                8 => self.wish().await,
                _ => self.unwish().await,
            }
            tokio::time::sleep(THINKING).await;
        }
    }

    /// A cart with its items: several rows of two entities in one transaction.
    async fn new_cart(&mut self) {
        let id = self.next_cart.fetch_add(1, Ordering::Relaxed);
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
        let user = self.random.random_range(1..=USERS.min(50));
        let key = fields! { id: format!("user-{user}") };
        let write = self
            .client
            .write()
            .increment("user", key, fields! { visits: 1 });
        if self.send(write).await.is_some() {
            self.ledger.visited(user);
        }
    }

    /// A conditional update of a row that legacy already had.
    async fn order(&mut self) {
        let id = self.random.random_range(1..=CARTS);
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

    async fn send(&self, write: Write) -> Option<WriteReply> {
        let began = Instant::now();
        let sent: Result<WriteReply, Error> = write.send().await;
        match sent {
            Ok(reply) => {
                self.ledger.acknowledged(began.elapsed());
                Some(reply)
            }
            Err(error) => {
                self.ledger.failed(error.to_string());
                None
            }
        }
    }

    fn user_name(&mut self) -> String {
        format!("user-{}", self.random.random_range(1..=USERS))
    }

    fn old_item(&mut self) -> (u64, u64) {
        let cart = self.random.random_range(1..=CARTS);
        (cart, 100 + self.random.random_range(0..ITEMS_PER_CART))
    }
}
