//! What the link asks of the engine, so that its own rules can be tested
//! without a database.

use std::fmt::Debug;

use async_trait::async_trait;
use dualwrite_core::diagnosis::{Finding, Removal, TestReport};
use dualwrite_core::fence::{EpochSettings, Seen};
use dualwrite_core::flags::Flags;
use dualwrite_core::plan::Plan;
use dualwrite_core::side::Side;
use dualwrite_core::spec::Entity;
use dualwrite_engine::Engine;
use dualwrite_engine::error::DataError;
use dualwrite_engine::request::{Fields, KeyCheck, PlanEvent, ShardEvent, ShardRange, ShardTask};
use dualwrite_engine::store::PoolStatus;
use dualwrite_engine::{EntityBacklog, EntityComparisons, EntityDelta};
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// The part of the engine that the control plane's word reaches.
#[async_trait]
pub trait EnginePort: Send + Sync + Debug + 'static {
    /// Takes over settings that need no epoch, and looks at the fences.
    fn adopt(&self, revision: u64, flags: Flags, plan_running: bool);

    /// Checks a mapping against both real schemas; one sentence a problem.
    async fn check_mapping(&self, entities: &[Entity]) -> Result<(), Vec<String>>;

    /// Creates our tables, and the fences where there are none; one sentence
    /// when that fails.
    async fn install(&self, settings: &EpochSettings) -> Result<(), String>;

    /// Both fences as last read, legacy first.
    fn fences(&self) -> (Seen, Seen);

    /// Ticks when they change.
    fn fence_changes(&self) -> watch::Receiver<u64>;

    /// Executes a plan until it ends. The same plan with `aborting` set
    /// redirects the execution under way.
    async fn execute(&self, plan: Plan, events: mpsc::Sender<PlanEvent>);

    /// Splits entities in ranges of keys.
    async fn plan_shards(
        &self,
        entities: &[String],
        shards_per_entity: u32,
    ) -> Result<Vec<ShardRange>, DataError>;

    /// Copies one range until it is done, fails or is cancelled.
    async fn run_shard(
        &self,
        task: ShardTask,
        events: mpsc::Sender<ShardEvent>,
        cancel: CancellationToken,
    );

    /// The exact check of one key.
    async fn check_key(
        &self,
        entity: Option<&str>,
        key: Fields,
        deadline: Instant,
    ) -> Result<KeyCheck, DataError>;

    /// Writes, reads back on both sides, compares and removes a probe row of
    /// each entity in each mode that the phase allows, in tables of ours. What
    /// fails is in the report; an error means that nothing could be tried.
    async fn run_test(&self, deadline: Instant) -> Result<TestReport, DataError>;

    /// What is found of both databases and of this sidecar, in the order in
    /// which it was looked at.
    async fn diagnose(&self) -> Vec<Finding>;

    /// Removes everything of ours from both databases: what was done on each
    /// side, and one sentence for each side where it cannot be done. It can be
    /// done twice.
    async fn remove(&self) -> (Vec<Removal>, Vec<String>);

    /// Checks a mapping against the new schema alone, for the end.
    async fn check_mapping_of_new(&self, entities: &[Entity]) -> Result<(), Vec<String>>;

    /// Ends the migration here: from now on without fences. No way back.
    fn end_migration(&self, entities: &[Entity]);

    /// Looks at both databases now; whether it works without fences since.
    async fn look(&self) -> bool;

    /// What was counted since the last call.
    fn drain_deltas(&self) -> Vec<EntityDelta>;

    /// How far the copies are behind.
    async fn backlogs(&self) -> Vec<EntityBacklog>;

    /// How the reads that were done on both sides compared, since the start.
    fn comparisons(&self) -> Vec<EntityComparisons>;

    /// How busy each database's connections are, and whether it answers.
    fn pools(&self) -> Vec<(Side, PoolStatus, bool)>;
}

#[async_trait]
impl EnginePort for Engine {
    fn adopt(&self, revision: u64, flags: Flags, plan_running: bool) {
        Engine::adopt(self, revision, flags, plan_running);
    }

    async fn check_mapping(&self, entities: &[Entity]) -> Result<(), Vec<String>> {
        Engine::check_mapping(self, entities).await
    }

    async fn install(&self, settings: &EpochSettings) -> Result<(), String> {
        let installed = Engine::install(self, settings).await;
        installed.map_err(|error| error.to_string())
    }

    fn fences(&self) -> (Seen, Seen) {
        Engine::fences(self)
    }

    fn fence_changes(&self) -> watch::Receiver<u64> {
        Engine::fence_changes(self)
    }

    async fn execute(&self, plan: Plan, events: mpsc::Sender<PlanEvent>) {
        Engine::execute(self, plan, events).await;
    }

    async fn plan_shards(
        &self,
        entities: &[String],
        shards_per_entity: u32,
    ) -> Result<Vec<ShardRange>, DataError> {
        Engine::plan_shards(self, entities, shards_per_entity).await
    }

    async fn run_shard(
        &self,
        task: ShardTask,
        events: mpsc::Sender<ShardEvent>,
        cancel: CancellationToken,
    ) {
        Engine::run_shard(self, task, events, cancel.cancelled_owned()).await;
    }

    async fn check_key(
        &self,
        entity: Option<&str>,
        key: Fields,
        deadline: Instant,
    ) -> Result<KeyCheck, DataError> {
        Engine::check_key(self, entity, key, deadline).await
    }

    async fn run_test(&self, deadline: Instant) -> Result<TestReport, DataError> {
        Engine::run_test(self, deadline).await
    }

    async fn diagnose(&self) -> Vec<Finding> {
        Engine::diagnose(self).await
    }

    async fn remove(&self) -> (Vec<Removal>, Vec<String>) {
        Engine::remove(self).await
    }

    async fn check_mapping_of_new(&self, entities: &[Entity]) -> Result<(), Vec<String>> {
        Engine::check_mapping_of_new(self, entities).await
    }

    fn end_migration(&self, entities: &[Entity]) {
        Engine::end_migration(self, entities.to_vec());
    }

    async fn look(&self) -> bool {
        Engine::look(self).await
    }

    fn drain_deltas(&self) -> Vec<EntityDelta> {
        Engine::drain_deltas(self)
    }

    async fn backlogs(&self) -> Vec<EntityBacklog> {
        Engine::backlogs(self).await
    }

    fn comparisons(&self) -> Vec<EntityComparisons> {
        Engine::comparisons(self)
    }

    fn pools(&self) -> Vec<(Side, PoolStatus, bool)> {
        Engine::pools(self)
    }
}
