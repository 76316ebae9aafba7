//! Changes of primary, and what breaks them.

use std::time::Duration;

use anyhow::{Context, Result};
use dualwrite_proto::v1::{Migration, Phase, TransitionMigrationRequest};
use dualwrite_tests::proxy::{self, Tripped, Tripwire};
use dualwrite_tests::until;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, timeout};

use super::{Nemesis, wait};
use crate::bed::SERVICE;
use crate::history::Side;
use crate::schedule::{How, Moment};

/// How long a change of primary may take, whatever is broken meanwhile.
const ENDS: Duration = Duration::from_mins(2);

/// How long the guards may ask for patience.
const PERMITTED: Duration = Duration::from_mins(3);

/// How long the step that is to be broken is waited for.
const REACHED: Duration = Duration::from_secs(20);

/// How long a hanging executor hangs: longer than others wait before they take over, and than the
/// server lets its transaction stand.
const HANGS: u64 = 7_500;

impl Nemesis<'_> {
    /// Changes the primary.
    pub(super) async fn flip(&mut self, broken: Option<(Moment, How)>) -> Result<()> {
        let from = self.stage.primary().await?;
        if let Err(why) = self.permitted(from).await {
            self.tally.refuse_flip(&why);
            return Ok(());
        }
        let mut lines = Tripline::none();
        if let Some((at, how)) = broken {
            lines = self.lay(from, at, how);
        }
        let began = Instant::now();
        let started = self.start(from).await;
        if let Some((at, how)) = broken {
            self.break_at(from, at, how, &mut lines).await?;
        }
        drop(lines);
        started?;
        self.ended().await?;
        let now = self.stage.primary().await?;
        self.tally.flip(now != from, began.elapsed());
        let how = if now == from { "taken back" } else { "done" };
        self.history.fault(format!("a flip was {how}"))
    }

    pub(super) async fn sleep_through_flip(&mut self, sidecar: usize) -> Result<()> {
        self.stage.fleet.sidecar(sidecar)?.sigstop()?;
        let others = u32::try_from(self.stage.fleet.sidecars() - 1)?;
        let unseen = self
            .stage
            .operator
            .reported("it is believed gone", |health| {
                health.live_sidecars <= others
            });
        let unseen = unseen.await;
        let flipped = match unseen {
            Ok(()) => self.flip(None).await,
            Err(error) => Err(error),
        };
        self.stage.fleet.sidecar(sidecar)?.sigcont()?;
        flipped
    }

    /// Waits until the guards permit a flip; the reason if they do not.
    async fn permitted(&self, from: Side) -> Result<(), String> {
        let request = TransitionMigrationRequest {
            validate_only: true,
            ..request(from)
        };
        let mut told = String::new();
        let permitted = until("the guards permit a flip", PERMITTED, async || {
            let mut api = self.stage.operator.api();
            let answer = api.transition_migration(request.clone()).await;
            let answer = answer.map_err(|status| status.to_string())?;
            let verdict = answer.into_inner().verdict.unwrap_or_default();
            let red = verdict.guards.iter().filter(|guard| !guard.passed);
            let names: Vec<&str> = red.clone().map(|guard| guard.guard.as_str()).collect();
            let names = names.join(", ");
            let red: Vec<String> = red
                .map(|guard| format!("{} is {}", guard.guard, guard.measured))
                .collect();
            if told != names {
                let note = format!("not permitted: {}", red.join(", "));
                self.history
                    .fault(note)
                    .map_err(|error| format!("{error:#}"))?;
                told = names;
            }
            if verdict.permitted {
                Ok(())
            } else {
                Err(red.join(", "))
            }
        });
        permitted.await.map_err(|overdue| overdue.to_string())
    }

    async fn start(&self, from: Side) -> Result<()> {
        let mut api = self.stage.operator.api();
        match api.transition_migration(request(from)).await {
            Ok(_) => Ok(()),
            // The guards changed their mind since they were asked.
            Err(status) if status.code() == tonic::Code::FailedPrecondition => Ok(()),
            Err(status) => Err(status).context("start a flip"),
        }
    }

    /// Waits until no change of primary is under way.
    async fn ended(&self) -> Result<()> {
        let ended = until("the flip ends one way or the other", ENDS, async || {
            let migration = self.migration().await?;
            match migration.transition {
                Some(transition) if transition.end_time.is_none() => Err(format!("{transition:?}")),
                Some(_) | None => Ok(()),
            }
        });
        Ok(ended.await?)
    }

    async fn migration(&self) -> Result<Migration, String> {
        let migration = self.stage.operator.migration().await;
        migration.map_err(|error| format!("{error:#}"))
    }

    /// Lays a wire for a step's statement on every sidecar's way to the database of that step.
    fn lay(&self, from: Side, at: Moment, how: How) -> Tripline {
        let (told, tripped) = mpsc::channel(self.stage.links.len());
        let moment = match how {
            How::Kill | How::Hang => proxy::Moment::Held,
            How::Error => proxy::Moment::Before,
            How::UnknownCommit => proxy::Moment::CommitUnknown,
        };
        let (side, statement) = step_of(from, at);
        for (number, links) in self.stage.links.iter().enumerate() {
            if let Some(proxy) = links.database(side) {
                proxy.lay(&Tripwire::on(number, statement, moment, told.clone()));
            }
        }
        Tripline { tripped }
    }

    async fn break_at(
        &mut self,
        from: Side,
        at: Moment,
        how: How,
        lines: &mut Tripline,
    ) -> Result<()> {
        let (side, _) = step_of(from, at);
        let reached = if self.stage.bed.of(side).engine().serves() {
            let tripped = timeout(REACHED, lines.tripped.recv()).await.ok().flatten();
            tripped.map(|tripped| (tripped.whose, Some(tripped)))
        } else {
            self.reached_on_file(from, at).await
        };
        for links in &self.stage.links {
            if let Some(proxy) = links.database(side) {
                proxy.take_all_away();
            }
        }
        let Some((executor, tripped)) = reached else {
            self.tally.skip("the step was not reached");
            return Ok(());
        };
        self.tally.broke(at, how, from);
        match how {
            How::Kill => {
                self.stage.fleet.sidecar(executor)?.kill9().await?;
                self.tally.kills += 1;
                drop(tripped);
                self.stage.fleet.restart_sidecar(executor).await
            }
            How::Hang => {
                self.stage.fleet.sidecar(executor)?.sigstop()?;
                drop(tripped);
                wait(HANGS).await;
                self.stage.fleet.sidecar(executor)?.sigcont()
            }
            // The proxy did it.
            How::Error | How::UnknownCommit => Ok(()),
        }
    }

    /// On a file nothing can be tripped over: the step is next once the one before it is seen.
    async fn reached_on_file(&self, from: Side, at: Moment) -> Option<(usize, Option<Tripped>)> {
        let (side, role) = match at {
            Moment::Freeze => (from, "primary"),
            Moment::HandOver => (from, "frozen"),
            Moment::Activate => (from, "handed"),
            Moment::Follow => (from.other(), "primary"),
        };
        let database = self.stage.bed.of(side);
        let fence = database.our_table("fence");
        let query = format!("SELECT role FROM {fence} WHERE service = '{SERVICE}'");
        let until = Instant::now() + REACHED;
        while Instant::now() < until {
            let role_now = database.query(&query).await.ok()?;
            if role_now
                .into_iter()
                .flatten()
                .flatten()
                .any(|now| now == role)
            {
                let executor = self.migration().await.ok()?.transition?.executor;
                return Some((self.stage.fleet.sidecar_named(&executor)?, None));
            }
            sleep(Duration::from_millis(1)).await;
        }
        None
    }
}

/// Wires that lie, and who hears of them.
struct Tripline {
    tripped: mpsc::Receiver<Tripped>,
}

impl Tripline {
    fn none() -> Self {
        let (_, tripped) = mpsc::channel(1);
        Self { tripped }
    }
}

fn request(from: Side) -> TransitionMigrationRequest {
    let to = match from {
        Side::Legacy => Phase::NewPrimary,
        Side::New => Phase::DualWrite,
    };
    TransitionMigrationRequest {
        name: SERVICE.into(),
        to: to.into(),
        reason: "the schedule says so".into(),
        ..TransitionMigrationRequest::default()
    }
}

/// The database of a step, and the statement that does it.
const fn step_of(from: Side, at: Moment) -> (Side, &'static str) {
    match at {
        Moment::Freeze => (from, "role = 'frozen', phase ="),
        Moment::HandOver => (from, "role = 'handed', phase ="),
        Moment::Activate => (from.other(), "role = 'primary', phase ="),
        Moment::Follow => (from, "role = 'secondary', phase ="),
    }
}
