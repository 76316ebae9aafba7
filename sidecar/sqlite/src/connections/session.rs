//! A connection inside a transaction, and how it ends.

use std::sync::Arc;

use dualwrite_engine::store::CommitError;
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{Arguments, AssertSqlSafe, ConnectOptions, SqliteConnection};
use tokio::runtime::Handle;
use tokio::sync::OwnedSemaphorePermit;

use super::Shared;
use crate::cells::Cell;
use crate::errors::commit_error;
use crate::sql::Sql;

/// A connection inside a transaction.
pub(crate) struct Session {
    connection: Option<SqliteConnection>,
    /// Whether a transaction may be open.
    open: bool,
    shared: Arc<Shared>,
    permit: Option<OwnedSemaphorePermit>,
}

impl Session {
    /// Not begun yet.
    pub(super) fn new(
        connection: Option<SqliteConnection>,
        shared: Arc<Shared>,
        permit: OwnedSemaphorePermit,
    ) -> Self {
        Self {
            connection,
            open: false,
            shared,
            permit: Some(permit),
        }
    }

    /// Begins, on a new connection if there is none. After an error nothing is
    /// open.
    pub(super) async fn open(&mut self) -> Result<(), sqlx::Error> {
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
    pub(super) fn discard(&mut self) {
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
