//! Taking everything of ours out.
//!
//! Two transactions, each safe to repeat: first what is this service's alone,
//! under its gate, so that whoever still writes under the fence ends first or
//! is refused; then what all services share, once no service is left. The
//! second takes locks that other services' writes would wait for, and so only
//! where there is no other service.

mod look;

use dualwrite_core::phase::Phase;
use dualwrite_core::side::Role;
use dualwrite_engine::store::{
    Belongings, CommitError, Removed, SHARED_TABLES, StoreError, may_be_removed,
};

use crate::change_fence::blockers;
use crate::conn::{Conn, abandon, commit, refuse};
use crate::errors;
use crate::sql::{gate, ident};
use crate::store::PostgresStore;
use crate::write::BEGIN;
use look::FenceLine;

/// How long one try waits for a lock. Whoever comes later waits behind it.
const TRY_MS: u32 = 200;

/// How often it tries.
const TRIES: u32 = 5;

/// Held while tables of ours come and go; see `install`.
const LOCK: &str = "SELECT pg_advisory_xact_lock(hashtext('dualwrite/install'))";

pub(crate) use look::leftovers;

/// Removes all of a service.
pub(crate) async fn remove(store: &PostgresStore, service: &str) -> Result<Removed, StoreError> {
    let mut done = Removed {
        schema_before: look::fingerprint(store).await?,
        ..Removed::default()
    };
    done.removed.extend(own(store, service).await?);
    shared(store, service, &mut done).await?;
    store.fences.forget(service);
    done.left = look::left(store, service).await?;
    done.schema_after = look::fingerprint(store).await?;
    Ok(done)
}

/// What is the service's alone, and its rows in what is shared.
async fn own(store: &PostgresStore, service: &str) -> Result<Vec<String>, StoreError> {
    for _ in 0..TRIES {
        let conn = store.pools.control().await?;
        match own_under_lock(&conn, service).await {
            Ok(removed) => {
                end(conn).await?;
                return Ok(removed);
            }
            Err(Stopped::By(error)) if errors::is_lock_timeout(&error) => abandon(conn).await,
            Err(Stopped::By(error)) => return Err(refuse(conn, &error).await),
            Err(Stopped::Refused(error)) => {
                abandon(conn).await;
                return Err(error);
            }
        }
    }
    Err(StoreError::Busy(blockers::tell(store, service).await))
}

async fn own_under_lock(conn: &Conn, service: &str) -> Result<Vec<String>, Stopped> {
    begin(conn).await?;
    let tables = look::tables(conn).await?;
    let own_gate = gate(service).map_err(Stopped::Refused)?;
    if tables.contains(&format!("gate_{service}")) {
        let lock = format!("LOCK TABLE {own_gate} IN ACCESS EXCLUSIVE MODE");
        conn.client().batch_execute(&lock).await?;
    }
    let fences = look::fences(conn, &tables).await?;
    let fence = fences.iter().find(|fence| fence.service == service);
    if !fence.is_none_or(removable) {
        return Err(Stopped::Refused(StoreError::Stale));
    }
    let settings = fence.map_or("", |fence| fence.settings.as_str());
    let ours = Belongings::of(service, settings, services(&fences));
    let mut removed = Vec::new();
    for table in tables.iter().filter(|table| ours.include(table)) {
        let name = ident(table).map_err(Stopped::Refused)?;
        let drop = format!("DROP TABLE dualwrite.{name}");
        conn.client().batch_execute(&drop).await?;
        removed.push(format!("table dualwrite.{table}"));
    }
    for table in SHARED_TABLES {
        let there = tables.iter().any(|other| other == table);
        if there && look::delete_rows(conn, table, service).await? > 0 {
            removed.push(format!("rows of {service} in dualwrite.{table}"));
        }
    }
    Ok(removed)
}

/// What all services share, if no service is left.
async fn shared(
    store: &PostgresStore,
    service: &str,
    done: &mut Removed,
) -> Result<(), StoreError> {
    let conn = store.pools.control().await?;
    match shared_under_lock(&conn, service).await {
        Ok(Shared { removed, kept }) => {
            end(conn).await?;
            done.removed.extend(removed);
            done.kept.extend(kept);
            Ok(())
        }
        Err(Stopped::By(error)) => Err(refuse(conn, &error).await),
        Err(Stopped::Refused(error)) => {
            abandon(conn).await;
            Err(error)
        }
    }
}

/// What became of what is shared.
#[derive(Debug, Default)]
struct Shared {
    removed: Vec<String>,
    kept: Vec<String>,
}

async fn shared_under_lock(conn: &Conn, service: &str) -> Result<Shared, Stopped> {
    begin(conn).await?;
    let mut done = Shared::default();
    if !look::has_schema(conn).await? {
        return Ok(done);
    }
    let tables = look::tables(conn).await?;
    let fences = look::fences(conn, &tables).await?;
    let ours = Belongings::of(service, "", services(&fences));
    let shared = |table: &&String| SHARED_TABLES.contains(&table.as_str());
    if !ours.alone() {
        let kept = tables.iter().filter(shared);
        let line = |table: &String| format!("table dualwrite.{table}: {}", ours.reason());
        done.kept.extend(kept.map(line));
        return Ok(done);
    }
    for table in tables.iter().filter(shared) {
        let drop = format!("DROP TABLE dualwrite.{table}");
        conn.client().batch_execute(&drop).await?;
        done.removed.push(format!("table dualwrite.{table}"));
    }
    match look::rest(conn).await? {
        rest if rest.is_empty() => {
            conn.client().batch_execute("DROP SCHEMA dualwrite").await?;
            done.removed.push("schema dualwrite".to_owned());
        }
        rest => done.kept.push(format!(
            "schema dualwrite: it holds what is not ours ({})",
            rest.join(", ")
        )),
    }
    Ok(done)
}

fn services(fences: &[FenceLine]) -> impl Iterator<Item = &str> {
    fences.iter().map(|fence| fence.service.as_str())
}

/// Whether a fence is one of the last phase at rest. One that this version
/// cannot read is not.
fn removable(line: &FenceLine) -> bool {
    let (Ok(phase), Some(role)) = (Phase::parse(&line.phase), Role::parse(&line.role)) else {
        return false;
    };
    may_be_removed(&dualwrite_core::fence::Fence {
        epoch: 0,
        role,
        phase,
        plan_id: String::new(),
        settings: String::new(),
    })
}

/// The lock on coming and going is taken before any other, by everybody, so
/// that nobody waits in a circle.
async fn begin(conn: &Conn) -> Result<(), tokio_postgres::Error> {
    let begin = format!("{BEGIN}; SET LOCAL lock_timeout = {TRY_MS}; {LOCK}");
    conn.client().batch_execute(&begin).await
}

async fn end(conn: Conn) -> Result<(), StoreError> {
    commit(conn).await.map_err(|error| match error {
        CommitError::Refused(error) => error,
        CommitError::Unknown(why) => StoreError::UnknownOutcome(why),
    })
}

/// Why a transaction stopped.
enum Stopped {
    By(tokio_postgres::Error),
    Refused(StoreError),
}

impl From<tokio_postgres::Error> for Stopped {
    fn from(error: tokio_postgres::Error) -> Self {
        Self::By(error)
    }
}
