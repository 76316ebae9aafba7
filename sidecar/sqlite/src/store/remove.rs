//! Taking everything of ours out, in one transaction under the write lock.

use dualwrite_core::diagnosis::{Finding, schema_fingerprint};
use dualwrite_engine::store::{Belongings, Removed, SHARED_TABLES, StoreError, may_be_removed};
use sqlx::Row;

use super::fences;
use crate::connections::Session;
use crate::errors::store_error;
use crate::names::{FENCE, PREFIX};
use crate::sql::Sql;

/// Removes all of a service, inside the caller's transaction.
pub(super) async fn remove(session: &mut Session, service: &str) -> Result<Removed, StoreError> {
    let fence = fences::read(session, service).await?;
    if !fence.as_ref().is_none_or(may_be_removed) {
        return Err(StoreError::Stale);
    }
    let settings = fence.map(|fence| fence.settings).unwrap_or_default();
    let services = services(session).await?;
    let ours = Belongings::of(service, &settings, services.iter().map(String::as_str));
    let mut done = Removed {
        schema_before: fingerprint(session).await?,
        ..Removed::default()
    };
    for table in tables(session).await? {
        let short = table.strip_prefix(PREFIX).unwrap_or(&table);
        if ours.include(short) || (ours.alone() && SHARED_TABLES.contains(&short)) {
            run(session, Sql::new("DROP TABLE ").name(&table)).await?;
            done.removed.push(format!("table {table}"));
        } else if SHARED_TABLES.contains(&short) {
            let rows = Sql::new("DELETE FROM ").name(&table);
            let gone = run(session, rows.push(" WHERE service = ").bind(service)).await?;
            if gone > 0 {
                done.removed
                    .push(format!("{gone} rows of {service} in {table}"));
            }
            done.kept.push(format!("table {table}: {}", ours.reason()));
        }
    }
    for table in tables(session).await? {
        let short = table.strip_prefix(PREFIX).unwrap_or(&table);
        if ours.include(short) || ours.alone() {
            done.left.push(format!("table {table}"));
        }
    }
    done.schema_after = fingerprint(session).await?;
    Ok(done)
}

/// What a diagnosis says of our tables: whether each belongs to an entity.
pub(super) async fn leftovers(session: &mut Session, service: &str) -> Result<Finding, StoreError> {
    let services = services(session).await?;
    let tables = tables(session).await?;
    let fence = if services.iter().any(|one| one == service) {
        fences::read(session, service).await?
    } else {
        None
    };
    let settings = fence.map(|fence| fence.settings).unwrap_or_default();
    let ours = Belongings::of(service, &settings, services.iter().map(String::as_str));
    let short = tables.iter().filter_map(|table| table.strip_prefix(PREFIX));
    Ok(ours.leftovers(short))
}

/// The services that have a fence here.
async fn services(session: &mut Session) -> Result<Vec<String>, StoreError> {
    if !tables(session).await?.iter().any(|table| table == FENCE) {
        return Ok(Vec::new());
    }
    texts(session, Sql::new("SELECT service FROM ").name(FENCE)).await
}

/// All tables of ours.
async fn tables(session: &mut Session) -> Result<Vec<String>, StoreError> {
    let sql = "SELECT name FROM sqlite_schema WHERE type = 'table' \
               AND substr(name, 1, 10) = 'dualwrite_' ORDER BY name";
    texts(session, Sql::new(sql)).await
}

/// The schema without anything of ours. What SQLite keeps for itself
/// (automatic indexes, statistics) is no part of it.
async fn fingerprint(session: &mut Session) -> Result<String, StoreError> {
    let sql = "SELECT type || ' ' || name || ' on ' || tbl_name || ': ' || COALESCE(sql, '') \
               FROM sqlite_schema WHERE substr(tbl_name, 1, 10) <> 'dualwrite_' \
               AND substr(name, 1, 10) <> 'dualwrite_' AND substr(name, 1, 7) <> 'sqlite_' \
               ORDER BY type, name";
    let lines = texts(session, Sql::new(sql)).await?;
    Ok(schema_fingerprint(lines.iter().map(String::as_str)))
}

async fn texts(session: &mut Session, sql: Sql) -> Result<Vec<String>, StoreError> {
    let rows = session.rows(sql).await;
    let rows = rows.map_err(|error| store_error(&error, None))?;
    let texts = rows.iter().map(|row| row.try_get(0));
    texts
        .collect::<Result<_, sqlx::Error>>()
        .map_err(|error| store_error(&error, None))
}

async fn run(session: &mut Session, sql: Sql) -> Result<u64, StoreError> {
    let done = session.run(sql).await;
    done.map_err(|error| store_error(&error, None))
}
