//! One run: two servers, sidecars, applications, an operator, and blows; then
//! everything is healed, and all must come to rest.

mod blows;
mod client;
mod operator;
mod rest;
mod sidecar;
mod words;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use dualwrite_core::fence::EpochSettings;
use dualwrite_core::phase::Phase;
use dualwrite_core::side::Side;
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::mutant::Mutant;
use crate::oracle::{Oracle, Violation};
use crate::random::Random;
use crate::scenario::Scenario;
use crate::server::Server;
use crate::shop::{self, SERVICE};
use crate::sky::Sky;
use crate::trace::Trace;
use sidecar::Sidecar;

/// How long everything may take to come to rest once it is healed, in virtual
/// time.
const REST_WITHIN: Duration = Duration::from_mins(3);

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Its seed.
    pub seed: u64,
    /// The rules that were broken.
    pub violations: Vec<Violation>,
    /// Requests that were executed.
    pub executed: u64,
    /// Calls of the port, and how many of them something was done to.
    pub calls: (u64, u64),
    /// Transitions that ended, forward or back.
    pub moves: u64,
    /// Virtual time from the healing until everything was at rest.
    pub rest_after: Duration,
    /// What happened, where it was asked for.
    pub trace: String,
}

/// Runs a scenario to its end. With a mutant, the engines are broken in that
/// one way.
#[must_use]
pub fn run(scenario: &Scenario, mutant: Option<Mutant>, traced: bool) -> Report {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build();
    match runtime {
        Ok(runtime) => runtime.block_on(live(scenario, mutant, traced)),
        Err(error) => Report {
            seed: scenario.seed,
            violations: vec![Violation {
                rule: "runtime",
                what: error.to_string(),
            }],
            executed: 0,
            calls: (0, 0),
            moves: 0,
            rest_after: Duration::ZERO,
            trace: String::new(),
        },
    }
}

/// What the parts of a run have in common.
#[derive(Debug)]
struct World {
    scenario: Scenario,
    servers: [Arc<Server>; 2],
    sidecars: Vec<Sidecar>,
    oracle: Arc<Oracle>,
    sky: Sky,
    trace: Arc<Trace>,
    /// Applications, operator and blows stop.
    over: AtomicBool,
}

impl World {
    fn server(&self, side: Side) -> &Arc<Server> {
        match side {
            Side::Legacy => &self.servers[0],
            Side::New => &self.servers[1],
        }
    }

    fn is_over(&self) -> bool {
        self.over.load(Ordering::Relaxed)
    }

    /// A stream of numbers of its own for a part.
    fn random(&self, part: &str) -> Random {
        Random::new(self.scenario.seed, part)
    }
}

async fn live(scenario: &Scenario, mutant: Option<Mutant>, traced: bool) -> Report {
    let world = Arc::new(build(scenario, mutant, traced));
    install(&world).await;
    let mut parts = JoinSet::new();
    for number in 0..scenario.clients {
        parts.spawn(client::run(Arc::clone(&world), number));
    }
    let moves = Arc::new(std::sync::atomic::AtomicU64::new(0));
    parts.spawn(operator::run(Arc::clone(&world), Arc::clone(&moves)));
    parts.spawn(blows::run(Arc::clone(&world)));
    let rest_after = tokio::select! {
        biased;
        rest_after = to_the_end(&world, &mut parts) => rest_after,
        // What comes after a broken rule says nothing.
        () = world.oracle.first_broken() => Duration::ZERO,
    };
    parts.abort_all();
    for sidecar in &world.sidecars {
        sidecar.kill();
    }
    Report {
        seed: scenario.seed,
        violations: world.oracle.violations(),
        executed: world.oracle.executions(),
        calls: world.sky.counts(),
        moves: moves.load(Ordering::Relaxed),
        rest_after,
        trace: world.trace.text(),
    }
}

/// Lets it go on, heals everything, and waits until all is at rest; answers how
/// long that took.
async fn to_the_end(world: &Arc<World>, parts: &mut JoinSet<()>) -> Duration {
    tokio::time::sleep(world.scenario.span).await;
    world.trace.note(format_args!("HEALED"));
    world.over.store(true, Ordering::Relaxed);
    world.sky.clear_up();
    for server in &world.servers {
        server.start();
    }
    for sidecar in &world.sidecars {
        sidecar.start();
    }
    let healed = tokio::time::Instant::now();
    let rest = async {
        while parts.join_next().await.is_some() {}
        rest::come_to_rest(world).await;
    };
    if timeout(REST_WITHIN, rest).await.is_err() {
        world.oracle.broken("rest", rest::what_is_left(world));
    }
    healed.elapsed()
}

fn build(scenario: &Scenario, mutant: Option<Mutant>, traced: bool) -> World {
    let trace = Arc::new(Trace::new(traced));
    trace.note(format_args!("{scenario:?}"));
    let servers = [
        Server::new("legacy", scenario.flavours[0]),
        Server::new("new", scenario.flavours[1]),
    ];
    let comparable = scenario.phase != Phase::LegacyOnly;
    for (side, server) in Side::BOTH.into_iter().zip(&servers) {
        shop::create_tables(server, side, scenario.referring);
        if side == Side::Legacy || comparable {
            for id in 0..scenario.keys / 2 {
                shop::put_cart(server, side, i64::try_from(id).unwrap_or_default());
            }
        }
    }
    let oracle = Oracle::watch(&servers[0], &servers[1], comparable, &trace);
    let sky = Sky::new(scenario.seed, scenario.faults, scenario.zombies, &trace);
    let sidecars = (0..scenario.sidecars)
        .map(|number| Sidecar::new(number, scenario, &servers, &sky, mutant))
        .collect();
    World {
        scenario: scenario.clone(),
        servers,
        sidecars,
        oracle,
        sky,
        trace,
        over: AtomicBool::new(false),
    }
}

/// Creates our tables, in fair weather, and starts the sidecars.
async fn install(world: &World) {
    let installer = Sidecar::installer(&world.servers);
    let phase = world.scenario.phase;
    let settings = EpochSettings::initial(SERVICE, phase, true, shop::entities());
    if let Err(error) = installer.install(&settings).await {
        world.oracle.broken("install", error.to_string());
    }
    for sidecar in &world.sidecars {
        sidecar.start();
    }
}
