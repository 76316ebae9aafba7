//! Writers that remember what was acknowledged, and a check of both databases
//! against that memory alone.
//!
//! Each writer has carts of its own, whose last acknowledged version must be in
//! both databases; all of them count up the visits of the same few users, and
//! every acknowledged visit must be there once.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::{Result, ensure};
use dualwrite_client::{DualwriteClient, Error, Write, fields};
use tokio::task::JoinHandle;
use tokio::time::Instant;

use crate::cart::{Databases, Which};

/// Carts of one writer.
const CARTS: u64 = 12;

/// Users that everybody visits.
const HOT_USERS: u64 = 5;

/// The first cart that is a writer's own.
const FIRST: u64 = 10_000_000;

/// Running writers.
#[derive(Debug)]
pub struct Workload {
    stop: Arc<AtomicBool>,
    memory: Arc<Mutex<Memory>>,
    writers: Vec<JoinHandle<()>>,
}

/// What was acknowledged.
#[derive(Debug, Default, Clone)]
pub struct Memory {
    /// The version of each cart; `None` after a delete.
    carts: BTreeMap<u64, Option<u64>>,
    visits: BTreeMap<u64, i64>,
    /// Acknowledged writes.
    pub acknowledged: u64,
    /// Errors of writes that were not.
    pub failures: Vec<String>,
    /// The longest that an acknowledged write took.
    pub longest: Duration,
}

impl Workload {
    /// Starts writers; writer *n* sends to sidecar *n* modulo their number
    /// first, and retries through the others.
    pub fn start(writers: u64, sidecars: &[String]) -> Result<Self> {
        let stop = Arc::new(AtomicBool::new(false));
        let memory = Arc::new(Mutex::new(Memory::default()));
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
                number,
                memory: Arc::clone(&memory),
            };
            handles.push(tokio::spawn(writer.run(Arc::clone(&stop))));
        }
        Ok(Self {
            stop,
            memory,
            writers: handles,
        })
    }

    /// What was acknowledged so far.
    pub fn memory(&self) -> Memory {
        lock(&self.memory).clone()
    }

    /// Lets every writer finish what it sent, and answers what was
    /// acknowledged.
    pub async fn stop(self) -> Result<Memory> {
        self.stop.store(true, Ordering::SeqCst);
        for writer in self.writers {
            writer.await?;
        }
        let memory = lock(&self.memory).clone();
        Ok(memory)
    }
}

impl Memory {
    /// Checks that both databases hold exactly what was acknowledged.
    pub async fn check(&self, databases: &Databases) -> Result<()> {
        for which in [Which::Legacy, Which::New] {
            self.check_carts(databases, which).await?;
            self.check_visits(databases, which).await?;
        }
        Ok(())
    }

    /// Checks that the new database holds exactly what was acknowledged.
    pub async fn check_new(&self, databases: &Databases) -> Result<()> {
        self.check_carts(databases, Which::New).await?;
        self.check_visits(databases, Which::New).await
    }

    async fn check_carts(&self, databases: &Databases, which: Which) -> Result<()> {
        let query = match which {
            Which::Legacy => {
                format!("SELECT cart_id, status FROM shop_carts WHERE cart_id >= {FIRST}")
            }
            Which::New => format!("SELECT id, state FROM carts WHERE id >= {FIRST}"),
        };
        let mut found = BTreeMap::new();
        for row in databases.query(which, &query).await? {
            let [Some(id), Some(state)] = &row[..] else {
                anyhow::bail!("a cart without a state")
            };
            let version: u64 = state.trim_start_matches('v').parse()?;
            found.insert(id.parse::<u64>()?, version);
        }
        for (cart, version) in &self.carts {
            let there = found.remove(cart);
            ensure!(
                there == *version,
                "cart {cart} is at {there:?} on {which:?}; {version:?} was acknowledged last"
            );
        }
        ensure!(
            found.is_empty(),
            "carts on {which:?} that nobody acknowledged: {found:?}"
        );
        Ok(())
    }

    async fn check_visits(&self, databases: &Databases, which: Which) -> Result<()> {
        let query = match which {
            Which::Legacy => "SELECT user_ref, visits FROM shop_user_cache WHERE visits > 0",
            Which::New => "SELECT id, visits FROM users WHERE visits > 0",
        };
        let mut found = BTreeMap::new();
        for row in databases.query(which, query).await? {
            let [Some(user), Some(visits)] = &row[..] else {
                anyhow::bail!("a user without visits")
            };
            found.insert(
                user.trim_start_matches("user-").parse::<u64>()?,
                visits.parse::<i64>()?,
            );
        }
        ensure!(
            found == self.visits,
            "visits on {which:?} are {found:?}; acknowledged were {:?}",
            self.visits
        );
        Ok(())
    }
}

struct Writer {
    client: DualwriteClient,
    number: u64,
    memory: Arc<Mutex<Memory>>,
}

impl Writer {
    async fn run(self, stop: Arc<AtomicBool>) {
        let mut turn: u64 = 0;
        while !stop.load(Ordering::SeqCst) {
            turn += 1;
            match turn % 4 {
                0 => self.visit(turn).await,
                1 if turn.is_multiple_of(5) => self.delete(turn).await,
                _ => self.upsert(turn).await,
            }
        }
    }

    fn cart(&self, turn: u64) -> u64 {
        FIRST + self.number * 1_000 + turn % CARTS
    }

    /// Two rows of two entities in one transaction.
    async fn upsert(&self, turn: u64) {
        let cart = self.cart(turn);
        let values = fields! {
            id: cart, user_id: "user-1", state: format!("v{turn}"), total: "12.50", gift: true,
        };
        let wish =
            fields! { user_id: format!("writer-{}", self.number), product_id: cart, note: "w" };
        let write = self
            .client
            .write()
            .upsert("cart", values)
            .upsert("wishlist_item", wish);
        if self.send(write).await {
            lock(&self.memory).carts.insert(cart, Some(turn));
        }
    }

    async fn delete(&self, turn: u64) {
        let cart = self.cart(turn);
        if self
            .send(self.client.write().delete("cart", fields! { id: cart }))
            .await
        {
            lock(&self.memory).carts.insert(cart, None);
        }
    }

    async fn visit(&self, turn: u64) {
        let user = turn % HOT_USERS + 1;
        let key = fields! { id: format!("user-{user}") };
        if self
            .send(
                self.client
                    .write()
                    .increment("user", key, fields! { visits: 1 }),
            )
            .await
        {
            *lock(&self.memory).visits.entry(user).or_default() += 1;
        }
    }

    async fn send(&self, write: Write) -> bool {
        let began = Instant::now();
        let sent: Result<_, Error> = write.send().await;
        let mut memory = lock(&self.memory);
        match sent {
            Ok(_) => {
                memory.acknowledged += 1;
                memory.longest = memory.longest.max(began.elapsed());
                true
            }
            Err(error) => {
                memory.failures.push(error.to_string());
                false
            }
        }
    }
}

fn lock(memory: &Mutex<Memory>) -> MutexGuard<'_, Memory> {
    memory.lock().unwrap_or_else(PoisonError::into_inner)
}
