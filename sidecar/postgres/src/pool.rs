//! The connections of one database, in three pools, so that no kind of work can
//! starve another: foreground writes and reads; copies; and the few short
//! statements that move fences and feed the relay.

mod session;

use std::time::Duration;

use deadpool_postgres::{
    Hook, HookError, Manager, ManagerConfig, Pool, PoolError, RecyclingMethod, Runtime,
};
use dualwrite_engine::store::{PoolStatus, StoreError};
use tokio_postgres::NoTls;

use crate::config::{ConfigError, Limits, PostgresConfig};
use crate::conn::Conn;
use crate::errors;

pub(crate) use session::{REQUIRED, Session, millis};

/// Connections for fence and relay. A relay pulls one batch at a time and
/// clears markers behind it, the sweep does the same, and a flip or a fence
/// read must still find one free.
const CONTROL_CONNECTIONS: usize = 4;

/// The connections of one database.
#[derive(Debug, Clone)]
pub(crate) struct Pools {
    /// Foreground writes and reads.
    main: Pool,
    /// Transactions that copy to this side.
    copies: Pool,
    /// Fences, pulls, markers, installation.
    control: Pool,
}

impl Pools {
    pub(crate) fn new(config: &PostgresConfig) -> Result<Self, ConfigError> {
        let driver = config.driver()?;
        let Limits {
            statement,
            long_statement,
            ..
        } = config.limits;
        let pool = |connections: usize, statement: Duration| {
            let manager = Manager::from_config(
                driver.clone(),
                tls(),
                ManagerConfig {
                    recycling_method: RecyclingMethod::Fast,
                },
            );
            let session = Session::new(config.limits, statement);
            Pool::builder(manager)
                .max_size(connections)
                .wait_timeout(Some(config.connect_timeout))
                .create_timeout(Some(config.connect_timeout))
                .runtime(Runtime::Tokio1)
                .post_create(Hook::async_fn(move |client, _| {
                    let session = session.clone();
                    Box::pin(async move { session.set(client).await.map_err(HookError::Backend) })
                }))
                .build()
                .map_err(|error| ConfigError::Pool(error.to_string()))
        };
        Ok(Self {
            main: pool(config.max_connections, statement)?,
            copies: pool(config.max_connections.div_ceil(2), statement)?,
            control: pool(CONTROL_CONNECTIONS, long_statement)?,
        })
    }

    /// A connection for a foreground write or read.
    pub(crate) async fn main(&self) -> Result<Conn, StoreError> {
        get(&self.main).await
    }

    /// A connection for a transaction that copies.
    pub(crate) async fn copies(&self) -> Result<Conn, StoreError> {
        get(&self.copies).await
    }

    /// A connection for fence and relay.
    pub(crate) async fn control(&self) -> Result<Conn, StoreError> {
        get(&self.control).await
    }

    /// How busy they are, together.
    pub(crate) fn status(&self) -> PoolStatus {
        let pools = [&self.main, &self.copies, &self.control];
        pools.into_iter().fold(PoolStatus::default(), |sum, pool| {
            let status = pool.status();
            let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
            PoolStatus {
                in_use: sum.in_use + count(status.size.saturating_sub(status.available)),
                idle: sum.idle + count(status.available.min(status.size)),
                max: sum.max + count(status.max_size),
                ..PoolStatus::default()
            }
        })
    }
}

/// How connections are encrypted: not yet. The one place where that changes.
const fn tls() -> NoTls {
    NoTls
}

async fn get(pool: &Pool) -> Result<Conn, StoreError> {
    match pool.get().await {
        Ok(object) => Ok(Conn::new(object)),
        Err(PoolError::Timeout(what)) => Err(StoreError::Unavailable(format!(
            "no connection in time ({what:?})"
        ))),
        Err(PoolError::Backend(error) | PoolError::PostCreateHook(HookError::Backend(error))) => {
            Err(errors::connecting(&error))
        }
        Err(PoolError::PostCreateHook(HookError::Message(why))) => {
            Err(StoreError::Unavailable(why.into_owned()))
        }
        Err(PoolError::Closed) => Err(StoreError::Unavailable("the pool is closed".into())),
        Err(PoolError::NoRuntimeSpecified) => {
            Err(StoreError::Unavailable("the pool has no runtime".into()))
        }
    }
}
