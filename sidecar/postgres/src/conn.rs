//! One connection, on loan from a pool, that goes back only when it is known to
//! be clean.

mod auto;
mod pipeline;
mod transaction;

use deadpool_postgres::Object;
use tokio_postgres::{Client, Error, Row, Statement};

use crate::sql::Sql;

pub(crate) use auto::{auto, try_auto};
pub(crate) use pipeline::{Reply, between, pipeline};
pub(crate) use transaction::{abandon, commit, refuse, refused_by};

/// Statements that a connection keeps prepared. Each costs the server some tens
/// of kilobytes; a service has some tens of them, unless it writes every
/// combination of columns, and then starting over is cheap enough.
const STATEMENTS_MAX: usize = 200;

/// A connection on loan.
///
/// A future may be dropped at any await point, with a statement under way or a
/// transaction open. So whoever is done says so ([`Conn::release`]); a
/// connection that is just dropped is closed, which rolls back whatever was
/// open.
#[derive(Debug)]
pub(crate) struct Conn {
    /// There until it is given back or dropped.
    object: Option<Object>,
}

/// A statement that is ready to be sent, with its parameters.
#[derive(Debug)]
pub(crate) struct Ready<'a> {
    pub(crate) statement: Statement,
    pub(crate) sql: &'a Sql,
}

impl Conn {
    pub(crate) const fn new(object: Object) -> Self {
        Self {
            object: Some(object),
        }
    }

    /// Gives it back: nothing is under way and no transaction is open.
    pub(crate) fn release(mut self) {
        drop(self.object.take());
    }

    /// Whether the connection is known to be lost.
    pub(crate) fn is_closed(&self) -> bool {
        self.client().is_closed()
    }

    /// The driver's client.
    pub(crate) fn client(&self) -> &Client {
        self.object()
    }

    /// Makes a statement ready, from the connection's cache where it is there.
    pub(crate) async fn ready<'a>(&self, sql: &'a Sql) -> Result<Ready<'a>, Error> {
        if self.object().statement_cache.size() > STATEMENTS_MAX {
            self.forget_statements();
        }
        let statement = self.object().prepare_cached(&sql.text).await?;
        Ok(Ready { statement, sql })
    }

    /// Makes several ready.
    pub(crate) async fn all_ready<'a>(&self, list: &'a [Sql]) -> Result<Vec<Ready<'a>>, Error> {
        let mut ready = Vec::with_capacity(list.len());
        for sql in list {
            ready.push(self.ready(sql).await?);
        }
        Ok(ready)
    }

    /// Runs a statement that is ready.
    pub(crate) async fn run(&self, ready: &Ready<'_>) -> Result<Vec<Row>, Error> {
        pipeline::one(self.client(), pipeline::Call::Ready(ready)).await
    }

    /// Forgets what is prepared: the tables have changed.
    pub(crate) fn forget_statements(&self) {
        self.object().statement_cache.clear();
    }

    fn object(&self) -> &Object {
        self.object
            .as_ref()
            .expect("a connection is held until it is released or dropped")
    }
}

impl Drop for Conn {
    fn drop(&mut self) {
        if let Some(object) = self.object.take() {
            // Out of the pool, and closed; the pool opens another when needed.
            drop(Object::take(object));
        }
    }
}
