//! Creating our own tables.

mod steps;

use dualwrite_engine::store::{InstallRequest, StoreError};

use crate::conn::{Conn, abandon, commit, refuse};
use crate::fences::cell;
use crate::param::Param;
use crate::sql::Sql;
use crate::store::PostgresStore;
use crate::write::BEGIN;

use steps::{Step, fence_insert, steps};

/// The statements, for a person to run.
pub(crate) fn install_sql(request: &InstallRequest) -> String {
    match steps(request) {
        Ok(steps) => steps::script(request, &steps),
        Err(error) => format!("-- nothing can be installed: {error}\n"),
    }
}

/// Creates what is missing, in one transaction under a lock. Where nothing is
/// missing no DDL is run, so that a role without the right to run any may call
/// it.
pub(crate) async fn install(
    store: &PostgresStore,
    request: &InstallRequest,
) -> Result<(), StoreError> {
    let steps = steps(request)?;
    let conn = store.pools.control().await?;
    match run(&conn, request, &steps).await {
        Ok(()) => commit(conn)
            .await
            .map_err(|error| StoreError::Other(error.to_string())),
        Err(Stopped::By(error)) => Err(refuse(conn, &error).await),
        Err(Stopped::Refused(error)) => {
            abandon(conn).await;
            Err(error)
        }
    }
}

/// Why the installation stopped.
enum Stopped {
    By(tokio_postgres::Error),
    Refused(StoreError),
}

impl From<tokio_postgres::Error> for Stopped {
    fn from(error: tokio_postgres::Error) -> Self {
        Self::By(error)
    }
}

async fn run(conn: &Conn, request: &InstallRequest, steps: &[Step]) -> Result<(), Stopped> {
    // A lock of its own, since the tables may not be there to be locked.
    let lock = "SELECT pg_advisory_xact_lock(hashtext('dualwrite/install'))";
    conn.client()
        .batch_execute(&format!("{BEGIN}; {lock}"))
        .await?;
    for step in steps {
        if step.always || !exists(conn, step).await? {
            conn.client().batch_execute(&step.sql).await?;
        }
    }
    if let Some(fence) = &request.fence {
        let insert = fence_insert(&request.service, fence).map_err(Stopped::Refused)?;
        conn.run(&conn.ready(&insert).await?).await?;
    }
    let mut there = Sql::new();
    let service = there.bind(Param::text(&request.service));
    there.push(&format!(
        "SELECT 1 FROM dualwrite.fence WHERE service = {service}"
    ));
    if conn.run(&conn.ready(&there).await?).await?.is_empty() {
        return Err(Stopped::Refused(no_fence(&request.service)));
    }
    Ok(())
}

async fn exists(conn: &Conn, step: &Step) -> Result<bool, Stopped> {
    let mut sql = Sql::new();
    let name = sql.bind(Param::text(&step.name));
    let find = if step.is_schema {
        "to_regnamespace"
    } else {
        "to_regclass"
    };
    sql.push(&format!("SELECT {find}({name}) IS NOT NULL"));
    let rows = conn.run(&conn.ready(&sql).await?).await?;
    let there = rows.first().map_or(Ok(false), |row| cell(row, 0));
    there.map_err(Stopped::Refused)
}

fn no_fence(service: &str) -> StoreError {
    StoreError::Schema(format!(
        "our tables are there without a fence of {service}; nobody can say which side is primary. \
         Restore the row of dualwrite.fence, or install with the phase that the service is in"
    ))
}
