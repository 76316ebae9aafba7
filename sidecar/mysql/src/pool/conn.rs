//! A connection in use, and how it ends.

use std::sync::Arc;
use std::time::Duration;

use dualwrite_engine::store::{CommitError, StoreError};
use sqlx::mysql::{MySqlArguments, MySqlConnection, MySqlRow};
use sqlx::{Arguments, AssertSqlSafe};
use tokio::runtime::Handle;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Instant, timeout};

use super::open::{Flavour, Opened};
use super::{Begin, First, Shared};
use crate::cells::Cell;
use crate::errors::{commit_error, is_answer};
use crate::sql::Sql;

/// How long a rollback may take before the connection is closed instead.
const ROLLBACK: Duration = Duration::from_secs(1);

/// Up to this part of its life a connection ends early, so that those opened
/// together do not end together.
const JITTER_PART: u32 = 4;

/// A connection that nobody uses.
#[derive(Debug)]
pub(super) struct Idle {
    opened: Opened,
    since: Instant,
}

/// A connection in use.
#[expect(
    clippy::struct_excessive_bools,
    reason = "four independent facts of a connection"
)]
pub(crate) struct Conn {
    /// Gone once it was lost or given away.
    opened: Option<Opened>,
    /// Whether a transaction may be open.
    open: bool,
    /// Whether a statement was sent and not answered in full.
    busy: bool,
    was_idle: bool,
    /// Whether the session holds something that a rollback does not give back.
    tainted: bool,
    shared: Arc<Shared>,
    permit: Option<OwnedSemaphorePermit>,
}

// === impl Idle ===

impl Idle {
    /// Whether the server still has it, as far as time tells, and whether it is
    /// young enough.
    pub(super) fn may_be_used(&self, lifetime: Duration) -> bool {
        let born = self.opened.born;
        let early = lifetime / JITTER_PART;
        let millis = u32::try_from(early.as_millis()).unwrap_or(u32::MAX).max(1);
        let early = Duration::from_millis(u64::from(self.opened.jitter % millis));
        let shortened = lifetime.saturating_sub(early);
        born.elapsed() < shortened && self.since.elapsed() < self.opened.flavour.idle_limit()
    }
}

// === impl Conn ===

impl Conn {
    pub(super) fn fresh(opened: Opened, shared: Arc<Shared>, permit: OwnedSemaphorePermit) -> Self {
        Self {
            opened: Some(opened),
            open: false,
            busy: false,
            was_idle: false,
            tainted: false,
            shared,
            permit: Some(permit),
        }
    }

    pub(super) fn reused(idle: Idle, shared: Arc<Shared>, permit: OwnedSemaphorePermit) -> Self {
        let mut conn = Self::fresh(idle.opened, shared, permit);
        conn.was_idle = true;
        conn
    }

    /// Begins, and runs a first statement in the same round trip.
    pub(super) async fn begin(&mut self, begin: Begin, first: &str) -> First {
        let begin = match begin {
            Begin::Write => "START TRANSACTION",
            Begin::Snapshot => {
                "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ; \
                 START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY"
            }
        };
        self.open = true;
        let both = if first.is_empty() {
            begin.to_owned()
        } else {
            format!("{begin}; {first}")
        };
        self.text(both).await
    }

    pub(crate) const fn was_idle(&self) -> bool {
        self.was_idle
    }

    /// Whether the connection broke.
    pub(crate) const fn is_lost(&self) -> bool {
        self.opened.is_none()
    }

    /// Which server it leads to.
    pub(crate) fn flavour(&self) -> Flavour {
        self.opened
            .as_ref()
            .map_or(Flavour::Mariadb, |opened| opened.flavour)
    }

    /// Has the connection closed at its end, for the sake of a lock that is the
    /// session's.
    pub(crate) const fn taint(&mut self) {
        self.tainted = true;
    }

    /// All rows of a statement.
    pub(crate) async fn rows(&mut self, sql: Sql) -> Result<Vec<MySqlRow>, sqlx::Error> {
        let arguments = arguments(sql.cells)?;
        let query = sqlx::query_with(AssertSqlSafe(sql.text), arguments);
        let answer = query.fetch_all(self.live()?).await;
        self.after(answer)
    }

