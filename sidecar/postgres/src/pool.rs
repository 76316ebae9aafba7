//! The connections of one database, in three pools, so that no kind of work can
//! starve another: foreground writes and reads; copies; and the few short
//! statements that move fences and feed the relay.

mod connect;
mod session;
mod upkeep;

use std::sync::Arc;
use std::time::Duration;

use deadpool_postgres::{
    Hook, HookError, Manager, ManagerConfig, Pool, PoolError, Runtime, TimeoutType,
};
use dualwrite_engine::store::{Attempts, PoolStatus, StoreError};

use crate::config::{ConfigError, Limits, PostgresConfig, Security};
use crate::conn::Conn;
use crate::errors;
use crate::tls::Tls;
use connect::Opener;

pub(crate) use session::{REQUIRED, Session, millis};

/// Connections for fence and relay. A relay pulls one batch at a time and
/// clears markers behind it, the sweep does the same, and a flip or a fence
/// read must still find one free.
const CONTROL_CONNECTIONS: usize = 4;

/// The connections of one database.
#[derive(Debug, Clone)]
pub(crate) struct Pools {
    /// Foreground writes and reads.
    main: Lane,
    /// Transactions that copy to this side.
    copies: Lane,
    /// Fences, pulls, markers, installation.
    control: Lane,
    tls: Tls,
}

/// The connections for one kind of work.
#[derive(Debug, Clone)]
struct Lane {
    pool: Pool,
    /// What they are for, as an error has it.
    purpose: &'static str,
    attempts: Arc<Attempts>,
}

// === impl Pools ===

impl Pools {
    pub(crate) fn new(config: &PostgresConfig) -> Result<Self, ConfigError> {
        let (driver, security) = config.driver()?;
        let tls = Tls::new(&driver, security)?;
        let opener = Opener::new(config, tls.clone());
        let Limits {
            statement,
            long_statement,
            ..
        } = config.limits;
        let lane = |purpose, connections, statement| {
            let manager =
                Manager::from_connect(driver.clone(), opener.clone(), ManagerConfig::default());
            Lane::new(purpose, manager, connections, config, statement)
        };
        let most = config.max_connections;
        Ok(Self {
            main: lane("foreground writes and reads", most, statement)?,
            copies: lane("copies", most.div_ceil(2), statement)?,
            control: lane("fences and the relay", CONTROL_CONNECTIONS, long_statement)?,
            tls,
        })
    }

    /// A connection for a foreground write or read.
    pub(crate) async fn main(&self) -> Result<Conn, StoreError> {
        self.main.get().await
    }

    /// A connection for a transaction that copies.
    pub(crate) async fn copies(&self) -> Result<Conn, StoreError> {
        self.copies.get().await
    }

    /// A connection for fence and relay.
    pub(crate) async fn control(&self) -> Result<Conn, StoreError> {
        self.control.get().await
    }

    /// How connections are protected.
    pub(crate) fn security(&self) -> &Security {
        self.tls.security()
    }

    /// How busy they are, together.
    pub(crate) fn status(&self) -> PoolStatus {
        let lanes = [&self.main, &self.copies, &self.control];
        lanes.into_iter().fold(PoolStatus::default(), |sum, lane| {
            let status = lane.pool.status();
            let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
            PoolStatus {
                in_use: sum.in_use + count(status.size.saturating_sub(status.available)),
                idle: sum.idle + count(status.available.min(status.size)),
                max: sum.max + count(status.max_size),
                waiting: sum.waiting + lane.attempts.waiting(),
                last_error: sum.last_error.or_else(|| lane.attempts.last_error()),
            }
        })
    }
}

// === impl Lane ===

impl Lane {
    fn new(
        purpose: &'static str,
        manager: Manager,
        connections: usize,
        config: &PostgresConfig,
        statement: Duration,
    ) -> Result<Self, ConfigError> {
        let session = Session::new(config.limits, statement);
        let pool = Pool::builder(manager)
            .max_size(connections)
            .wait_timeout(Some(config.connect_timeout))
            .create_timeout(Some(config.connect_timeout))
            .runtime(Runtime::Tokio1)
            .post_create(Hook::async_fn(move |client, _| {
                let session = session.clone();
                Box::pin(async move { session.set(client).await.map_err(HookError::Backend) })
            }))
            .pre_recycle(upkeep::hook(config.connection_lifetime))
            .build()
            .map_err(|error| ConfigError::Pool(error.to_string()))?;
        Ok(Self {
            pool,
            purpose,
            attempts: Arc::default(),
        })
    }

    async fn get(&self) -> Result<Conn, StoreError> {
        let attempt = async { self.pool.get().await.map_err(|error| self.told(error)) };
        self.attempts.make(attempt).await.map(Conn::new)
    }

    fn told(&self, error: PoolError) -> StoreError {
        match error {
            PoolError::Timeout(TimeoutType::Wait) => StoreError::Exhausted(format!(
                "all {} connections for {} are in use; expected fewer calls at once, or a larger \
                 --max-connections",
                self.pool.status().max_size,
                self.purpose
            )),
            PoolError::Timeout(TimeoutType::Create | TimeoutType::Recycle) => {
                StoreError::Unavailable(format!(
                    "a connection for {} could not be opened in time",
                    self.purpose
                ))
            }
            PoolError::Backend(error) | PoolError::PostCreateHook(HookError::Backend(error)) => {
                errors::connecting(&error)
            }
            PoolError::PostCreateHook(HookError::Message(why)) => {
                StoreError::Unavailable(why.into_owned())
            }
            PoolError::Closed => StoreError::Unavailable("the pool is closed".into()),
            PoolError::NoRuntimeSpecified => {
                StoreError::Unavailable("the pool has no runtime".into())
            }
        }
    }
}
