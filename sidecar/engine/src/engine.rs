//! The engine as its neighbours see it: one handle, cheap to clone. What it has
//! to tell of itself is in `told`.

mod told;

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use dualwrite_core::diagnosis::{Removal, TestReport};
use dualwrite_core::fence::EpochSettings;
use dualwrite_core::flags::Flags;
use dualwrite_core::plan::Plan;
use dualwrite_core::side::Side;
use dualwrite_core::spec::Entity;
use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::error::DataError;
use crate::install::InstallError;
use crate::operations::Operations;
use crate::ports::Entropy;
use crate::relay::{self, Ages};
use crate::request::{
    Fields, KeyCheck, ListReply, ListRequest, PlanEvent, ReadReply, ReadRequest, SettledOutcome,
    ShardEvent, ShardRange, ShardTask, WriteReply, WriteRequest,
};
use crate::shared::{Shared, Stores};
use crate::translate::Caller;
use crate::view::Settings;
use crate::{
    backfill, check, compare, compile, execute, executor, install, probes, read, remove, watcher,
};

/// How long receipts are kept: longer than any caller goes on repeating one
/// request. It is also how long after a change of primary a request with an
/// idempotency key needs the other database to answer, so it is not longer.
pub const RECEIPT_LIFETIME: Duration = Duration::from_mins(15);

/// Between removals of old receipts.
const EXPIRY_INTERVAL: Duration = Duration::from_mins(1);

/// A backlog is a count; a database that needs longer is away.
const BACKLOG_TIMEOUT: Duration = Duration::from_secs(2);

/// What an engine is told at its start.
#[derive(Debug, Clone)]
pub struct EngineConfig {
    /// The service whose migration it serves.
    pub service: String,
}

/// Whether the engine can serve.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Readiness {
    /// Writes are taken (or wait for a flip).
    Ready,
    /// They are refused; why.
    NotReady {
        /// For people.
        why: String,
    },
}

/// One service's data path. Clones are handles of the same engine.
#[derive(Debug, Clone)]
pub struct Engine {
    shared: Arc<Shared>,
    ages: Arc<Ages>,
}

impl Engine {
    /// An engine over these databases. Nothing runs before [`Engine::run`].
    #[must_use]
    pub fn new(config: EngineConfig, stores: Stores, entropy: Arc<dyn Entropy>) -> Self {
        let shared = Arc::new(Shared::new(&config.service, stores, entropy));
        Self {
            shared,
            ages: Arc::new(Ages::default()),
        }
    }

    /// Runs the fence poller, the relay, the take-over and the rest, until
    /// `shutdown` completes. Open transactions of callers are not touched.
    pub async fn run(self, shutdown: impl Future<Output = ()> + Send) {
        let shared = &self.shared;
        let lanes = (0..relay::LANES).map(|_| relay::run_lane(Arc::clone(shared)));
        let comparing = (0..compare::LANES).map(|_| compare::run(Arc::clone(shared)));
        let work = async {
            tokio::join!(
                watcher::run(Arc::clone(shared)),
                futures_util::future::join_all(lanes),
                futures_util::future::join_all(comparing),
                relay::run_sweep(Arc::clone(shared), Arc::clone(&self.ages)),
                relay::run_cleaner(Arc::clone(shared)),
                executor::run_takeover(Arc::clone(shared)),
                expire(Arc::clone(shared)),
            );
        };
        // In this order, here and everywhere in the engine: under virtual time
        // one seed must give one run.
        tokio::select! {
            biased;
            () = work => {}
            () = shutdown => {}
        }
    }

    // --- what applications ask ---------------------------------------------

    /// Executes mutations in one transaction on each side.
    pub async fn write(
        &self,
        request: WriteRequest,
        deadline: Instant,
    ) -> Result<WriteReply, DataError> {
        let operation = Operations::begin(&self.shared);
        let answer = execute::write(&self.shared, &request, Caller::Application, deadline).await;
        operation.wrote(&request, &answer);
        answer
    }

    /// Reads one row by key.
    pub async fn read(
        &self,
        request: ReadRequest,
        deadline: Instant,
    ) -> Result<ReadReply, DataError> {
        let operation = Operations::begin(&self.shared);
        let answer = read::read(&self.shared, &request, deadline).await;
        operation.read(&request, &answer);
        answer
    }

    /// Reads rows in key order.
    pub async fn list(
        &self,
        request: ListRequest,
        deadline: Instant,
    ) -> Result<ListReply, DataError> {
        let operation = Operations::begin(&self.shared);
        let entity = request.entity.clone();
        let answer = read::list(&self.shared, request, deadline).await;
        operation.listed(&entity, &answer);
        answer
    }

    /// Settles a request whose outcome is unknown, without executing it.
    pub async fn outcome(
        &self,
        request_id: &str,
        deadline: Instant,
    ) -> Result<SettledOutcome, DataError> {
        execute::outcome(&self.shared, request_id, deadline).await
    }

