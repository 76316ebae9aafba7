//! dualwrite's engine inside this process.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use dualwrite_core::fence::EpochSettings;
use dualwrite_core::flags::{Flags, Mode};
use dualwrite_core::value::Value;
use dualwrite_engine::ports::Entropy;
use dualwrite_engine::request::{
    Outcome, RequestChange, RequestMutation, Wait, WriteReply, WriteRequest,
};
use dualwrite_engine::store::Store;
use dualwrite_engine::{Engine, EngineConfig, Readiness, Stores};
use dualwrite_postgres::{PostgresConfig, PostgresStore};
use dualwrite_tests::eventually::{BOUND, until};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::Answer;
use crate::bed::{Bed, ENTITY, SERVICE};
use crate::row::Row;

/// How long one write may take: what the SDK gives it.
const DEADLINE: Duration = Duration::from_secs(10);

/// An engine with its tasks.
#[derive(Debug)]
pub(super) struct Running {
    engine: Engine,
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Running {
    pub(super) fn engine(&self) -> Engine {
        self.engine.clone()
    }

    pub(super) async fn stop(self) -> Result<()> {
        let Self { engine, stop, task } = self;
        drop(engine);
        // The engine may have ended by itself: then its task says why.
        stop.send(()).unwrap_or_default();
        task.await.context("the engine")
    }
}

/// Starts an engine and waits until it takes writes.
pub(super) async fn start(bed: &Bed, mode: Mode, clients: u16) -> Result<Running> {
    let engine = new(bed, clients)?;
    engine.adopt(1, flags(mode), false);
    let (stop, stopped) = oneshot::channel();
    let task = tokio::spawn(engine.clone().run(async {
        // A sender that is gone stops it as well.
        stopped.await.unwrap_or_default();
    }));
    until("the engine takes writes", BOUND, async || {
        match engine.readiness() {
            Readiness::Ready => Ok(()),
            Readiness::NotReady { why } => Err(why),
        }
    })
    .await?;
    Ok(Running { engine, stop, task })
}

pub(super) async fn install(bed: &Bed, settings: &EpochSettings) -> Result<()> {
    let installed = new(bed, 1)?.install(settings).await;
    installed.context("install dualwrite")
}

fn new(bed: &Bed, clients: u16) -> Result<Engine> {
    let store = |url: &str| -> Result<Arc<dyn Store>> {
        let config = PostgresConfig {
            max_connections: clients.into(),
            ..PostgresConfig::new(url, SERVICE)
        };
        Ok(Arc::new(PostgresStore::connect(&config)?))
    };
    let stores = Stores {
        legacy: Some(store(bed.legacy_url())?),
        new: Some(store(bed.new_url())?),
    };
    let config = EngineConfig {
        service: SERVICE.to_owned(),
    };
    Ok(Engine::new(config, stores, Arc::new(System)))
}

fn flags(mode: Mode) -> Flags {
    Flags {
        async_new: mode == Mode::Async,
        fail_on_new_error: mode == Mode::Strict,
        ..Flags::default()
    }
}

pub(super) async fn write(engine: &Engine, row: Row, receipts: bool) -> Result<Answer> {
    let request = WriteRequest {
        mutations: vec![upsert(row)],
        idempotency_key: receipts.then(request_id),
        attempt: 1,
        wait: Wait::Committed,
    };
    let reply = engine.write(request, Instant::now() + DEADLINE).await?;
    Ok(answer(&reply))
}

fn upsert(row: Row) -> RequestMutation {
    let micros = row.micros();
    let Row { id, a, b, .. } = row;
    let values = [
        ("id", Value::Int(id)),
        ("a", Value::Text(a)),
        ("b", Value::Int(b)),
        ("c", Value::Timestamp(micros)),
    ];
    RequestMutation {
        entity: ENTITY.to_owned(),
        change: RequestChange::Upsert {
            values: values.map(|(name, value)| (name.to_owned(), value)).into(),
        },
        must_match: false,
    }
}

fn answer(reply: &WriteReply) -> Answer {
    match reply.new {
        Outcome::Committed | Outcome::Skipped => Answer::Everywhere,
        Outcome::Pending => Answer::Pending,
    }
}

/// A key as long as those that the SDK makes.
fn request_id() -> String {
    format!("{:032x}", rand::random::<u128>())
}

/// A generator per thread, seeded by the operating system, as in the sidecar.
#[derive(Debug)]
struct System;

impl Entropy for System {
    fn next_u64(&self) -> u64 {
        rand::random()
    }
}
