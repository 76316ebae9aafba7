//! One writer, a few readers.
//!
//! A [`Session`] is a connection inside a transaction. When it is dropped, at
//! whatever await point, a task of its own rolls back what is open, and only
//! then are the connection and its permit given back: the next user never
//! meets somebody else's transaction. A connection that cannot roll back
//! (SQLite ended the transaction by itself, as it does on a full disk) is
//! closed, which comes to the same.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use dualwrite_engine::store::{CommitError, PoolStatus, StoreError};
use rand::Rng;
use sqlx::sqlite::{SqliteArguments, SqliteConnectOptions, SqliteRow};
use sqlx::{Arguments, AssertSqlSafe, ConnectOptions, SqliteConnection};
use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, sleep, timeout_at};

use crate::cells::Cell;
use crate::errors::{commit_error, is_busy, store_error};
use crate::sql::Sql;

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
}

/// Connections to one file, all opened alike.
#[derive(Debug)]
pub(crate) struct Connections {
    shared: Arc<Shared>,
    permits: Arc<Semaphore>,
}

#[derive(Debug)]
struct Shared {
    options: SqliteConnectOptions,
    begin: Begin,
    max: u32,
    idle: Mutex<Vec<SqliteConnection>>,
}

/// A connection inside a transaction.
pub(crate) struct Session {
    connection: Option<SqliteConnection>,
    /// Whether a transaction may be open.
    open: bool,
    shared: Arc<Shared>,
    permit: Option<OwnedSemaphorePermit>,
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
        }
    }

    /// Keeps a connection that is open already.
    pub(crate) fn adopt(&self, connection: SqliteConnection) {
        self.shared.idle().push(connection);
    }

    /// Begins a transaction, waiting at most `bound` for a connection and for
    /// the lock.
    pub(crate) async fn begin(&self, bound: Duration) -> Result<Session, StoreError> {
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
        }
    }

    async fn session(&self, deadline: Instant) -> Result<Session, StoreError> {
        let permit = timeout_at(deadline, Arc::clone(&self.permits).acquire_owned()).await;
        let Ok(Ok(permit)) = permit else {
            return Err(StoreError::Busy(
                "every connection of this sidecar to the database is in use".to_owned(),
            ));
        };
        let connection = self.shared.idle().pop();
        let shared = Arc::clone(&self.shared);
        Ok(Session {
            connection,
            open: false,
            shared,
            permit: Some(permit),
        })
    }
}

impl Shared {
    fn idle(&self) -> MutexGuard<'_, Vec<SqliteConnection>> {
        // A list of connections is whole whatever happened to its last user.
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Session {
    /// Begins, on a new connection if there is none. After an error nothing is
    /// open.
    async fn open(&mut self) -> Result<(), sqlx::Error> {
        if self.connection.is_none() {
            self.connection = Some(self.shared.options.connect().await?);
        }
        self.open = true;
        let result = self.run(Sql::new(self.shared.begin.sql())).await;
        self.open = result.is_ok();
        result.map(|_| ())
    }

    /// All rows of a statement.
    pub(crate) async fn rows(&mut self, sql: Sql) -> Result<Vec<SqliteRow>, sqlx::Error> {
        let arguments = arguments(sql.cells)?;
        let query = sqlx::query_with(AssertSqlSafe(sql.text), arguments);
        query.fetch_all(self.live()?).await
    }

    /// Runs a statement and answers how many rows it changed.
    pub(crate) async fn run(&mut self, sql: Sql) -> Result<u64, sqlx::Error> {
        let arguments = arguments(sql.cells)?;
        let query = sqlx::query_with(AssertSqlSafe(sql.text), arguments);
        query
            .execute(self.live()?)
            .await
            .map(|done| done.rows_affected())
    }

    /// Commits. What was refused is rolled back with the session.
    pub(crate) async fn commit(mut self) -> Result<(), CommitError> {
        match self
            .run(Sql::new("COMMIT"))
            .await
            .map_err(|error| commit_error(&error))
        {
            Ok(_) => {
                self.open = false;
                Ok(())
            }
            Err(refused @ CommitError::Refused(_)) => Err(refused),
            Err(unknown @ CommitError::Unknown(_)) => {
                self.discard();
                Err(unknown)
            }
        }
    }

    /// Rolls back, and waits until it is done.
    pub(crate) async fn rollback(mut self) {
        match self.run(Sql::new("ROLLBACK")).await {
            Ok(_) => self.open = false,
            Err(_) => self.discard(),
        }
    }

    /// Closes the connection instead of handing it back.
    fn discard(&mut self) {
        self.connection = None;
        self.open = false;
    }

    fn live(&mut self) -> Result<&mut SqliteConnection, sqlx::Error> {
        self.connection.as_mut().ok_or(sqlx::Error::WorkerCrashed)
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        let Some(mut connection) = self.connection.take() else {
            return;
        };
        if !self.open {
            self.shared.idle().push(connection);
            return;
        }
        // Without a runtime there is nobody to wait; closing rolls back too.
        let Ok(runtime) = Handle::try_current() else {
            return;
        };
        let (shared, permit) = (Arc::clone(&self.shared), self.permit.take());
        runtime.spawn(async move {
            if sqlx::query("ROLLBACK")
                .execute(&mut connection)
                .await
                .is_ok()
            {
                shared.idle().push(connection);
            }
            drop(permit);
        });
    }
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session")
            .field("begin", &self.shared.begin)
            .field("open", &self.open)
            .finish_non_exhaustive()
    }
}

fn arguments(cells: Vec<Cell>) -> Result<SqliteArguments, sqlx::Error> {
    let mut arguments = SqliteArguments::default();
    for cell in cells {
        let added = match cell {
            Cell::Null => arguments.add(None::<i64>),
            Cell::Integer(number) => arguments.add(number),
            Cell::Real(number) => arguments.add(number),
            Cell::Text(text) => arguments.add(text),
            Cell::Blob(bytes) => arguments.add(bytes),
        };
        added.map_err(sqlx::Error::Encode)?;
    }
    Ok(arguments)
}

#[cfg(test)]
mod tests;
