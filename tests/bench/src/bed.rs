//! The two servers, their tables, and questions to them that are asked around dualwrite.

use std::time::Duration;

use anyhow::{Context, Result};
use dualwrite_core::fence::EpochSettings;
use dualwrite_core::phase::Phase;
use dualwrite_core::spec::{Capture, Column, Entity, TableName};
use dualwrite_tests::Postgres;
use dualwrite_tests::eventually::until;
use dualwrite_tests::postgres::{Settings, connect};
use dualwrite_tests::rows::{self, Comparison};
use tokio_postgres::Client;

use crate::args::WriteArgs;
use crate::writer;

/// The service, as dualwrite knows it.
pub(crate) const SERVICE: &str = "bench";

/// The entity, as dualwrite knows it.
pub(crate) const ENTITY: &str = "item";

/// The table that dualwrite follows.
const OURS: &str = "items";

/// The table that is written without dualwrite.
pub(crate) const THEIRS: &str = "plain_items";

/// Rows of each table: more than what clients of one moment would meet by chance, few enough to
/// stay in memory.
pub(crate) const ROWS: i64 = 100_000;

/// How long the relay may take to copy what is left when the clients have ended.
const DRAIN_BOUND: Duration = Duration::from_mins(1);

/// Connections beside those of the clients, of dualwrite and of the pools.
const SPARE_CONNECTIONS: u16 = 40;

/// Two servers with the same tables and the same rows.
#[derive(Debug)]
pub(crate) struct Bed {
    legacy: Side,
    new: Side,
}

/// One server.
#[derive(Debug)]
struct Side {
    server: Postgres,
    url: String,
    client: Client,
}

impl Bed {
    /// Starts the servers, fills the tables and installs dualwrite in
    /// phase `dual_write`.
    pub(crate) async fn new(args: &WriteArgs) -> Result<Self> {
        let (legacy, new) = tokio::try_join!(Side::start(args), Side::start(args))?;
        let bed = Self { legacy, new };
        tokio::try_join!(bed.legacy.fill(), bed.new.fill())?;
        writer::install(&bed, &settings()).await?;
        Ok(bed)
    }

    /// URL of the primary.
    pub(crate) fn legacy_url(&self) -> &str {
        &self.legacy.url
    }

    /// URL of the secondary.
    pub(crate) fn new_url(&self) -> &str {
        &self.new.url
    }

    /// Process numbers of the two servers.
    pub(crate) fn pids(&self) -> Result<(u32, u32)> {
        Ok((self.legacy.pid()?, self.new.pid()?))
    }

    /// The version of the servers.
    pub(crate) async fn version(&self) -> Result<String> {
        let row = self.legacy.client.query_one("SHOW server_version", &[]);
        Ok(row.await?.try_get(0)?)
    }

    /// Brings both servers to the same state before a round: no dead rows, no page that is still
    /// to be written, no receipts.
    pub(crate) async fn tidy(&self) -> Result<()> {
        tokio::try_join!(self.legacy.tidy(), self.new.tidy())?;
        Ok(())
    }

    /// Makes the tables that are written without dualwrite equal again.
    pub(crate) async fn reset_theirs(&self) -> Result<()> {
        let reset = format!("TRUNCATE {THEIRS}; {}", filling(THEIRS));
        tokio::try_join!(
            self.legacy.client.batch_execute(&reset),
            self.new.client.batch_execute(&reset)
        )?;
        Ok(())
    }

    /// Rows that may differ on the secondary, as the outbox says.
    pub(crate) async fn markers(&self) -> Result<u64> {
        let count = format!("SELECT count(*) FROM dualwrite.outbox_{SERVICE}_{ENTITY}");
        let row = self.legacy.client.query_one(&count, &[]).await?;
        Ok(row.try_get::<_, i64>(0)?.unsigned_abs())
    }

    /// Waits until the outbox is empty.
    pub(crate) async fn drained(&self) -> Result<()> {
        until("the outbox is empty", DRAIN_BOUND, async || {
            match self.markers().await {
                Ok(0) => Ok(Ok(())),
                Ok(left) => Err(format!("{left} markers are left")),
                Err(error) => Ok(Err(error)),
            }
        })
        .await?
    }

    /// Compares the tables that dualwrite follows.
    pub(crate) async fn compare_ours(&self) -> Result<Comparison> {
        self.compare(OURS).await
    }

    /// Compares the tables that are written without dualwrite.
    pub(crate) async fn compare_theirs(&self) -> Result<Comparison> {
        self.compare(THEIRS).await
    }

    async fn compare(&self, table: &str) -> Result<Comparison> {
        let query = format!("SELECT id, a, b, c FROM {table}");
        let (legacy, new) = tokio::try_join!(
            rows::postgres(&self.legacy.client, &query),
            rows::postgres(&self.new.client, &query)
        )?;
        rows::compare(legacy, new, 1)
    }
}

impl Side {
    async fn start(args: &WriteArgs) -> Result<Self> {
        // A checkpoint in the middle of a measurement would be charged to whoever is measured
        // then, so there is one before each round, and space for a round without another.
        let settings = Settings::default()
            .durable()
            .tcp()
            .max_connections(args.most_clients().saturating_mul(2) + SPARE_CONNECTIONS)
            .set("shared_buffers", "256MB")
            .set("checkpoint_timeout", "1h")
            .set("max_wal_size", "8GB")
            .set("min_wal_size", "1GB");
        let settings = args
            .settings
            .iter()
            .fold(settings, |settings, (name, value)| {
                settings.set(name, value)
            });
        let server = Postgres::with(settings).await?;
        let url = server.create_database(SERVICE).await?;
        let client = connect(&url).await?;
        Ok(Self {
            server,
            url,
            client,
        })
    }

    async fn fill(&self) -> Result<()> {
        for table in [OURS, THEIRS] {
            let create = format!(
                "CREATE TABLE {table} \
                 (id bigint PRIMARY KEY, a text NOT NULL, b bigint NOT NULL, c timestamptz NOT NULL)"
            );
            self.client.batch_execute(&create).await?;
            self.client.batch_execute(&filling(table)).await?;
        }
        Ok(())
    }

    async fn tidy(&self) -> Result<()> {
        self.client
            .batch_execute("TRUNCATE dualwrite.receipt")
            .await?;
        // Each is a statement of its own: none of them runs inside a transaction.
        self.client.batch_execute("VACUUM ANALYZE").await?;
        self.client.batch_execute("CHECKPOINT").await?;
        Ok(())
    }

    fn pid(&self) -> Result<u32> {
        self.server.pid().context("a server has ended")
    }
}

/// The first rows of a table: the same ones on every server.
fn filling(table: &str) -> String {
    format!(
        "INSERT INTO {table} SELECT id, 'a row that was there before', 0, '2024-01-01 00:00:00+00' \
         FROM generate_series(1, {ROWS}) AS id"
    )
}

fn settings() -> EpochSettings {
    let entity = Entity {
        name: ENTITY.to_owned(),
        root: true,
        key: vec!["id".to_owned()],
        capture: Capture::None,
        legacy_table: TableName::bare(OURS),
        new_table: TableName::bare(OURS),
        columns: ["id", "a", "b", "c"].map(Column::same).into(),
    };
    EpochSettings::initial(SERVICE, Phase::DualWrite, true, vec![entity])
}
