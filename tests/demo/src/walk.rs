//! The story: every phase forward, one back and forward again, under traffic
//! that never stops until the end.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Result, bail, ensure};
use dualwrite_proto::v1::Phase;
use dualwrite_tests::cart::{
    CARTS, Databases, ENTITIES, ITEMS_PER_CART, MANIFEST, USERS, WISHES, Which, compare,
};
use dualwrite_tests::fleet::RunningFleet;
use dualwrite_tests::{Fleet, Operator, until};

use crate::args::Args;
use crate::ledger::Ledger;
use crate::screen::{Screen, millis};
use crate::traffic::Traffic;

/// How long the fleet may take to report or to drain.
const PATIENCE: Duration = Duration::from_mins(1);

/// Everything that runs.
#[derive(Debug)]
pub(crate) struct Stage {
    pub(crate) databases: Databases,
    pub(crate) fleet: RunningFleet,
    operator: Operator,
    ledger: Arc<Ledger>,
    screen: Screen,
    seconds: u64,
}

/// What the story came to.
#[derive(Debug)]
pub(crate) struct Ending {
    pub(crate) pauses: Vec<(String, Duration)>,
    pub(crate) acknowledged: u64,
    pub(crate) compared: usize,
    pub(crate) differences: usize,
}

impl Stage {
    /// Starts databases, control plane and two sidecars.
    pub(crate) async fn set(args: &Args, screen: Screen) -> Result<Self> {
        let databases = Databases::create(args.postgres).await?;
        screen.say(&format!(
            "legacy and new are {}; legacy holds {CARTS} carts, {} items, {WISHES} wishes, {USERS} users",
            databases.engine(),
            CARTS * ITEMS_PER_CART,
        ));
        let (legacy, new) = (databases.url(Which::Legacy), databases.url(Which::New));
        let mut fleet = Fleet::of("cart", legacy, new).start().await?;
        screen.say(&format!("control plane at {}", fleet.control_plane_url()));
        let operator = Operator::of("cart", &fleet.control_plane_url())?;
        operator.apply(MANIFEST).await?;
        screen.say("$ dualwrite apply -f examples/cart/cart.yaml");
        for _ in 0..2 {
            let number = fleet.add_sidecar().await?;
            screen.say(&format!(
                "sidecar {number} at {}",
                fleet.sidecar_url(number)?
            ));
        }
        let ledger = Arc::new(Ledger::new()?);
        let seconds = args.seconds;
        Ok(Self {
            databases,
            fleet,
            operator,
            ledger,
            screen,
            seconds,
        })
    }

    /// Plays the whole story.
    pub(crate) async fn play(&mut self, writers: u32) -> Result<Ending> {
        self.operator.followed_by(2).await?;
        let sidecars = [self.fleet.sidecar_url(0)?, self.fleet.sidecar_url(1)?];
        self.screen
            .title("legacy_only: the service writes to legacy through its sidecars");
        let traffic = Traffic::start(writers, &sidecars, &self.ledger)?;
        self.watch(Phase::LegacyOnly).await?;
        let pauses = self.phases().await?;
        self.screen.title("traffic stops, the last markers go");
        traffic.stop().await?;
        self.converged().await?;
        pauses_only_of_flips(&pauses)?;
        self.end(pauses).await
    }

    async fn phases(&mut self) -> Result<Vec<(String, Duration)>> {
        let mut pauses = Vec::new();
        self.move_to(Phase::DualWrite, "new begins to follow", &mut pauses)
            .await?;
        self.screen.say("$ dualwrite backfill start cart --watch");
        let job = self.operator.backfill().await?;
        self.screen.say(&format!(
            "backfill: {} rows in {} shards",
            job.rows_done, job.shards_total
        ));
        self.watch(Phase::DualWrite).await?;
        self.move_to(Phase::NewPrimary, "new becomes the primary", &mut pauses)
            .await?;
        self.watch(Phase::NewPrimary).await?;
        self.move_to(
            Phase::DualWrite,
            "a way back: legacy is the primary again",
            &mut pauses,
        )
        .await?;
        self.watch(Phase::DualWrite).await?;
        self.move_to(Phase::NewPrimary, "and forward again", &mut pauses)
            .await?;
        self.watch(Phase::NewPrimary).await?;
        self.move_to(
            Phase::NewOnly,
            "legacy is not written any more",
            &mut pauses,
        )
        .await?;
        self.watch(Phase::NewOnly).await?;
        self.move_to(
            Phase::NewPrimary,
            "back even from here: legacy catches up",
            &mut pauses,
        )
        .await?;
        self.watch(Phase::NewPrimary).await?;
        Ok(pauses)
    }

