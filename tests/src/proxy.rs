//! A TCP proxy between two parties that does to their messages what networks do: it cuts, slows,
//! goes silent, resets, and breaks off in the middle of a message.
//!
//! What lasts is a [`Weather`]; what happens once is a [`Break`]. A [`Tripwire`] waits for one
//! statement on its way to PostgreSQL, and does something just then.

mod frames;
mod pump;
mod tripwire;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::Result;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

pub use tripwire::{Moment, Tripped, Tripwire};

/// How the way is, until it is changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weather {
    /// Everything passes.
    Clear,
    /// Connections end, and new ones are refused.
    Cut,
    /// Connections stay and nothing passes, in neither direction: a cable that was pulled.
    Silent,
    /// Every piece of a message comes this much later.
    Slow(Duration),
}

/// What happens once, to the next message that comes by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Break {
    /// Every connection is reset now.
    Reset,
    /// Half of the next request passes, then the connection is reset.
    MidRequest,
    /// The next request passes, and the connection is reset before its answer: the sender cannot
    /// know whether it took effect.
    BeforeAnswer,
    /// Half of the next answer passes, then the connection is reset.
    MidAnswer,
}

/// A listener that passes on what it hears, as well as it is told to.
#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    state: Arc<State>,
    task: JoinHandle<()>,
}

/// What the connections of a proxy share.
#[derive(Debug)]
pub(crate) struct State {
    weather: watch::Sender<Weather>,
    /// Counts up when every connection is to be reset.
    resets: watch::Sender<u64>,
    once: Mutex<Option<Break>>,
    tripwires: Mutex<BTreeMap<u64, Arc<Tripwire>>>,
}

impl Proxy {
    /// A proxy in front of `target` (`127.0.0.1:PORT`).
    pub async fn to(target: &str) -> Result<Self> {
        Self::start(target, false).await
    }

    /// A proxy in front of a PostgreSQL server: it can tell one statement from another.
    pub async fn to_postgres(target: &str) -> Result<Self> {
        Self::start(target, true).await
    }

    async fn start(target: &str, postgres: bool) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let state = Arc::new(State {
            weather: watch::Sender::new(Weather::Clear),
            resets: watch::Sender::new(0),
            once: Mutex::default(),
            tripwires: Mutex::default(),
        });
        let shared = Arc::clone(&state);
        let task = tokio::spawn(accept(listener, target.to_owned(), shared, postgres));
        Ok(Self {
            address,
            state,
            task,
        })
    }

    /// Where it listens, as a URL.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The port where it listens.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// How the way is from now on.
    pub fn weather(&self, weather: Weather) {
        self.state.weather.send_replace(weather);
    }

    /// Ends every connection, and refuses new ones.
    pub fn cut(&self) {
        self.weather(Weather::Cut);
    }

    /// Lets everything through again.
    pub fn heal(&self) {
        *self.state.lock_once() = None;
        self.state.lock_tripwires().clear();
        self.weather(Weather::Clear);
    }

    /// Breaks once.
    pub fn break_once(&self, what: Break) {
        match what {
            Break::Reset => self.state.resets.send_modify(|resets| *resets += 1),
            Break::MidRequest | Break::BeforeAnswer | Break::MidAnswer => {
                *self.state.lock_once() = Some(what);
            }
        }
    }

    /// Lays a tripwire; it lies until it was tripped, taken away or everything is healed.
    pub fn lay(&self, wire: &Arc<Tripwire>) {
        let mut wires = self.state.lock_tripwires();
        wires.insert(wire.id(), Arc::clone(wire));
    }

    /// Takes every tripwire away.
    pub fn take_all_away(&self) {
        self.state.lock_tripwires().clear();
    }
}

impl State {
    fn lock_once(&self) -> MutexGuard<'_, Option<Break>> {
        self.once.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lock_tripwires(&self) -> MutexGuard<'_, BTreeMap<u64, Arc<Tripwire>>> {
        let wires = self.tripwires.lock();
        wires.unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes what is to happen once, if it is one of these.
    fn take_once(&self, of: &[Break]) -> Option<Break> {
        self.lock_once().take_if(|once| of.contains(once))
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn accept(listener: TcpListener, target: String, state: Arc<State>, postgres: bool) {
    while let Ok((near, _)) = listener.accept().await {
        if *state.weather.borrow() == Weather::Cut {
            continue;
        }
        let (target, state) = (target.clone(), Arc::clone(&state));
        tokio::spawn(async move {
            let Ok(far) = TcpStream::connect(target).await else {
                return;
            };
            pump::run(near, far, &state, postgres).await;
        });
    }
}

#[cfg(test)]
mod tests;
