//! A database with the tables of the protocol, and sessions in it.

use std::sync::Arc;

use anyhow::{Context, Result};
use dualwrite_tests::postgres::Settings;
use dualwrite_tests::rows::{self, TextRow};
use dualwrite_tests::{Postgres, eventually, postgres};
use tokio::task::{AbortHandle, JoinHandle};
use tokio_postgres::Client;

/// The tables as the protocol has them, for a service `cart` at epoch 1.
const SCHEMA: &str = "
    CREATE SCHEMA dualwrite;
    CREATE TABLE dualwrite.fence (service text PRIMARY KEY, epoch bigint, role text);
    CREATE TABLE dualwrite.gate_cart (nothing bigint);
    CREATE TABLE dualwrite.outbox_cart (id bigint PRIMARY KEY, token bigint, epoch bigint);
    CREATE TABLE dualwrite.receipt (service text, request_id text, aborted boolean, outcome jsonb,
        PRIMARY KEY (service, request_id));
    CREATE TABLE items (id bigint PRIMARY KEY, amount bigint NOT NULL CHECK (amount < 1000));
    INSERT INTO dualwrite.fence VALUES ('cart', 1, 'primary');
";

/// What whoever changes the fence does first.
pub(crate) const LOCK_GATE: &str = "LOCK TABLE dualwrite.gate_cart IN SHARE ROW EXCLUSIVE MODE";

/// The part of a statement that makes a plain read of the fence a fence. `{epoch}` is replaced.
const FENCED: &str = "
    WITH f AS (SELECT 1 FROM dualwrite.fence
               WHERE service = 'cart' AND epoch = {epoch} AND role = 'primary'),
         g AS (INSERT INTO dualwrite.gate_cart SELECT 1 FROM f WHERE false)";

/// A statement that only asks whether the fence holds.
pub(crate) fn fence_held(epoch: u64) -> String {
    format!(
        "{} SELECT count(*) FROM f",
        FENCED.replace("{epoch}", &epoch.to_string())
    )
}

/// One cluster with one database.
pub(crate) struct World {
    pub(crate) postgres: Postgres,
    watcher: Session,
}

impl World {
    pub(crate) async fn new() -> Result<Self> {
        Self::with(Settings::default()).await
    }

    pub(crate) async fn with(settings: Settings) -> Result<Self> {
        let postgres = Postgres::with(settings).await?;
        let url = postgres.create_database("cart").await?;
        let watcher = Session::open(&url).await?;
        watcher.run(SCHEMA).await?;
        Ok(Self { postgres, watcher })
    }

    pub(crate) async fn session(&self) -> Result<Session> {
        Session::open(&self.postgres.url("cart")).await
    }

    /// What a bystander reads.
    pub(crate) async fn value(&self, query: &str) -> Result<String> {
        self.watcher.value(query).await
    }

    pub(crate) async fn rows(&self, query: &str) -> Result<Vec<TextRow>> {
        self.watcher.rows(query).await
    }

    pub(crate) async fn run(&self, sql: &str) -> Result<()> {
        self.watcher.run(sql).await
    }

    /// Returns once the server says that `waiter` waits for a lock of this kind that `holder` has.
    pub(crate) async fn waits(&self, waiter: &Session, holder: &Session, kind: &str) {
        let query = format!(
            "SELECT coalesce(wait_event_type, '') || ' ' || coalesce(wait_event, '') || ' ' ||
                    (pg_blocking_pids(pid) @> ARRAY[{}])
             FROM pg_stat_activity WHERE pid = {}",
            holder.pid, waiter.pid
        );
        let expected = format!("Lock {kind} true");
        eventually(
            &format!("{} waits for {} ({kind})", waiter.pid, holder.pid),
            async || {
                let state = self.value(&query).await;
                if state.as_ref().is_ok_and(|state| *state == expected) {
                    Ok(())
                } else {
                    Err(state)
                }
            },
        )
        .await;
    }
}

/// One connection.
#[derive(Clone)]
pub(crate) struct Session {
    pub(crate) client: Arc<Client>,
    pub(crate) pid: i32,
    /// Aborting it closes the socket.
    pub(crate) socket: AbortHandle,
}

impl Session {
    async fn open(url: &str) -> Result<Self> {
        let (client, socket) = postgres::connect_to_cut(url).await?;
        let pid = client
            .query_one("SELECT pg_backend_pid()", &[])
            .await?
            .get(0);
        Ok(Self {
            client: Arc::new(client),
            pid,
            socket,
        })
    }

    pub(crate) async fn run(&self, sql: &str) -> Result<()> {
        self.client
            .batch_execute(sql)
            .await
            .with_context(|| format!("run {sql}"))
    }

    pub(crate) async fn rows(&self, query: &str) -> Result<Vec<TextRow>> {
        rows::postgres(&self.client, query).await
    }

    /// The first cell of the first row.
    pub(crate) async fn value(&self, query: &str) -> Result<String> {
        let rows = self.rows(query).await?;
        let cell = rows
            .into_iter()
            .next()
            .and_then(|row| row.into_iter().next().flatten());
        cell.with_context(|| format!("no value comes out of {query}"))
    }

    /// The SQLSTATE with which the server refuses this.
    pub(crate) async fn refused(&self, sql: &str) -> String {
        match self.run(sql).await {
            Ok(()) => "accepted".to_owned(),
            Err(error) => sqlstate(&error),
        }
    }

    /// Starts a statement that is expected to wait.
    pub(crate) fn start(&self, query: &str) -> JoinHandle<Result<Vec<TextRow>>> {
        let (session, query) = (self.clone(), query.to_owned());
        tokio::spawn(async move { session.rows(&query).await })
    }
}

/// The code of a server's error.
pub(crate) fn sqlstate(error: &anyhow::Error) -> String {
    let server = error
        .chain()
        .find_map(|cause| cause.downcast_ref::<tokio_postgres::Error>());
    let code = server.and_then(tokio_postgres::Error::code);
    code.map_or_else(|| format!("{error:#}"), |code| code.code().to_owned())
}

/// Rows of integers, as text rows.
pub(crate) fn table(rows: &[&[i64]]) -> Vec<TextRow> {
    rows.iter()
        .map(|row| row.iter().map(|cell| Some(cell.to_string())).collect())
        .collect()
}
