//! One statement that commits by itself.

use dualwrite_engine::store::StoreError;
use tokio_postgres::{Error, Row};

use super::Conn;
use crate::errors::{self, Stage};
use crate::sql::Sql;

/// Why a statement failed, and whether the server may have got it.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) error: Error,
    sent: bool,
}

impl Failure {
    /// The port's error.
    pub(crate) fn told(&self, stage: Stage) -> StoreError {
        let stage = if self.sent { stage } else { Stage::Harmless };
        errors::statement(&self.error, stage)
    }
}

/// Runs one statement that commits by itself, and gives the connection back.
pub(crate) async fn auto(conn: Conn, sql: &Sql, stage: Stage) -> Result<Vec<Row>, StoreError> {
    try_auto(conn, sql)
        .await
        .map_err(|failure| failure.told(stage))
}

/// The same, for callers that want to see the driver's error.
///
/// A statement that was prepared before a table changed is prepared and sent
/// once more: it was refused before anything was executed.
pub(crate) async fn try_auto(conn: Conn, sql: &Sql) -> Result<Vec<Row>, Failure> {
    let mut prepared_anew = false;
    loop {
        let ready = match conn.ready(sql).await {
            Ok(ready) => ready,
            Err(error) => return Err(fail(conn, error, false)),
        };
        let sent = !conn.is_closed();
        match conn.run(&ready).await {
            Ok(rows) => {
                conn.release();
                return Ok(rows);
            }
            Err(error) if !prepared_anew && errors::wants_preparing(&error) => {
                conn.forget_statements();
                prepared_anew = true;
            }
            Err(error) => return Err(fail(conn, error, sent)),
        }
    }
}

fn fail(conn: Conn, error: Error, sent: bool) -> Failure {
    if errors::goes_on(&error) {
        conn.release();
    }
    Failure { error, sent }
}
