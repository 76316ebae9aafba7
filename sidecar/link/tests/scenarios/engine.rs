//! An engine that remembers what it was asked and answers what it is told.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use dualwrite_core::diagnosis::{Finding, Removal, TestReport};
use dualwrite_core::fence::{EpochSettings, Fence, Seen};
use dualwrite_core::flags::Flags;
use dualwrite_core::phase::Phase;
use dualwrite_core::plan::Plan;
use dualwrite_core::side::{Role, Side};
use dualwrite_core::spec::Entity;
use dualwrite_core::tally::{Comparisons, Delta};
use dualwrite_engine::error::DataError;
use dualwrite_engine::request::{
    Fields, KeyCheck, KeyVerdict, PlanEvent, PlanOutcome, ShardEvent, ShardRange, ShardState,
    ShardTask,
};
use dualwrite_engine::store::PoolStatus;
use dualwrite_engine::{EntityBacklog, EntityComparisons, EntityDelta};
use dualwrite_link::port::EnginePort;
use tokio::sync::{Notify, mpsc, watch};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

#[derive(Debug)]
pub(crate) struct FakeEngine {
    pub(crate) state: Mutex<State>,
    fence_changes: watch::Sender<u64>,
    /// Lets a check of the mapping that waits go on.
    pub(crate) release_check: Notify,
    /// Lets a plan's execution go on to its end.
    pub(crate) release_plan: Notify,
}

#[derive(Debug)]
pub(crate) struct State {
    pub(crate) adopted: Vec<(u64, Flags, bool)>,
    pub(crate) checks: usize,
    /// What a check of the mapping answers.
    pub(crate) refuses: Option<Vec<String>>,
    /// Whether a check waits to be released.
    pub(crate) check_waits: bool,
    pub(crate) ended: bool,
    pub(crate) installed: Vec<EpochSettings>,
    pub(crate) fences: (Seen, Seen),
    pub(crate) executed: Vec<Plan>,
    pub(crate) shards_cancelled: Vec<u32>,
    pub(crate) keys: Vec<(Option<String>, Fields)>,
    /// What a run of probes finds; it fails without.
    pub(crate) tested: Option<TestReport>,
    pub(crate) writes: u64,
    pub(crate) backlogs: Vec<EntityBacklog>,
}

impl FakeEngine {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self {
            state: Mutex::new(State {
                adopted: Vec::new(),
                checks: 0,
                refuses: None,
                check_waits: false,
                ended: false,
                installed: Vec::new(),
                fences: (fence(1, Role::Primary), fence(1, Role::Off)),
                executed: Vec::new(),
                shards_cancelled: Vec::new(),
                keys: Vec::new(),
                tested: None,
                writes: 0,
                backlogs: Vec::new(),
            }),
            fence_changes: watch::Sender::new(0),
            release_check: Notify::new(),
            release_plan: Notify::new(),
        })
    }

    pub(crate) fn with<T>(&self, look: impl FnOnce(&mut State) -> T) -> T {
        look(&mut self.state.lock().unwrap())
    }

    /// Lets the other tasks go on until this holds.
    pub(crate) async fn until(&self, what: &str, holds: impl Fn(&mut State) -> bool) {
        // Nothing here waits for time or for a network, so what is to happen
        // happens within a few turns.
        for _ in 0..10_000 {
            if self.with(&holds) {
                return;
            }
            tokio::task::yield_now().await;
        }
        panic!("{what}: never");
    }

    pub(crate) fn set_fences(&self, legacy: Seen, new: Seen) {
        self.with(|state| state.fences = (legacy, new));
        self.fence_changes.send_modify(|tick| *tick += 1);
    }

    pub(crate) fn revisions(&self) -> Vec<u64> {
        self.with(|state| {
            state
                .adopted
                .iter()
                .map(|(revision, _, _)| *revision)
                .collect()
        })
    }
}

pub(crate) fn fence(epoch: u64, role: Role) -> Seen {
    Seen::Fence(Fence {
        epoch,
        role,
        phase: Phase::LegacyOnly,
        plan_id: String::new(),
        settings: String::new(),
    })
}

fn plan_event(plan: &Plan, step: &'static str, outcome: PlanOutcome) -> PlanEvent {
    PlanEvent {
        plan_id: plan.plan_id.clone(),
        step,
        detail: String::new(),
        outcome,
        pause: None,
    }
}

fn shard_event(task: &ShardTask, rows: u64, state: ShardState) -> ShardEvent {
    ShardEvent {
        job_id: task.job_id.clone(),
        shard: task.shard,
        cursor: vec![1],
        rows,
        quarantined: 0,
        epoch: task.epoch,
        state,
    }
}

