//! One writer, a few readers.
//!
//! A [`Session`] is a connection inside a transaction. When it is dropped, at
//! whatever await point, a task of its own rolls back what is open, and only
//! then are the connection and its permit given back: the next user never
//! meets somebody else's transaction. A connection that cannot roll back
//! (SQLite ended the transaction by itself, as it does on a full disk) is
//! closed, which comes to the same.

mod session;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use dualwrite_engine::store::{Attempts, PoolStatus, StoreError};
use rand::Rng;
use sqlx::SqliteConnection;
use sqlx::sqlite::SqliteConnectOptions;
use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep, timeout_at};

use crate::errors::{is_busy, store_error};

pub(crate) use session::Session;

/// How long to wait before asking again for the write lock. SQLite has no
/// queue for it, so whoever asks at the right moment gets it; asking often and
/// at odd times is what makes it fair.
const RETRY_MICROS: std::ops::Range<u64> = 500..3_000;

/// How a transaction begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Begin {
    /// The first statement takes the snapshot.
    Read,
    /// The write lock is taken at once.
    Write,
}

impl Begin {
    const fn sql(self) -> &'static str {
        match self {
            Self::Read => "BEGIN DEFERRED",
            Self::Write => "BEGIN IMMEDIATE",
        }
    }

    /// What connections that begin so are for.
    const fn purpose(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
        }
    }
}

/// Connections to one file, all opened alike.
#[derive(Debug)]
pub(crate) struct Connections {
    shared: Arc<Shared>,
    permits: Arc<Semaphore>,
    attempts: Attempts,
}

#[derive(Debug)]
struct Shared {
    options: SqliteConnectOptions,
    begin: Begin,
    max: u32,
    idle: Mutex<Vec<SqliteConnection>>,
}

impl Connections {
    pub(crate) fn new(options: SqliteConnectOptions, begin: Begin, max: u32) -> Self {
        let permits = usize::try_from(max).unwrap_or(1);
        Self {
            shared: Arc::new(Shared {
                options,
                begin,
                max,
                idle: Mutex::default(),
            }),
            permits: Arc::new(Semaphore::new(permits)),
            attempts: Attempts::default(),
        }
    }

    /// Keeps a connection that is open already.
    pub(crate) fn adopt(&self, connection: SqliteConnection) {
        self.shared.idle().push(connection);
    }

    /// Begins a transaction, waiting at most `bound` for a connection and for
    /// the lock.
    pub(crate) async fn begin(&self, bound: Duration) -> Result<Session, StoreError> {
        self.attempts.make(self.attempt(bound)).await
    }

    async fn attempt(&self, bound: Duration) -> Result<Session, StoreError> {
        let deadline = Instant::now() + bound;
        let mut session = self.session(deadline).await?;
        loop {
            let Err(error) = session.open().await else {
                return Ok(session);
            };
            if !is_busy(&error) {
                session.discard();
                return Err(store_error(&error, None));
            }
            let pause = Duration::from_micros(rand::rng().random_range(RETRY_MICROS));
            if Instant::now() + pause >= deadline {
                return Err(StoreError::Busy(format!(
                    "another writer of this database held the lock for {bound:?}"
                )));
            }
            sleep(pause).await;
        }
    }

    pub(crate) fn status(&self) -> PoolStatus {
        let free = u32::try_from(self.permits.available_permits()).unwrap_or(u32::MAX);
        PoolStatus {
            in_use: self.shared.max.saturating_sub(free),
            idle: u32::try_from(self.shared.idle().len()).unwrap_or(u32::MAX),
            max: self.shared.max,
            waiting: self.attempts.waiting(),
            last_error: self.attempts.last_error(),
        }
    }

    async fn session(&self, deadline: Instant) -> Result<Session, StoreError> {
        let permit = timeout_at(deadline, Arc::clone(&self.permits).acquire_owned()).await;
        let Ok(Ok(permit)) = permit else {
            return Err(StoreError::Busy(format!(
                "all {} connections of this sidecar that {} are in use",
                self.shared.max,
                self.shared.begin.purpose()
            )));
        };
        let connection = self.shared.idle().pop();
        let shared = Arc::clone(&self.shared);
        Ok(Session::new(connection, shared, permit))
    }
}

impl Shared {
    fn idle(&self) -> MutexGuard<'_, Vec<SqliteConnection>> {
        // A list of connections is whole whatever happened to its last user.
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
