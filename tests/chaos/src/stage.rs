//! The fleet of a run: a control plane, sidecars, and a proxy between any two parties.

mod links;

use std::time::Duration;

use anyhow::{Context, Result};
use dualwrite_proto::v1::Phase;
use dualwrite_tests::fleet::RunningFleet;
use dualwrite_tests::proxy::Proxy;
use dualwrite_tests::{Fleet, Operator, until};

use crate::bed::{Bed, MANIFEST, SERVICE};
use crate::engines::Engines;
use crate::history::Side;
pub use links::{Links, Party};

/// How long a fleet may take to be whole again once nothing is broken.
const WHOLE: Duration = Duration::from_mins(2);

/// Everything that runs.
#[derive(Debug)]
pub struct Stage {
    /// Control plane and sidecars.
    pub fleet: RunningFleet,
    /// Who tells them what to do.
    pub operator: Operator,
    /// The ways of each sidecar to the others.
    pub links: Vec<Links>,
    /// What gives a process a clock of its own, where it is installed.
    pub faketime: Option<String>,
    /// The two databases. (They outlive those who write to them.)
    pub bed: Bed,
}

impl Stage {
    /// A fleet of so many sidecars in `legacy_only`, over empty databases.
    pub async fn set(engines: Engines, sidecars: usize) -> Result<Self> {
        let bed = Bed::make(engines).await?;
        // The plan of the fleet itself reaches the databases directly: for installing.
        let direct = |side| {
            let database = bed.of(side);
            database.url_at(database.port().unwrap_or_default())
        };
        let fleet = Fleet::of(SERVICE, direct(Side::Legacy), direct(Side::New));
        let fleet = fleet.start().await?;
        let operator = Operator::of(SERVICE, &fleet.control_plane_url())?;
        operator.apply(MANIFEST).await?;
        let mut stage = Self {
            fleet,
            operator,
            links: Vec::new(),
            faketime: faketime(),
            bed,
        };
        for _ in 0..sidecars {
            stage.add_sidecar().await?;
        }
        stage.operator.followed_by(u32::try_from(sidecars)?).await?;
        Ok(stage)
    }

    async fn add_sidecar(&mut self) -> Result<()> {
        let control = self.fleet.control_plane_url();
        let control = Proxy::to(address(&control)?).await?;
        let mut databases = Vec::new();
        let mut urls = Vec::new();
        for side in Side::BOTH {
            let database = self.bed.of(side);
            let proxy = links::to_database(database).await?;
            let port = proxy.as_ref().map(Proxy::port).unwrap_or_default();
            urls.push(database.url_at(port));
            databases.push(proxy);
        }
        let [legacy_url, new_url] = &urls[..] else {
            anyhow::bail!("two sides have two URLs")
        };
        let ways = Fleet::of(SERVICE, legacy_url, new_url);
        let number = self.fleet.add_sidecar_by(&ways, &control.url()).await?;
        let client = self.fleet.sidecar_url(number)?;
        let client = Proxy::to(address(&client)?).await?;
        let new = databases.pop().flatten();
        let legacy = databases.pop().flatten();
        self.links.push(Links {
            control,
            legacy,
            new,
            client,
        });
        Ok(())
    }

    /// Where applications reach each sidecar.
    #[must_use]
    pub fn client_urls(&self) -> Vec<String> {
        self.links.iter().map(|links| links.client.url()).collect()
    }

    /// Which side is primary, as the control plane knows it.
    pub async fn primary(&self) -> Result<Side> {
        match self.operator.migration().await?.phase() {
            Phase::LegacyOnly | Phase::DualWrite => Ok(Side::Legacy),
            Phase::NewPrimary | Phase::NewOnly => Ok(Side::New),
            Phase::Unspecified => anyhow::bail!("the migration has no phase"),
        }
    }

    /// Heals everything: ways, databases, processes.
    pub async fn heal(&mut self) -> Result<()> {
        for links in &self.links {
            links.heal();
        }
        for side in Side::BOTH {
            if !self.bed.of(side).runs() {
                self.bed.of_mut(side).restart().await?;
            }
        }
        if self.fleet.control_plane().is_err() {
            self.fleet.restart_control_plane().await?;
        }
        for number in 0..self.fleet.sidecars() {
            match self.fleet.sidecar(number) {
                Ok(process) => process.sigcont()?,
                Err(_) => self.fleet.restart_sidecar(number).await?,
            }
        }
        self.whole().await
    }

    /// Waits until every sidecar follows and no transition is under way.
    pub async fn whole(&self) -> Result<()> {
        let sidecars = u32::try_from(self.fleet.sidecars())?;
        let whole = until("the fleet is whole", WHOLE, async || {
            let migration = self.operator.migration().await;
            let migration = migration.map_err(|error| error.to_string())?;
            let health = migration.health.unwrap_or_default();
            let running = migration
                .transition
                .is_some_and(|one| one.end_time.is_none());
            let follows = health.live_sidecars == sidecars && health.acked_sidecars == sidecars;
            if follows && !running {
                Ok(())
            } else {
                Err(format!("{health:?}, transition under way: {running}"))
            }
        });
        Ok(whole.await?)
    }
}

/// Debian's libfaketime, where the package of that name puts it.
fn faketime() -> Option<String> {
    let folders = std::fs::read_dir("/usr/lib").ok()?;
    let candidates = folders.flatten().map(|folder| folder.path());
    let library = candidates.map(|folder| folder.join("faketime/libfaketimeMT.so.1"));
    let mut found = library.filter(|library| library.is_file());
    Some(found.next()?.display().to_string())
}

/// `127.0.0.1:PORT` of a URL.
fn address(url: &str) -> Result<&str> {
    url.strip_prefix("http://")
        .with_context(|| format!("{url} is no http URL"))
}
