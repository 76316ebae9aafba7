//! Everything that runs: one legacy database, three services with their own,
//! one control plane.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use dualwrite_tests::fleet::RunningFleet;
use dualwrite_tests::service::{Dialect, Service, Shop, Which};
use dualwrite_tests::{Fleet, Operator};
use futures_util::future::try_join_all;
use tokio::sync::Barrier;

use crate::args::Args;
use crate::ledger::Ledger;
use crate::player::{Ending, Player};
use crate::screen::{Screen, heading};
use crate::story::{MEETING, STORIES, Story};

/// Sidecars beside each service: it has two instances.
const SIDECARS: u32 = 2;

/// Everything that runs.
#[derive(Debug)]
pub(crate) struct Stage {
    pub(crate) players: Vec<Player>,
    pub(crate) fleet: RunningFleet,
    /// Outlives those who write to it.
    pub(crate) shop: Shop,
    screen: Screen,
}

impl Stage {
    /// Starts databases, control plane and two sidecars a service.
    pub(crate) async fn set(args: &Args, screen: Screen) -> Result<Self> {
        let services = STORIES.map(|story| story.service);
        let shop = Shop::create(args.postgres, &services).await?;
        let engine = match shop.dialect() {
            Dialect::Sqlite => "SQLite",
            Dialect::Postgres => "PostgreSQL",
        };
        screen.say(&format!(
            "one legacy database, and a new one for each service, on {engine}"
        ));
        let [first, ..] = services;
        let mut fleet = fleet_of(first, &shop)?.start().await?;
        screen.say(&format!("control plane at {}", fleet.control_plane_url()));
        let mut players = Vec::new();
        let meeting = Arc::new(Barrier::new(MEETING));
        for story in STORIES {
            let (sidecars, http) = enter(story, screen, &shop, &mut fleet).await?;
            players.push(Player {
                operator: Operator::of(story.service.name, &fleet.control_plane_url())?,
                story,
                sidecars,
                http,
                ledger: Arc::new(Ledger::new()?),
                screen,
                part: Duration::from_secs(args.seconds),
                meeting: Arc::clone(&meeting),
            });
        }
        Ok(Self {
            players,
            fleet,
            shop,
            screen,
        })
    }

    /// Plays all stories at once, then proves each.
    pub(crate) async fn play(&self, writers: u32) -> Result<Vec<Ending>> {
        self.screen
            .title("three services write to legacy through their sidecars, and move on");
        let headings = vec![heading(); self.players.len()];
        self.screen.second(&headings);
        let stories = try_join_all(self.players.iter().map(|player| player.play(writers)));
        let pauses = tokio::select! {
            played = stories => played?,
            watched = self.watch() => return Err(watched.err().context("the watch ended")?),
        };
        self.screen
            .title("traffic has ended; the proof: both databases, row by row, by plain SQL");
        let mut endings = Vec::new();
        for (player, pauses) in self.players.iter().zip(pauses) {
            endings.push(player.prove(&self.shop, pauses).await?);
        }
        Ok(endings)
    }

    /// A line a second, until nobody listens any more.
    async fn watch(&self) -> Result<()> {
        loop {
            tokio::time::sleep(Duration::from_secs(1)).await;
            let places = try_join_all(self.players.iter().map(Player::second)).await?;
            self.screen.second(&places);
        }
    }
}

/// Puts a service on the stage: its manifest, and its sidecars, whose addresses
/// it answers, with that of the first one over HTTP.
async fn enter(
    story: Story,
    screen: Screen,
    shop: &Shop,
    fleet: &mut RunningFleet,
) -> Result<(Vec<String>, String)> {
    let Service { name, manifest, .. } = story.service;
    let operator = Operator::of(name, &fleet.control_plane_url())?;
    operator.apply(manifest).await?;
    screen.tell(
        name,
        &format!("$ dualwrite apply -f examples/{name}/{name}.yaml"),
    );
    let plan = fleet_of(story.service, shop)?;
    let first = fleet.sidecars();
    let mut sidecars = Vec::new();
    for _ in 0..SIDECARS {
        let number = fleet.add_sidecar_of(&plan).await?;
        sidecars.push(fleet.sidecar_url(number)?);
    }
    screen.tell(name, &format!("sidecars at {}", sidecars.join(", ")));
    operator.followed_by(SIDECARS).await?;
    Ok((sidecars, fleet.sidecar_http(first)?))
}

fn fleet_of(service: &'static Service, shop: &Shop) -> Result<Fleet> {
    let legacy = shop.of(service, Which::Legacy)?.url();
    Ok(Fleet::of(
        service.name,
        legacy,
        shop.of(service, Which::New)?.url(),
    ))
}