    async fn move_to(
        &mut self,
        to: Phase,
        why: &str,
        pauses: &mut Vec<(String, Duration)>,
    ) -> Result<()> {
        let word = word(to);
        self.screen.title(&format!("{word}: {why}"));
        self.screen
            .say(&format!("$ dualwrite phase set cart {word} --wait"));
        self.operator.permitted(to).await?;
        self.ledger.longest();
        let transition = self.operator.phase(to, why).await?;
        let steps: Vec<&str> = transition
            .steps
            .iter()
            .map(|step| step.name.as_str())
            .collect();
        let longest = self.ledger.longest();
        self.screen.say(&format!(
            "epoch {}: {}",
            transition.to_epoch,
            steps.join(" → ")
        ));
        if steps.contains(&"freeze") {
            self.screen.say(&format!(
                "flip: the longest that a write waited was {}",
                millis(longest)
            ));
            pauses.push((format!("to {word}"), longest));
        }
        Ok(())
    }

    /// Some seconds of traffic, one line each.
    async fn watch(&mut self, phase: Phase) -> Result<()> {
        self.ledger.interval();
        for _ in 0..self.seconds {
            tokio::time::sleep(Duration::from_secs(1)).await;
            let migration = self.operator.migration().await?;
            ensure!(
                migration.phase() == phase,
                "the phase is {:?} unasked",
                migration.phase()
            );
            let markers = migration.health.map_or(0, |health| health.markers);
            self.screen
                .second(word(phase), &self.ledger.interval(), markers);
        }
        Ok(())
    }

    /// No marker is left in the outbox of the primary, by plain SQL.
    async fn converged(&self) -> Result<()> {
        let outbox = |entity| match self.databases {
            Databases::Sqlite { .. } => {
                format!("SELECT count(*) FROM dualwrite_outbox_cart_{entity}")
            }
            Databases::Postgres { .. } => {
                format!("SELECT count(*) FROM dualwrite.outbox_cart_{entity}")
            }
        };
        for entity in ENTITIES {
            let gone = until("the markers go", PATIENCE, async || {
                let rows = self
                    .databases
                    .query(Which::New, &outbox(entity))
                    .await
                    .ok()?;
                (rows.first()?.first()?.as_deref() == Some("0")).then_some(())
            });
            gone.await?;
        }
        Ok(())
    }

    async fn end(&mut self, pauses: Vec<(String, Duration)>) -> Result<Ending> {
        let failures = self.ledger.failures();
        if let Some(first) = failures.first() {
            bail!("{} writes failed; the first: {first}", failures.len());
        }
        self.screen
            .title("the proof: both databases, row by row, by plain SQL");
        let compared = compare(&self.databases).await?;
        self.screen.comparison(&compared);
        self.exact_increments().await?;
        Ok(Ending {
            pauses,
            acknowledged: self.ledger.total(),
            compared: compared.iter().map(|one| one.rows).sum(),
            differences: compared.iter().map(|one| one.differences).sum(),
        })
    }

    /// Every acknowledged increment is in both databases, once.
    async fn exact_increments(&self) -> Result<()> {
        let legacy = "SELECT user_ref, visits FROM shop_user_cache WHERE visits > 0";
        let new = "SELECT id, visits FROM users WHERE visits > 0";
        for (which, query) in [(Which::Legacy, legacy), (Which::New, new)] {
            let rows = self.databases.query(which, query).await?;
            let mut expected = self.ledger.visits();
            for row in rows {
                let [Some(user), Some(visits)] = &row[..] else {
                    bail!("a row without a key")
                };
                let user: u64 = user.trim_start_matches("user-").parse()?;
                let acknowledged = expected.remove(&user).unwrap_or_default();
                ensure!(
                    visits.parse::<i64>()? == acknowledged,
                    "user-{user} has {visits} visits on {which:?}, {acknowledged} were acknowledged"
                );
            }
            ensure!(
                expected.is_empty(),
                "visits are missing on {which:?}: {expected:?}"
            );
        }
        let total: i64 = self.ledger.visits().values().sum();
        self.screen.say(&format!(
            "{total} increments acknowledged, {total} found on both sides"
        ));
        Ok(())
    }
}

fn pauses_only_of_flips(pauses: &[(String, Duration)]) -> Result<()> {
    ensure!(
        pauses.len() == 3,
        "expected three flips, saw {}",
        pauses.len()
    );
    Ok(())
}

fn word(phase: Phase) -> &'static str {
    match phase {
        Phase::Unspecified => "unspecified",
        Phase::LegacyOnly => "legacy_only",
        Phase::DualWrite => "dual_write",
        Phase::NewPrimary => "new_primary",
        Phase::NewOnly => "new_only",
    }
}
