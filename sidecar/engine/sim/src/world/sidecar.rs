//! One sidecar: an engine that is started, killed and started again.

use std::future::{Future, pending};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use dualwrite_core::flags::Flags;
use dualwrite_core::side::Side;
use dualwrite_engine::store::Store;
use dualwrite_engine::{Engine, EngineConfig, Stores};
use tokio::sync::Notify;
use tokio::task::AbortHandle;

use crate::mutant::Mutant;
use crate::random::{Numbers, Random};
use crate::scenario::Scenario;
use crate::server::Server;
use crate::shop::SERVICE;
use crate::sky::Sky;
use crate::store::SimStore;

/// One sidecar.
#[derive(Debug)]
pub(super) struct Sidecar {
    pub(super) number: usize,
    servers: [Arc<Server>; 2],
    sky: Sky,
    mutant: Option<Mutant>,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    random: Random,
    flags: Flags,
    lives: u64,
    life: Option<Life>,
}

#[derive(Debug, Clone)]
struct Life {
    engine: Engine,
    task: AbortHandle,
    gone: Arc<Gone>,
    number: u64,
}

/// Whether a process is gone, for those who wait for its answer.
#[derive(Debug, Default)]
pub(super) struct Gone {
    gone: AtomicBool,
    told: Notify,
}

impl Gone {
    fn now(&self) {
        self.gone.store(true, Ordering::SeqCst);
        self.told.notify_waiters();
    }

    async fn wait(&self) {
        let told = self.told.notified();
        if !self.gone.load(Ordering::SeqCst) {
            told.await;
        }
    }
}

/// One process, as its callers have it.
#[derive(Debug, Clone)]
pub(super) struct Process {
    pub(super) engine: Engine,
    gone: Arc<Gone>,
    /// Which sidecar, and which of its lives.
    pub(super) name: (usize, u64),
}

impl Process {
    /// The answer to a call; none when the process is killed meanwhile.
    pub(super) async fn ask<T>(&self, call: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            biased;
            () = self.gone.wait() => None,
            answer = call => Some(answer),
        }
    }
}

impl Sidecar {
    pub(super) fn new(
        number: usize,
        scenario: &Scenario,
        servers: &[Arc<Server>; 2],
        sky: &Sky,
        mutant: Option<Mutant>,
    ) -> Self {
        let state = State {
            random: Random::new(scenario.seed, &format!("sidecar {number}")),
            flags: scenario.flags.clone(),
            lives: 0,
            life: None,
        };
        Self {
            number,
            servers: servers.clone(),
            sky: sky.clone(),
            mutant,
            state: Mutex::new(state),
        }
    }

    /// An engine in fair weather that nothing runs in.
    pub(super) fn installer(servers: &[Arc<Server>; 2]) -> Engine {
        let store = |server| Arc::new(SimStore::fair(server)) as Arc<dyn Store>;
        let stores = Stores {
            legacy: Some(store(&servers[0])),
            new: Some(store(&servers[1])),
        };
        engine(stores, Random::new(0, "installer"))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Starts it, unless it runs.
    pub(super) fn start(&self) {
        let mut state = self.state();
        if state.life.is_some() {
            return;
        }
        state.lives += 1;
        let store = |side| {
            let server = match side {
                Side::Legacy => &self.servers[0],
                Side::New => &self.servers[1],
            };
            let store = SimStore::new(server, self.sky.over(self.number, side));
            Arc::new(store.broken(self.mutant)) as Arc<dyn Store>
        };
        let stores = Stores {
            legacy: Some(store(Side::Legacy)),
            new: Some(store(Side::New)),
        };
        let numbers = Random::new(state.random.draw(), "engine");
        let engine = engine(stores, numbers);
        engine.adopt(state.lives, state.flags.clone(), false);
        let task = tokio::spawn(engine.clone().run(pending())).abort_handle();
        state.life = Some(Life {
            engine,
            task,
            gone: Arc::default(),
            number: state.lives,
        });
    }

    /// Kills it as `kill -9` does: nothing of it goes on but what its servers
    /// were already asked for.
    pub(super) fn kill(&self) {
        if let Some(life) = self.state().life.take() {
            life.task.abort();
            life.gone.now();
        }
    }

    /// Gives it other flags, also for its lives to come.
    pub(super) fn adopt(&self, revision: u64, flags: &Flags, plan_running: bool) {
        let mut state = self.state();
        state.flags = flags.clone();
        if let Some(life) = &state.life {
            life.engine.adopt(revision, flags.clone(), plan_running);
        }
    }

    /// The process that runs now.
    pub(super) fn process(&self) -> Option<Process> {
        let state = self.state();
        let life = state.life.as_ref()?;
        Some(Process {
            engine: life.engine.clone(),
            gone: Arc::clone(&life.gone),
            name: (self.number, life.number),
        })
    }
}

fn engine(stores: Stores, numbers: Random) -> Engine {
    let config = EngineConfig {
        service: SERVICE.to_owned(),
    };
    Engine::new(config, stores, Arc::new(Numbers::of(numbers)))
}
