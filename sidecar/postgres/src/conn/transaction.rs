//! Ending transactions.

use dualwrite_engine::store::{CommitError, StoreError};
use tokio_postgres::{Error, Row};

use super::{Conn, Reply};
use crate::errors::{self, Stage};

/// Rolls back and gives the connection back; closes it where that cannot be
/// said to the server, which comes to the same.
pub(crate) async fn abandon(conn: Conn) {
    if conn.client().batch_execute("ROLLBACK").await.is_ok() {
        conn.release();
    }
}

/// Takes back the transaction that an error ended, before any commit was sent;
/// answers the port's error.
pub(crate) async fn refuse(conn: Conn, error: &Error) -> StoreError {
    let told = if errors::wants_preparing(error) {
        conn.forget_statements();
        StoreError::Conflict("a table changed since the statement was prepared".into())
    } else {
        errors::statement(error, Stage::Harmless)
    };
    if errors::goes_on(error) {
        abandon(conn).await;
    }
    told
}

/// All replies' rows, or the first error: those behind it only say that the
/// transaction is aborted.
pub(crate) fn refused_by(replies: Vec<Reply>) -> Result<Vec<Vec<Row>>, Error> {
    replies.into_iter().collect()
}

/// Commits and gives the connection back.
pub(crate) async fn commit(conn: Conn) -> Result<(), CommitError> {
    if conn.is_closed() {
        let why = "the connection was lost before the commit was sent".to_owned();
        return Err(CommitError::Refused(StoreError::Unavailable(why)));
    }
    match conn.client().batch_execute("COMMIT").await {
        Ok(()) => {
            conn.release();
            Ok(())
        }
        Err(error) => {
            let told = errors::commit(&error);
            // A refused commit has rolled back: no transaction is open.
            if errors::goes_on(&error) {
                conn.release();
            }
            Err(told)
        }
    }
}
