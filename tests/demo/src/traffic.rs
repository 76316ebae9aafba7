//! Live traffic through the SDK, over both sidecars of a service.

mod auth;
mod cart;
mod product;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::Duration;

use anyhow::{Result, bail};
use dualwrite_client::{DualwriteClient, Error, Write, WriteReply};
use dualwrite_tests::service::Service;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use tokio::task::JoinHandle;
use tokio::time::Instant;

use crate::ledger::Ledger;

/// A pause between two writes of one writer: an application does other things
/// as well.
const THINKING: Duration = Duration::from_millis(5);

/// The first key that no row of the beginning has.
const FIRST_KEY: i64 = 1_000_000;

/// Running writers.
#[derive(Debug)]
pub(crate) struct Traffic {
    stop: Arc<AtomicBool>,
    writers: Vec<JoinHandle<()>>,
}

/// What a writer of one service does next.
#[derive(Debug, Clone, Copy)]
enum Trade {
    Auth,
    Cart,
    Product,
}

impl Traffic {
    /// Starts writers, half of them on each sidecar; each knows the other
    /// sidecar for its retries.
    pub(crate) fn start(
        service: &Service,
        writers: u32,
        sidecars: &[String],
        ledger: &Arc<Ledger>,
    ) -> Result<Self> {
        let trade = match service.name {
            "auth" => Trade::Auth,
            "cart" => Trade::Cart,
            "product" => Trade::Product,
            other => bail!("nobody trades with {other}"),
        };
        let stop = Arc::new(AtomicBool::new(false));
        let next_key = Arc::new(AtomicI64::new(FIRST_KEY));
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
                next_key: Arc::clone(&next_key),
                random: StdRng::seed_from_u64(u64::from(number)),
                own: Vec::new(),
            };
            handles.push(tokio::spawn(writer.run(trade, Arc::clone(&stop))));
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
    next_key: Arc<AtomicI64>,
    random: StdRng,
    /// Keys of rows that this writer made.
    own: Vec<i64>,
}

impl Writer {
    async fn run(mut self, trade: Trade, stop: Arc<AtomicBool>) {
        while !stop.load(Ordering::SeqCst) {
            match trade {
                Trade::Auth => self.use_an_account().await,
                Trade::Cart => self.shop().await,
                Trade::Product => self.keep_the_range().await,
            }
            tokio::time::sleep(THINKING).await;
        }
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

    /// Sends it; whether its first mutation found its row.
    async fn matched(&self, write: Write) -> bool {
        let reply = self.send(write).await;
        let first = reply.and_then(|reply| reply.results.into_iter().next());
        first.is_some_and(|result| result.matched)
    }

    /// A key that was not there before.
    fn new_key(&self) -> i64 {
        self.next_key.fetch_add(1, Ordering::Relaxed)
    }

    /// The key of a row that legacy had at the beginning.
    fn old_key(&mut self, count: u64) -> u64 {
        self.random.random_range(1..=count)
    }
}
