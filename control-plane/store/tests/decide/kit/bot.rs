//! A scripted sidecar.

use std::time::Duration;

use dualwrite_control_app::ControlPlane;
use dualwrite_control_app::fleet::{
    Command, Commands, End, Heard, Heartbeat, Hello, JobPlanned, PlanOutcome, PlanProgress,
    PlannedShard, Report, Seat, ShardOrder, ShardProgress,
};
use dualwrite_control_app::model::{Backlog, Nack, Operations};
use dualwrite_core::plan::{Plan, Step};
use tokio::time::timeout;

use super::{BOUND, Fences};

pub(crate) struct Bot {
    pub(crate) instance: String,
    pub(crate) seat: Seat,
    pub(crate) commands: Commands,
    fences: Fences,
}

impl Bot {
    pub(crate) async fn join(plane: &ControlPlane, fences: &Fences, instance: &str) -> Self {
        let hello = Hello {
            service: "cart".into(),
            instance: instance.into(),
            version: "0.1.0".into(),
            revision: 0,
        };
        let (seat, commands) = plane.join(hello).await.unwrap();
        Self {
            instance: instance.into(),
            seat,
            commands,
            fences: fences.clone(),
        }
    }

    pub(crate) async fn say(&self, heard: Heard) {
        self.seat.heard(heard).await.unwrap();
    }

    /// Acknowledges the newest revision, beats and reports an empty backlog.
    pub(crate) async fn ready(&self) {
        self.say(Heard::Ack {
            revision: self.seat.revision(),
        })
        .await;
        self.beat().await;
        self.report(1, 0, Vec::new()).await;
    }

    pub(crate) async fn beat(&self) {
        let [legacy, new] = self.fences.reports();
        let revision = 0;
        self.say(Heard::Heartbeat(Heartbeat {
            revision,
            legacy,
            new,
        }))
        .await;
    }

    pub(crate) async fn nack(&self, reason: &str) {
        let reasons = vec![reason.to_owned()];
        self.say(Heard::Nack(Nack {
            revision: self.seat.revision(),
            reasons,
        }))
        .await;
    }

    pub(crate) async fn report(&self, sequence: u64, markers: u64, operations: Vec<Operations>) {
        let backlog = Backlog {
            entity: "cart".into(),
            markers,
            oldest_age: Duration::from_secs(u64::from(markers > 0)),
            quarantined: 0,
        };
        self.say(Heard::Report(Report {
            sequence,
            interval: Duration::from_secs(5),
            operations,
            backlogs: vec![backlog],
            pools: Vec::new(),
            comparisons: Vec::new(),
        }))
        .await;
    }

    /// The next command that is no update.
    pub(crate) async fn order(&mut self) -> Command {
        loop {
            let next = timeout(BOUND, self.commands.next()).await;
            let command = next.expect("a command comes").expect("the session lasts");
            if !matches!(command, Command::Update(_)) {
                return command;
            }
        }
    }

    /// Why the session ends, whatever was still said.
    pub(crate) async fn ended(&mut self) -> End {
        loop {
            if let Err(end) = timeout(BOUND, self.commands.next()).await.expect("it ends") {
                return end;
            }
        }
    }

    /// Whether nothing but updates waits.
    pub(crate) async fn idle(&mut self) -> bool {
        loop {
            // An answer that is there is given at once; a pending one is not.
            match timeout(Duration::ZERO, self.commands.next()).await {
                Err(_) => return true,
                Ok(Ok(Command::Update(_))) => {}
                Ok(_) => return false,
            }
        }
    }

    pub(crate) async fn execute_order(&mut self) -> Plan {
        let command = self.order().await;
        let Command::Execute(plan) = command else {
            panic!("{} was told {command:?}", self.instance)
        };
        plan
    }

    pub(crate) async fn plan_order(&mut self) {
        let order = self.order().await;
        assert!(matches!(order, Command::PlanJob(_)), "{order:?}");
    }

    pub(crate) async fn lease_order(&mut self) -> ShardOrder {
        let command = self.order().await;
        let Command::LeaseShard(order) = command else {
            panic!("{} was told {command:?}", self.instance)
        };
        order
    }

    /// Executes a plan to its end, saying each step.
    pub(crate) async fn execute(&self, plan: &Plan) {
        while self.step(plan).await.is_some() {}
    }

    /// Does one step and says it; `None` when the plan has ended.
    pub(crate) async fn step(&self, plan: &Plan) -> Option<&'static str> {
        match self.fences.step(plan) {
            Ok(name) => {
                self.progress(plan, name, PlanOutcome::Running).await;
                Some(name)
            }
            Err(Step::Done) => {
                self.progress(plan, "", PlanOutcome::Done).await;
                None
            }
            Err(Step::Aborted) => {
                self.progress(plan, "", PlanOutcome::Aborted).await;
                None
            }
            Err(other) => {
                self.progress(plan, &format!("{other:?}"), PlanOutcome::Failed)
                    .await;
                None
            }
        }
    }

    pub(crate) async fn progress(&self, plan: &Plan, step: &str, outcome: PlanOutcome) {
        let [legacy, new] = self.fences.reports();
        self.say(Heard::PlanProgress(PlanProgress {
            plan_id: plan.plan_id.clone(),
            step: step.into(),
            detail: String::new(),
            legacy,
            new,
            outcome,
        }))
        .await;
    }

    pub(crate) async fn planned(&self, job_id: &str, shards: &[(u32, &str)]) {
        let shard = |(number, entity): &(u32, &str)| PlannedShard {
            number: *number,
            entity: (*entity).to_owned(),
            after: Vec::new(),
            until: Vec::new(),
            rows_estimated: 10,
        };
        self.say(Heard::JobPlanned(JobPlanned {
            job_id: job_id.into(),
            shards: shards.iter().map(shard).collect(),
            error: String::new(),
        }))
        .await;
    }

    pub(crate) async fn shard_done(&self, order: &ShardOrder, rows: u64) {
        self.say(Heard::ShardProgress(ShardProgress {
            done: true,
            ..progress(order, rows)
        }))
        .await;
    }

    pub(crate) async fn shard_progress(&self, order: &ShardOrder, rows: u64, cursor: u8) {
        let cursor = vec![cursor];
        self.say(Heard::ShardProgress(ShardProgress {
            cursor,
            ..progress(order, rows)
        }))
        .await;
    }
}

/// Progress of a leased shard in its epoch.
pub(crate) fn progress(order: &ShardOrder, rows: u64) -> ShardProgress {
    ShardProgress {
        job_id: order.shard.job_id.clone(),
        number: order.shard.number,
        cursor: Vec::new(),
        rows,
        done: false,
        error: String::new(),
        epoch: order.epoch,
        quarantined: 0,
    }
}