#[async_trait]
impl EnginePort for FakeEngine {
    fn adopt(&self, revision: u64, flags: Flags, plan_running: bool) {
        self.with(|state| state.adopted.push((revision, flags, plan_running)));
    }

    async fn check_mapping(&self, _: &[Entity]) -> Result<(), Vec<String>> {
        let waits = self.with(|state| {
            state.checks += 1;
            state.check_waits
        });
        if waits {
            self.release_check.notified().await;
        }
        self.with(|state| state.refuses.clone()).map_or(Ok(()), Err)
    }

    async fn install(&self, settings: &EpochSettings) -> Result<(), String> {
        self.with(|state| state.installed.push(settings.clone()));
        Ok(())
    }

    fn fences(&self) -> (Seen, Seen) {
        self.with(|state| state.fences.clone())
    }

    fn fence_changes(&self) -> watch::Receiver<u64> {
        self.fence_changes.subscribe()
    }

    /// Freezes, waits to be released, and is done.
    async fn execute(&self, plan: Plan, events: mpsc::Sender<PlanEvent>) {
        self.with(|state| state.executed.push(plan.clone()));
        events
            .send(plan_event(&plan, "freeze", PlanOutcome::Running))
            .await
            .unwrap();
        self.release_plan.notified().await;
        events
            .send(plan_event(&plan, "follow", PlanOutcome::Done))
            .await
            .unwrap();
    }

    async fn plan_shards(
        &self,
        entities: &[String],
        shards_per_entity: u32,
    ) -> Result<Vec<ShardRange>, DataError> {
        let entity = entities.first().ok_or(DataError::Deadline)?;
        let range = |number: u32| ShardRange {
            entity: entity.clone(),
            after: number.to_be_bytes().to_vec(),
            until: (number + 1).to_be_bytes().to_vec(),
            rows: 10,
        };
        Ok((0..shards_per_entity).map(range).collect())
    }

    /// Tells one progress, and ends only when it is cancelled; shard 0 is
    /// done at once.
    async fn run_shard(
        &self,
        task: ShardTask,
        events: mpsc::Sender<ShardEvent>,
        cancel: CancellationToken,
    ) {
        let state = if task.shard == 0 {
            ShardState::Done
        } else {
            ShardState::Running
        };
        events.send(shard_event(&task, 5, state)).await.unwrap();
        if task.shard > 0 {
            cancel.cancelled().await;
            self.with(|state| state.shards_cancelled.push(task.shard));
        }
    }

    async fn check_key(
        &self,
        entity: Option<&str>,
        key: Fields,
        _: Instant,
    ) -> Result<KeyCheck, DataError> {
        self.with(|state| state.keys.push((entity.map(str::to_owned), key)));
        match entity {
            Some(entity) => Ok(KeyCheck {
                entity: entity.into(),
                verdict: KeyVerdict::Pending,
            }),
            None => Err(DataError::NotReady {
                why: "no root".to_owned(),
            }),
        }
    }

    async fn run_test(&self, _: Instant) -> Result<TestReport, DataError> {
        let tested = self.with(|state| state.tested.clone());
        tested.ok_or(DataError::RequestAborted)
    }

    async fn diagnose(&self) -> Vec<Finding> {
        vec![Finding::ok("fence_equals_phase", None, "it does")]
    }

    async fn remove(&self) -> (Vec<Removal>, Vec<String>) {
        (Vec::new(), vec!["somebody writes still".to_owned()])
    }

    async fn check_mapping_of_new(&self, _: &[Entity]) -> Result<(), Vec<String>> {
        self.with(|state| state.refuses.clone()).map_or(Ok(()), Err)
    }

    fn end_migration(&self, _: &[Entity]) {
        self.with(|state| state.ended = true);
    }

    async fn look(&self) -> bool {
        self.with(|state| state.ended)
    }

    fn drain_deltas(&self) -> Vec<EntityDelta> {
        let writes = self.with(|state| std::mem::take(&mut state.writes));
        let delta = Delta {
            attempts: writes,
            successes: writes,
            ..Delta::default()
        };
        vec![EntityDelta {
            entity: "cart".into(),
            side: Side::Legacy,
            delta,
        }]
    }

    async fn backlogs(&self) -> Vec<EntityBacklog> {
        self.with(|state| state.backlogs.clone())
    }

    fn comparisons(&self) -> Vec<EntityComparisons> {
        let counts = Comparisons {
            mismatches: 2,
            ..Comparisons::default()
        };
        vec![EntityComparisons {
            entity: "cart".into(),
            counts,
        }]
    }

    fn pools(&self) -> Vec<(Side, PoolStatus, bool)> {
        Side::BOTH
            .map(|side| (side, PoolStatus::default(), true))
            .to_vec()
    }
}
