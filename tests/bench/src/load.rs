//! Clients that write one row after the other, each as soon as the one before is answered.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use hdrhistogram::Histogram;
use rand::Rng as _;
use tokio::task::JoinSet;

use crate::row::Row;
use crate::writer::{Answer, Writer};

/// The longest latency that is told apart, in microseconds.
const LONGEST_MICROS: u64 = 60_000_000;

/// What the clients do.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Load {
    /// How many there are.
    pub(crate) clients: u16,
    /// They write rows from 1 to this one, with equal chances.
    pub(crate) keys: i64,
    /// For how long.
    pub(crate) duration: Duration,
}

/// What came of it.
#[derive(Debug)]
pub(crate) struct Done {
    /// Writes that were answered.
    pub(crate) writes: u64,
    /// Of these, writes that were everywhere by then.
    pub(crate) everywhere: u64,
    /// Writes that failed.
    pub(crate) failures: u64,
    /// What the first of them said.
    pub(crate) failure: Option<String>,
    /// Microseconds until the answer.
    pub(crate) latency: Histogram<u64>,
}

impl Load {
    /// Lets the clients write; client after client takes the next writer.
    pub(crate) async fn drive(self, writers: &[Writer]) -> Result<Done> {
        let end = Instant::now() + self.duration;
        let mut tasks = JoinSet::new();
        for (client, writer) in (0..self.clients).zip(writers.iter().cycle()) {
            tasks.spawn(one_client(client, writer.clone(), self.keys, end));
        }
        let mut all = Done::new()?;
        while let Some(done) = tasks.join_next().await {
            all.add(done.context("a client")??)?;
        }
        Ok(all)
    }
}

async fn one_client(client: u16, writer: Writer, keys: i64, end: Instant) -> Result<Done> {
    let mut done = Done::new()?;
    let mut count = 0;
    loop {
        let began = Instant::now();
        if began >= end {
            return Ok(done);
        }
        count += 1;
        let id = rand::rng().random_range(1..=keys);
        let answer = writer.write(Row::new(id, client, count)).await;
        done.note(answer, began.elapsed());
    }
}

impl Done {
    fn new() -> Result<Self> {
        Ok(Self {
            writes: 0,
            everywhere: 0,
            failures: 0,
            failure: None,
            latency: Histogram::new_with_bounds(1, LONGEST_MICROS, 3)
                .context("make a histogram")?,
        })
    }

    fn note(&mut self, answer: Result<Answer>, took: Duration) {
        match answer {
            Ok(answer) => {
                self.writes += 1;
                self.everywhere += u64::from(answer == Answer::Everywhere);
                let micros = u64::try_from(took.as_micros()).unwrap_or(LONGEST_MICROS);
                self.latency.saturating_record(micros);
            }
            Err(error) => {
                self.failures += 1;
                self.failure.get_or_insert_with(|| format!("{error:#}"));
            }
        }
    }

    fn add(&mut self, other: Self) -> Result<()> {
        self.writes += other.writes;
        self.everywhere += other.everywhere;
        self.failures += other.failures;
        self.failure = self.failure.take().or(other.failure);
        self.latency
            .add(&other.latency)
            .context("add up histograms")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_and_failures_are_counted_apart() {
        let (mut sum, mut one) = (Done::new().unwrap(), Done::new().unwrap());
        one.note(Ok(Answer::Everywhere), Duration::from_micros(10));
        one.note(Ok(Answer::Pending), Duration::from_micros(30));
        one.note(Err(anyhow::anyhow!("first")), Duration::ZERO);
        one.note(Err(anyhow::anyhow!("second")), Duration::ZERO);
        sum.add(one).unwrap();
        assert_eq!((sum.writes, sum.everywhere, sum.failures), (2, 1, 2));
        assert_eq!(sum.failure.as_deref(), Some("first"));
        assert_eq!(sum.latency.max(), 30);
    }
}
