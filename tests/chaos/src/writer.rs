//! What applications do: writers that choose, send, and write down what came of it.

mod bare;
mod board;
mod choose;
mod send;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use dualwrite_client::DualwriteClient;
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use tokio::task::JoinHandle;

use crate::history::{Begun, Entity, History, Key, Outcome, Step, Steps, Value};
use bare::Bare;
use board::Board;
pub use choose::Mix;
use send::{Doubt, Sent};

/// One attempt's time: shorter than what a silent connection lasts.
const ATTEMPT: Duration = Duration::from_secs(2);

/// One call's time, attempts and waiting for a flip included.
const CALL: Duration = Duration::from_secs(8);

/// How long a doubtful operation can still be asked about: within the receipts' lifetime.
const ASKED_WITHIN: Duration = Duration::from_mins(12);

/// Seeds of writers lie this far apart, so that no two share one.
const STRIDE: u64 = 1_000_003;

/// How a run writes.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Decides what is written, as far as answers do not.
    pub seed: u64,
    /// How many write at the same time.
    pub writers: u64,
    /// What they do.
    pub mix: Mix,
    /// How long each rests between two operations.
    pub rest: Duration,
}

/// Running writers.
#[derive(Debug)]
pub struct Writers {
    stop: Arc<AtomicBool>,
    ended: Arc<AtomicU64>,
    tasks: Vec<JoinHandle<Result<()>>>,
}

impl Writers {
    /// Writes the first rows, then starts the writers; number *n* sends to sidecar *n* modulo their
    /// number first, and retries through the others.
    pub async fn start(plan: &Plan, sidecars: &[String], history: &History) -> Result<Self> {
        let board = Arc::new(Board::default());
        let (stop, ended) = (Arc::default(), Arc::new(AtomicU64::new(0)));
        let mut tasks = Vec::new();
        let mut writers = Vec::new();
        for number in 0..plan.writers {
            writers.push(Writer {
                number,
                history: history.clone(),
                clients: clients(sidecars)?,
                bare: Bare::to(sidecars)?,
                board: Arc::clone(&board),
                rng: StdRng::seed_from_u64(plan.seed.wrapping_mul(STRIDE).wrapping_add(number)),
                plan: plan.clone(),
                doubts: Vec::new(),
                ended: Arc::clone(&ended),
            });
        }
        let first = writers.first_mut().context("there is no writer")?;
        first.first_rows().await?;
        for writer in writers {
            tasks.push(tokio::spawn(writer.run(Arc::clone(&stop))));
        }
        Ok(Self { stop, ended, tasks })
    }

    /// Operations that have ended so far.
    #[must_use]
    pub fn ended(&self) -> u64 {
        self.ended.load(Ordering::SeqCst)
    }

    /// Lets every writer finish what it sent, and ask for what became of the rest.
    pub async fn stop(self) -> Result<()> {
        self.stop.store(true, Ordering::SeqCst);
        for task in self.tasks {
            task.await??;
        }
        Ok(())
    }
}

/// A client for each sidecar, that goes to the others when this one does not answer.
fn clients(sidecars: &[String]) -> Result<Vec<DualwriteClient>> {
    let turned = (0..sidecars.len()).map(|turn| {
        let mut endpoints = sidecars.to_vec();
        endpoints.rotate_left(turn);
        let builder = endpoints
            .into_iter()
            .fold(DualwriteClient::builder(), |builder, url| {
                builder.endpoint(url)
            });
        Ok(builder.timeout(CALL).attempt_timeout(ATTEMPT).connect()?)
    });
    turned.collect()
}

struct Writer {
    number: u64,
    history: History,
    clients: Vec<DualwriteClient>,
    bare: Bare,
    board: Arc<Board>,
    rng: StdRng,
    plan: Plan,
    /// What is to be asked about once nothing is broken.
    doubts: Vec<(Begun, Doubt, Steps, Instant)>,
    ended: Arc<AtomicU64>,
}

impl Writer {
    async fn run(mut self, stop: Arc<AtomicBool>) -> Result<()> {
        while !stop.load(Ordering::SeqCst) {
            let steps = choose::steps(&mut self.rng, &self.board, &self.plan.mix, self.number);
            self.perform(steps).await?;
            if !self.plan.rest.is_zero() {
                tokio::time::sleep(self.plan.rest).await;
            }
        }
        self.settle().await
    }

    /// Counters and seats, which are there from the beginning.
    async fn first_rows(&mut self) -> Result<()> {
        for steps in choose::first_rows(&self.plan.mix) {
            self.perform(steps).await?;
        }
        Ok(())
    }

    async fn perform(&mut self, steps: Steps) -> Result<()> {
        let sidecar = self.rng.random_range(0..self.clients.len());
        let reads = steps.iter().all(|(_, step)| *step == Step::Read);
        // A counter is exact only if every addition is accounted for.
        let bare = steps.iter().all(|(key, _)| key.entity == Entity::Account)
            && self.rng.random_range(0..100) < self.plan.mix.without_key;
        let request = (!reads && !bare).then(|| format!("{:032x}", self.rng.random::<u128>()));
        let begun = self
            .history
            .begin(self.number, sidecar, request.clone(), steps.clone())?;
        let sent = if reads {
            send::read(&self.clients[sidecar], &steps).await
        } else if let Some(request) = request {
            let turn = self.rng.random();
            send::write(&self.clients, sidecar, &steps, request, turn).await
        } else {
            self.bare.write(sidecar, &steps).await
        };
        match sent {
            Sent::Ended(tries, outcome) => self.end(begun, tries, outcome, &steps),
            Sent::InDoubt(doubt) => {
                self.board.forget(&steps);
                self.doubts.push((begun, doubt, steps, Instant::now()));
                self.ended.fetch_add(1, Ordering::SeqCst);
                Ok(())
            }
        }
    }

    fn end(&self, begun: Begun, tries: u32, outcome: Outcome, steps: &Steps) -> Result<()> {
        self.board.note(steps, &outcome);
        self.history.end(begun, tries, outcome)?;
        self.ended.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }

    /// Asks what became of every doubtful operation.
    async fn settle(mut self) -> Result<()> {
        for (begun, doubt, steps, since) in std::mem::take(&mut self.doubts) {
            let (tries, outcome) = if since.elapsed() < ASKED_WITHIN {
                send::settle(&self.clients, doubt).await
            } else {
                (doubt.tries, Outcome::Unknown(doubt.why))
            };
            self.end(begun, tries, outcome, &steps)?;
        }
        Ok(())
    }
}

/// The only row of a value that it can be, for one that is read.
fn number(id: u64) -> i64 {
    i64::try_from(id).unwrap_or(i64::MAX)
}

/// A counter.
const fn counter(id: u64) -> Key {
    Key {
        entity: Entity::Counter,
        id,
    }
}

/// A text.
fn text(text: impl Into<String>) -> Value {
    Value::Text(text.into())
}
