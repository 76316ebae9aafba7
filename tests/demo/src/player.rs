//! One service on the stage: its operator, its traffic, and what became of its story.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use dualwrite_proto::v1::Phase;
use dualwrite_tests::service::{Service, Shop, Stock, Tally, Which};
use dualwrite_tests::{Operator, until};
use tokio::sync::Barrier;

use crate::ledger::Ledger;
use crate::screen::{Screen, millis, place};
use crate::story::{Scene, Story, word};
use crate::traffic::Traffic;

/// How long markers may take to go.
const PATIENCE: Duration = Duration::from_mins(1);

/// A service with everything that is its own.
#[derive(Debug)]
pub(crate) struct Player {
    pub(crate) story: Story,
    pub(crate) operator: Operator,
    pub(crate) sidecars: Vec<String>,
    /// The HTTP address of the first of them.
    pub(crate) http: String,
    pub(crate) ledger: Arc<Ledger>,
    pub(crate) screen: Screen,
    pub(crate) part: Duration,
    pub(crate) meeting: Arc<Barrier>,
}

/// What a story came to.
#[derive(Debug)]
pub(crate) struct Ending {
    pub(crate) service: &'static str,
    pub(crate) pauses: Vec<(&'static str, Duration)>,
    pub(crate) acknowledged: u64,
    pub(crate) compared: usize,
    pub(crate) differences: usize,
}

impl Player {
    pub(crate) const fn service(&self) -> &'static Service {
        self.story.service
    }

    /// Plays the story; traffic runs all along, and ends with it. Answers how
    /// long a write waited at most in each flip.
    pub(crate) async fn play(&self, writers: u32) -> Result<Vec<(&'static str, Duration)>> {
        let traffic = Traffic::start(self.service(), writers, &self.sidecars, &self.ledger)?;
        let mut pauses = Vec::new();
        for scene in self.story.scenes {
            match *scene {
                Scene::Live(times) => tokio::time::sleep(self.part * times).await,
                Scene::Move(to, why) => pauses.extend(self.move_to(to, why).await?),
                Scene::Backfill => self.backfill().await?,
                Scene::Meet => {
                    self.meeting.wait().await;
                }
            }
        }
        traffic.stop().await?;
        let expected = self.story.flips();
        ensure!(
            pauses.len() == expected,
            "expected {expected} flips of {}, saw {}",
            self.service().name,
            pauses.len()
        );
        Ok(pauses)
    }

    async fn move_to(
        &self,
        to: Phase,
        why: &'static str,
    ) -> Result<Option<(&'static str, Duration)>> {
        let (name, phase) = (self.service().name, word(to));
        self.tell(&format!(
            "$ dualwrite phase set {name} {phase} --wait   # {why}"
        ));
        self.operator.permitted(to).await?;
        self.ledger.longest();
        let transition = self.operator.phase(to, why).await?;
        let longest = self.ledger.longest();
        let steps = transition.steps.iter().map(|step| step.name.as_str());
        let steps: Vec<&str> = steps.collect();
        self.tell(&format!(
            "epoch {}: {}",
            transition.to_epoch,
            steps.join(" → ")
        ));
        if !steps.contains(&"freeze") {
            return Ok(None);
        }
        self.tell(&format!(
            "flip: the longest that a write waited was {}",
            millis(longest)
        ));
        Ok(Some((phase, longest)))
    }

    async fn backfill(&self) -> Result<()> {
        let name = self.service().name;
        self.tell(&format!("$ dualwrite backfill start {name} --watch"));
        let job = self.operator.backfill().await?;
        self.tell(&format!(
            "backfill: {} rows in {} shards",
            job.rows_done, job.shards_total
        ));
        Ok(())
    }

    /// What it did since the last look, for the line of a second.
    pub(crate) async fn second(&self) -> Result<String> {
        let migration = self.operator.migration().await?;
        let phase = word(migration.phase());
        let markers = migration.health.map_or(0, |health| health.markers);
        let interval = self.ledger.interval();
        Ok(place(self.service().name, phase, &interval, markers))
    }

    /// The proof: no marker is left, both databases hold the same rows, and
    /// every acknowledged count is in them, once.
    pub(crate) async fn prove(
        &self,
        shop: &Shop,
        pauses: Vec<(&'static str, Duration)>,
    ) -> Result<Ending> {
        let failures = self.ledger.failures();
        if let Some(first) = failures.first() {
            bail!(
                "{} writes of {} failed; the first: {first}",
                failures.len(),
                self.service().name
            );
        }
        self.converged(shop).await?;
        let compared = shop.compare(self.service()).await?;
        self.screen.comparison(self.service().name, &compared);
        for tally in self.service().tallies(shop.dialect()) {
            self.exact(shop, tally).await?;
        }
        Ok(Ending {
            service: self.service().name,
            pauses,
            acknowledged: self.ledger.total(),
            compared: compared.iter().map(|one| one.rows).sum(),
            differences: compared.iter().map(|one| one.differences).sum(),
        })
    }

    /// No marker is left in the outbox of the primary, by plain SQL.
    async fn converged(&self, shop: &Shop) -> Result<()> {
        let service = self.service();
        for entity in service.entities {
            let query = service.markers(entity, shop.dialect());
            let gone = until("the markers go", PATIENCE, async || {
                let rows = shop.query(service, Which::New, &query).await.ok()?;
                (rows.first()?.first()?.as_deref() == Some("0")).then_some(())
            });
            gone.await?;
        }
        Ok(())
    }

    /// Both databases count what was acknowledged, key by key.
    async fn exact(&self, shop: &Shop, tally: Tally) -> Result<()> {
        let Tally {
            what,
            legacy,
            new,
            stock,
        } = tally;
        let acknowledged = self.ledger.counts(what);
        for (which, query) in [(Which::Legacy, legacy), (Which::New, new)] {
            let found = Tally::read(shop.query(self.service(), which, &query).await?)?;
            ensure!(
                found == acknowledged,
                "{what} on {which:?} are {found:?}; acknowledged were {acknowledged:?}"
            );
        }
        let total: i64 = acknowledged.values().sum();
        ensure!(total > 0, "the traffic counted no {what}");
        self.tell(&format!(
            "{total} {what} acknowledged, {total} found on both sides"
        ));
        match stock {
            Some(stock) => self.never_below_nothing(shop, total, stock).await,
            None => Ok(()),
        }
    }

    /// What was there is what was taken and what is left, on both sides.
    async fn never_below_nothing(&self, shop: &Shop, taken: i64, stock: Stock) -> Result<()> {
        let Stock {
            initial,
            legacy,
            new,
        } = stock;
        for (which, query) in [(Which::Legacy, legacy), (Which::New, new)] {
            let rows = shop.query(self.service(), which, &query).await?;
            let [Some(least), Some(left)] = &rows.first().context("no row of stock")?[..] else {
                bail!("stock on {which:?} is {rows:?}")
            };
            let (least, left): (i64, i64) = (least.parse()?, left.parse()?);
            ensure!(least >= 0, "there are {least} of something on {which:?}");
            ensure!(
                taken + left == initial,
                "{taken} taken and {left} left on {which:?} are not {initial}"
            );
        }
        let left = initial - taken;
        self.tell(&format!(
            "{initial} at first = {taken} taken + {left} left, nothing ever below 0"
        ));
        Ok(())
    }

    fn tell(&self, text: &str) {
        self.screen.tell(self.service().name, text);
    }
}
