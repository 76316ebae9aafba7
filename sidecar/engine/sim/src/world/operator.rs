//! The operator and the control plane: which transition is next, who executes
//! it, and that it is executed to its end. The plans are those that the control
//! plane makes, by the same pure rules.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use dualwrite_core::fence::{EpochSettings, Fence};
use dualwrite_core::phase::Phase;
use dualwrite_core::plan::{Plan, PlanKind};
use dualwrite_core::side::{Role, Side};
use dualwrite_engine::request::{PlanOutcome, ShardState, ShardTask};
use tokio::sync::mpsc;
use tokio::time::sleep;

use super::World;
use super::sidecar::Process;
use crate::random::Random;
use crate::scenario::Moves;
use crate::shop::{CART, ITEM, SERVICE};

struct Operator {
    world: Arc<World>,
    random: Random,
    plans: u64,
    /// Rows may stand on the primary that left no marker.
    to_backfill: bool,
}

/// Moves until the run is over, and ends what it began.
pub(super) async fn run(world: Arc<World>, moves: Arc<AtomicU64>) {
    let mut operator = Operator {
        random: world.random("operator"),
        to_backfill: world.scenario.phase == Phase::LegacyOnly,
        world,
        plans: 0,
    };
    if operator.world.scenario.moves == Moves::Stay {
        return;
    }
    while !operator.world.is_over() {
        sleep(operator.random.millis(50, 4_000)).await;
        if operator.world.is_over() {
            return;
        }
        operator.go().await;
        moves.fetch_add(1, Ordering::Relaxed);
    }
}

impl Operator {
    /// One transition, to its end.
    async fn go(&mut self) {
        let Some(mut plan) = self.plan() else {
            return;
        };
        self.world.trace.note(format_args!(
            "PLAN {} {} to {}",
            plan.plan_id, plan.from_phase, plan.to_phase
        ));
        loop {
            plan.aborting |= self.random.happens(700);
            let Some(process) = self.process() else {
                sleep(Duration::from_millis(100)).await;
                continue;
            };
            match execute(&process, plan.clone()).await {
                Some(outcome @ (PlanOutcome::Done | PlanOutcome::Aborted)) => {
                    self.world.trace.note(format_args!("ENDED {outcome:?}"));
                    break;
                }
                // The fences went another way: the next look says where.
                Some(PlanOutcome::Failed) if self.is_over_taken(&plan) => break,
                Some(PlanOutcome::Failed | PlanOutcome::Running) | None => {
                    sleep(Duration::from_millis(100)).await;
                }
            }
        }
        self.backfill().await;
    }

    fn process(&mut self) -> Option<Process> {
        let place = self.random.place(self.world.sidecars.len());
        self.world.sidecars[place].process()
    }

    fn fence(&self, side: Side) -> Option<Fence> {
        self.world.server(side).fence_row(SERVICE)
    }

    /// The fence of whoever is primary now.
    fn primary(&self) -> Option<(Side, Fence)> {
        let fences = Side::BOTH.into_iter();
        let mut fences = fences.filter_map(|side| Some((side, self.fence(side)?)));
        fences.find(|(_, fence)| fence.role == Role::Primary)
    }

    /// Whether nothing is left to do of a plan.
    fn is_over_taken(&self, plan: &Plan) -> bool {
        self.primary()
            .is_some_and(|(_, fence)| fence.epoch > plan.from_epoch)
    }

    /// The plan of a step to a neighbour, as the control plane makes it.
    fn plan(&mut self) -> Option<Plan> {
        let (primary, fence) = self.primary()?;
        let other = self.fence(primary.other())?;
        let from = fence.phase;
        let to = self.next_phase(from)?;
        let settings = EpochSettings::from_json(&fence.settings).ok()?;
        self.plans += 1;
        Some(Plan {
            plan_id: format!("plan-{}", self.plans),
            kind: PlanKind::between(from, to)?,
            from_phase: from,
            to_phase: to,
            from_epoch: fence.epoch,
            to_epoch: fence.epoch.max(other.epoch) + 1,
            primary,
            settings: settings.moved_to(to).to_json(),
            aborting: false,
        })
    }

    fn next_phase(&mut self, from: Phase) -> Option<Phase> {
        let flip = match from {
            Phase::DualWrite => Some(Phase::NewPrimary),
            Phase::NewPrimary => Some(Phase::DualWrite),
            Phase::LegacyOnly | Phase::NewOnly => None,
        };
        match self.world.scenario.moves {
            Moves::Stay => None,
            Moves::Flip => flip.filter(|_| !self.to_backfill),
            Moves::Walk => {
                let neighbours: Vec<Phase> = from.neighbours().into_iter().collect();
                let to = *self.random.pick(&neighbours);
                // The guard: no flip before the backfill is complete.
                let allowed = !self.to_backfill || to.primary() == from.primary();
                allowed.then_some(to)
            }
        }
    }

    /// Copies everything, where rows may stand that left no marker and both
    /// sides are open.
    async fn backfill(&mut self) {
        let Some((_, fence)) = self.primary() else {
            return;
        };
        if !self.to_backfill || fence.phase.secondary().is_none() {
            return;
        }
        for _ in 0..20 {
            let epoch = self.primary().map(|(_, fence)| fence.epoch);
            if let (Some(process), Some(epoch)) = (self.process(), epoch)
                && self.copy_all(&process, epoch).await
            {
                self.world.trace.note(format_args!("BACKFILLED in {epoch}"));
                self.to_backfill = false;
                self.world.oracle.comparable();
                return;
            }
            sleep(Duration::from_millis(300)).await;
        }
    }

    /// Whether every shard of every entity is copied, all in one epoch.
    async fn copy_all(&mut self, process: &Process, epoch: u64) -> bool {
        let entities = [CART.to_owned(), ITEM.to_owned()];
        let planned = process.ask(process.engine.plan_shards(&entities, 2)).await;
        let Some(Ok(shards)) = planned else {
            return false;
        };
        for (number, range) in (0..).zip(shards) {
            let task = ShardTask {
                job_id: "job".to_owned(),
                shard: number,
                range,
                cursor: Vec::new(),
                epoch,
                max_rows_per_second: 0,
            };
            let (sender, mut events) = mpsc::channel(8);
            let never = std::future::pending();
            let engine = process.engine.clone();
            let work = tokio::spawn(async move { engine.run_shard(task, sender, never).await });
            let mut done = false;
            let heard = process.ask(async {
                while let Some(event) = events.recv().await {
                    done = event.state == ShardState::Done && event.epoch == epoch;
                }
            });
            if heard.await.is_none() {
                work.abort();
                return false;
            }
            if !done {
                return false;
            }
        }
        true
    }
}

/// Has a sidecar execute a plan; none when it was killed meanwhile.
async fn execute(process: &Process, plan: Plan) -> Option<PlanOutcome> {
    let (sender, mut events) = mpsc::channel(100);
    let executed = process.engine.execute(plan, sender);
    process.ask(executed).await?;
    let mut outcome = PlanOutcome::Running;
    while let Ok(event) = events.try_recv() {
        outcome = event.outcome;
    }
    Some(outcome)
}