    /// The exact check of one key.
    pub async fn check_key(
        &self,
        entity: Option<&str>,
        key: Fields,
        deadline: Instant,
    ) -> Result<KeyCheck, DataError> {
        let checked = check::check_key(&self.shared, entity, key, deadline).await?;
        self.shared.meter.checked(checked.verdict.differs());
        Ok(checked)
    }

    /// Writes, reads back on both sides, compares and removes a probe row of
    /// each entity in each mode that the phase allows, in tables of ours and on
    /// the very path of the application's writes.
    ///
    /// # Errors
    /// When nothing could be tried; what fails is in the report.
    pub async fn run_test(&self, deadline: Instant) -> Result<TestReport, DataError> {
        probes::run(&self.shared, deadline).await
    }

    // --- what the control plane says ---------------------------------------

    /// Takes over flags; they hold for every request that starts afterwards.
    /// `plan_running` is the hint to watch the fences closely.
    pub fn adopt(&self, revision: u64, flags: Flags, plan_running: bool) {
        self.shared.meter.enable(flags.metrics_enabled);
        self.shared.settings.store(Arc::new(Settings {
            revision,
            flags,
            plan_running,
        }));
        self.shared.watcher.poke();
    }

    /// Ends the migration here: from now on writes and reads go to the new
    /// database with nothing of ours around them, and the legacy one is not
    /// touched any more. There is no way back. [`Engine::look`] waits until it
    /// holds.
    pub fn end_migration(&self, entities: Vec<Entity>) {
        self.shared.ended.store(Some(Arc::new(entities)));
        self.shared.watcher.poke();
    }

    /// Looks at both databases now, and answers whether this engine works
    /// without fences since.
    pub async fn look(&self) -> bool {
        watcher::look(&self.shared).await;
        self.is_plain()
    }

    /// Whether this engine works without fences.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        let view = self.shared.watcher.view();
        view.active.as_ref().is_some_and(|active| active.plain)
    }

    /// Checks a mapping against the new schema alone, for the end.
    ///
    /// # Errors
    /// One sentence a problem.
    pub async fn check_mapping_of_new(&self, entities: &[Entity]) -> Result<(), Vec<String>> {
        compile::of_new(&self.shared, entities).await.map(|_| ())
    }

    /// Removes everything of ours from both databases, legacy first: while a
    /// fence stands on new, whoever still writes under it is right to. Refused
    /// while this engine itself works under fences.
    pub async fn remove(&self) -> (Vec<Removal>, Vec<String>) {
        remove::remove(&self.shared).await
    }

    /// Checks a mapping against both real schemas.
    ///
    /// # Errors
    /// One sentence a problem, naming the side, table and column.
    pub async fn check_mapping(&self, entities: &[Entity]) -> Result<(), Vec<String>> {
        let primary = self
            .shared
            .watcher
            .view()
            .active
            .as_ref()
            .map_or(Side::Legacy, |active| active.authority.primary);
        compile::mapping(&self.shared, primary, entities)
            .await
            .map(|_| ())
    }

    /// Creates our tables and the first fences where they are absent.
    pub async fn install(&self, settings: &EpochSettings) -> Result<(), InstallError> {
        install::install(&self.shared, settings).await
    }

    /// The statements that [`Engine::install`] would run on each side.
    pub async fn install_sql(
        &self,
        settings: &EpochSettings,
    ) -> Result<Vec<(Side, String)>, InstallError> {
        install::install_sql(&self.shared, settings).await
    }

    /// Executes a plan until it ends. A second call for a plan that runs here
    /// only passes on that it is to be taken back.
    pub async fn execute(&self, plan: Plan, events: mpsc::Sender<PlanEvent>) {
        executor::execute(&self.shared, plan, events).await;
    }

    /// Splits a backfill in shards.
    pub async fn plan_shards(
        &self,
        entities: &[String],
        shards_per_entity: u32,
    ) -> Result<Vec<ShardRange>, DataError> {
        let deadline = Instant::now() + Duration::from_secs(30);
        backfill::plan_shards(&self.shared, entities, shards_per_entity, deadline).await
    }

    /// Copies one shard until it is done, fails or is cancelled.
    pub async fn run_shard(
        &self,
        task: ShardTask,
        events: mpsc::Sender<ShardEvent>,
        cancel: impl Future<Output = ()> + Send,
    ) {
        tokio::select! {
            biased;
            () = backfill::run_shard(&self.shared, task, events) => {}
            () = cancel => {}
        }
    }
}

/// Removes old receipts for as long as it is polled.
async fn expire(shared: Arc<Shared>) {
    loop {
        tokio::time::sleep(EXPIRY_INTERVAL).await;
        if shared.ended.load().is_some() {
            return;
        }
        for side in Side::BOTH {
            let Ok(store) = shared.store(side) else {
                continue;
            };
            let gone = store
                .expire_receipts(&shared.service, RECEIPT_LIFETIME)
                .await;
            if let Err(error) = gone {
                tracing::debug!(%side, %error, "old receipts are left for the next time");
            }
        }
    }
}
#[cfg(test)]
impl Engine {
    /// The parts, for tests that look inside.
    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }
}
