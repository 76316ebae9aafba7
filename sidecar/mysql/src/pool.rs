//! The connections of one database, in three lanes, so that no kind of work can
//! starve another: foreground writes and reads; copies; and the few short
//! statements that move fences and feed the relay.
//!
//! A [`Conn`] is a connection in use. When it is dropped, at whatever await
//! point, what is open is rolled back by a task of its own before anybody else
//! gets it; in the middle of a statement, or when that takes too long, the
//! connection is closed, which comes to the same on the server.

mod conn;
mod open;
mod settings;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use dualwrite_engine::store::{Attempts, PoolStatus, StoreError};
use sqlx::mysql::MySqlRow;
use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout_at};

use crate::config::{ConfigError, Limits, MysqlConfig, Security};
use conn::Idle;
use open::Opener;

pub(crate) use conn::Conn;
pub(crate) use open::Flavour;
pub(crate) use settings::{REQUIRED, seconds};

/// Connections for fence and relay. A relay pulls one batch at a time and
/// clears markers behind it, the sweep does the same, and a flip or a fence
/// read must still find one free.
const CONTROL_CONNECTIONS: usize = 4;

/// How long the change of a fence waits at a time, and so how long those wait
/// that come behind it. The server counts in whole seconds.
const FENCE_WAIT: Duration = Duration::from_secs(1);

/// How a transaction begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Begin {
    /// Every statement sees what was committed before it.
    Write,
    /// All statements see one snapshot, taken now, and none writes.
    Snapshot,
}

/// What a transaction's first statement came to: its rows, or the server's
/// refusal, after which the transaction can only be rolled back.
pub(crate) type First = Result<Vec<MySqlRow>, sqlx::Error>;

/// The connections of one database.
#[derive(Debug)]
pub(crate) struct Pools {
    /// Foreground writes and reads.
    pub(crate) main: Lane,
    /// Transactions that copy to this side.
    pub(crate) copies: Lane,
    /// Fences, pulls, markers, installation.
    pub(crate) control: Lane,
    security: Security,
}

/// The connections for one kind of work.
#[derive(Debug)]
pub(crate) struct Lane {
    shared: Arc<Shared>,
    permits: Arc<Semaphore>,
    attempts: Attempts,
    /// What they are for, as an error has it.
    purpose: &'static str,
    patience: Duration,
}

#[derive(Debug)]
struct Shared {
    opener: Opener,
    max: usize,
    lifetime: Duration,
    idle: Mutex<Vec<Idle>>,
}

// === impl Pools ===

impl Pools {
    pub(crate) fn new(config: &MysqlConfig) -> Result<Self, ConfigError> {
        let (driver, security) = config.driver()?;
        let limits = config.limits;
        let lane = |purpose, max, statement, lock| {
            let limits = Limits { lock, ..limits };
            let opener = Opener::new(config, driver.clone(), limits, statement);
            Lane::new(purpose, max, opener, config)
        };
        let most = config.max_connections;
        Ok(Self {
            main: lane(
                "foreground writes and reads",
                most,
                limits.statement,
                limits.lock,
            ),
            copies: lane("copies", most.div_ceil(2), limits.statement, limits.lock),
            control: lane(
                "fences and the relay",
                CONTROL_CONNECTIONS,
                limits.long_statement,
                FENCE_WAIT,
            ),
            security,
        })
    }

    /// How connections are protected.
    pub(crate) fn security(&self) -> Security {
        self.security
    }

    /// How busy they are, together.
    pub(crate) fn status(&self) -> PoolStatus {
        let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        let lanes = [&self.main, &self.copies, &self.control];
        lanes.into_iter().fold(PoolStatus::default(), |sum, lane| {
            let free = lane.permits.available_permits();
            PoolStatus {
                in_use: sum.in_use + count(lane.shared.max.saturating_sub(free)),
                idle: sum.idle + count(lane.shared.idle().len()),
                max: sum.max + count(lane.shared.max),
                waiting: sum.waiting + lane.attempts.waiting(),
                last_error: sum.last_error.or_else(|| lane.attempts.last_error()),
            }
        })
    }
}

// === impl Lane ===

impl Lane {
    fn new(purpose: &'static str, max: usize, opener: Opener, config: &MysqlConfig) -> Self {
        Self {
            shared: Arc::new(Shared {
                opener,
                max,
                lifetime: config.connection_lifetime,
                idle: Mutex::default(),
            }),
            permits: Arc::new(Semaphore::new(max)),
            attempts: Attempts::default(),
            purpose,
            patience: config.connect_timeout,
        }
    }

    /// A connection with no transaction open.
    pub(crate) async fn get(&self) -> Result<Conn, StoreError> {
        self.attempts.make(self.attempt()).await
    }

    /// Begins a transaction and runs its first statement (which binds nothing)
    /// in the same round trip.
    pub(crate) async fn begin(
        &self,
        begin: Begin,
        first: &str,
    ) -> Result<(Conn, First), StoreError> {
        loop {
            let mut conn = self.get().await?;
            match conn.begin(begin, first).await {
                Err(error) if conn.is_lost() && conn.was_idle() => {
                    // It may have been closed long ago; nothing was done on it.
                    tracing::debug!(%error, "an idle connection was closed meanwhile");
                }
                first => return Ok((conn, first)),
            }
        }
    }

    async fn attempt(&self) -> Result<Conn, StoreError> {
        let deadline = Instant::now() + self.patience;
        let permit = timeout_at(deadline, Arc::clone(&self.permits).acquire_owned()).await;
        let Ok(Ok(permit)) = permit else {
            return Err(StoreError::Exhausted(format!(
                "all {} connections for {} are in use; expected fewer calls at once, or a larger \
                 --max-connections",
                self.shared.max, self.purpose
            )));
        };
        if let Some(idle) = self.shared.usable() {
            return Ok(Conn::reused(idle, Arc::clone(&self.shared), permit));
        }
        match timeout_at(deadline, self.shared.opener.open()).await {
            Ok(opened) => Ok(Conn::fresh(opened?, Arc::clone(&self.shared), permit)),
            Err(_late) => Err(StoreError::Unavailable(format!(
                "a connection for {} could not be opened in time",
                self.purpose
            ))),
        }
    }
}

// === impl Shared ===

impl Shared {
    fn idle(&self) -> MutexGuard<'_, Vec<Idle>> {
        // A list of connections is whole whatever happened to its last user.
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The connection that was used last, if it may be used again. Those that
    /// may not are closed on the way.
    fn usable(&self) -> Option<Idle> {
        let mut idle = self.idle();
        while let Some(last) = idle.pop() {
            if last.may_be_used(self.lifetime) {
                return Some(last);
            }
        }
        None
    }
}