    /// Runs a statement and answers how many rows it found to change.
    pub(crate) async fn run(&mut self, sql: Sql) -> Result<u64, sqlx::Error> {
        let arguments = arguments(sql.cells)?;
        let query = sqlx::query_with(AssertSqlSafe(sql.text), arguments);
        let answer = query.execute(self.live()?).await;
        self.after(answer).map(|done| done.rows_affected())
    }

    /// Runs statements that bind nothing, and answers all their rows. Cells
    /// come as text.
    pub(crate) async fn text(&mut self, sql: impl Into<String>) -> First {
        let query = sqlx::raw_sql(AssertSqlSafe(sql.into()));
        let answer = query.fetch_all(self.live()?).await;
        self.after(answer)
    }

    /// Commits.
    pub(crate) async fn commit(mut self) -> Result<(), CommitError> {
        match self.text("COMMIT").await {
            Ok(_) => {
                self.open = false;
                Ok(())
            }
            Err(error) => Err(commit_error(&error)),
        }
    }

    /// Commits where the caller has nothing to settle by itself.
    pub(crate) async fn finish(self) -> Result<(), StoreError> {
        self.commit().await.map_err(|error| match error {
            CommitError::Refused(error) => error,
            CommitError::Unknown(why) => StoreError::UnknownOutcome(why),
        })
    }

    /// Rolls back, and waits until it is done.
    pub(crate) async fn rollback(mut self) {
        match timeout(ROLLBACK, self.text("ROLLBACK")).await {
            Ok(Ok(_)) => self.open = false,
            Ok(Err(_)) | Err(_) => self.opened = None,
        }
    }

    fn live(&mut self) -> Result<&mut MySqlConnection, sqlx::Error> {
        let opened = self.opened.as_mut().ok_or(sqlx::Error::PoolClosed)?;
        self.busy = true;
        Ok(&mut opened.connection)
    }

    /// A connection over which no answer came is of no more use.
    fn after<T>(&mut self, answer: Result<T, sqlx::Error>) -> Result<T, sqlx::Error> {
        match &answer {
            Ok(_) => self.busy = false,
            Err(error) if is_answer(error) => self.busy = false,
            Err(_) => self.opened = None,
        }
        answer
    }
}

impl Drop for Conn {
    fn drop(&mut self) {
        let Some(mut opened) = self.opened.take() else {
            return;
        };
        if self.busy || self.tainted {
            // Closed here.
            return;
        }
        if !self.open {
            self.shared.idle().push(Idle::now(opened));
            return;
        }
        // Without a runtime there is nobody to wait; closing rolls back too.
        let Ok(runtime) = Handle::try_current() else {
            return;
        };
        let (shared, permit) = (Arc::clone(&self.shared), self.permit.take());
        runtime.spawn(async move {
            let rollback = sqlx::raw_sql("ROLLBACK").execute(&mut opened.connection);
            if let Ok(Ok(_)) = timeout(ROLLBACK, rollback).await {
                shared.idle().push(Idle::now(opened));
            }
            drop(permit);
        });
    }
}

impl Idle {
    fn now(opened: Opened) -> Self {
        Self {
            opened,
            since: Instant::now(),
        }
    }
}

impl std::fmt::Debug for Conn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Conn")
            .field("open", &self.open)
            .field("busy", &self.busy)
            .finish_non_exhaustive()
    }
}

fn arguments(cells: Vec<Cell>) -> Result<MySqlArguments, sqlx::Error> {
    let mut arguments = MySqlArguments::default();
    for cell in cells {
        let added = match cell {
            // Of no type that any column refuses.
            Cell::Null => arguments.add(None::<String>),
            Cell::Int(number) => arguments.add(number),
            Cell::UInt(number) => arguments.add(number),
            Cell::Double(number) => arguments.add(number),
            Cell::Decimal { digits, .. } => arguments.add(digits),
            Cell::Text(text) => arguments.add(text),
            Cell::Bytes(bytes) => arguments.add(bytes),
        };
        added.map_err(sqlx::Error::Encode)?;
    }
    Ok(arguments)
}
