//! What there is: of ours, and of the rest.

use dualwrite_core::diagnosis::{Finding, schema_fingerprint};
use dualwrite_engine::store::{Belongings, SHARED_TABLES, StoreError};

use super::{Stopped, services};
use crate::conn::{Conn, auto};
use crate::errors::Stage;
use crate::fences::cell;
use crate::param::Param;
use crate::sql::Sql;
use crate::store::PostgresStore;

/// What a fence row says, as far as a removal minds.
#[derive(Debug)]
pub(super) struct FenceLine {
    pub(super) service: String,
    pub(super) role: String,
    pub(super) phase: String,
    pub(super) settings: String,
}

/// All tables in our schema, without its name.
pub(super) async fn tables(conn: &Conn) -> Result<Vec<String>, Stopped> {
    texts(
        conn,
        "SELECT c.relname::text FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace \
         WHERE n.nspname = 'dualwrite' AND c.relkind IN ('r', 'p') ORDER BY c.relname",
    )
    .await
}

/// Everything in our schema that is not an index or a type of a table.
pub(super) async fn rest(conn: &Conn) -> Result<Vec<String>, Stopped> {
    texts(
        conn,
        "SELECT c.relname::text FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace \
         WHERE n.nspname = 'dualwrite' UNION ALL \
         SELECT p.proname::text FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace \
         WHERE n.nspname = 'dualwrite' ORDER BY 1",
    )
    .await
}

/// Whether our schema is there.
pub(super) async fn has_schema(conn: &Conn) -> Result<bool, Stopped> {
    let found = texts(
        conn,
        "SELECT nspname::text FROM pg_namespace WHERE nspname = 'dualwrite'",
    )
    .await?;
    Ok(!found.is_empty())
}

/// All fences, if there is a table of them.
pub(super) async fn fences(conn: &Conn, tables: &[String]) -> Result<Vec<FenceLine>, Stopped> {
    if !tables.iter().any(|table| table == "fence") {
        return Ok(Vec::new());
    }
    let mut sql = Sql::new();
    sql.push("SELECT service, role, phase, settings FROM dualwrite.fence ORDER BY service");
    let rows = conn.run(&conn.ready(&sql).await?).await?;
    let lines = rows.iter().map(|row| {
        Ok(FenceLine {
            service: cell(row, 0)?,
            role: cell(row, 1)?,
            phase: cell(row, 2)?,
            settings: cell(row, 3)?,
        })
    });
    lines
        .collect::<Result<_, StoreError>>()
        .map_err(Stopped::Refused)
}

/// Removes a service's rows of a shared table; answers how many.
pub(super) async fn delete_rows(conn: &Conn, table: &str, service: &str) -> Result<usize, Stopped> {
    let mut sql = Sql::new();
    let service = sql.bind(Param::text(service));
    sql.push(&format!(
        "DELETE FROM dualwrite.{table} WHERE service = {service} RETURNING 1"
    ));
    Ok(conn.run(&conn.ready(&sql).await?).await?.len())
}

/// What of a service is there, found by name.
pub(super) async fn left(store: &PostgresStore, service: &str) -> Result<Vec<String>, StoreError> {
    let conn = store.pools.control().await?;
    let found = left_in(&conn, service).await;
    match found {
        Ok(left) => {
            conn.release();
            Ok(left)
        }
        Err(Stopped::By(error)) => Err(crate::conn::refuse(conn, &error).await),
        Err(Stopped::Refused(error)) => Err(error),
    }
}

/// What a diagnosis says of our tables: whether each belongs to an entity.
pub(crate) async fn leftovers(store: &PostgresStore, service: &str) -> Result<Finding, StoreError> {
    let conn = store.pools.control().await?;
    match leftovers_in(&conn, service).await {
        Ok(finding) => {
            conn.release();
            Ok(finding)
        }
        Err(Stopped::By(error)) => Err(crate::conn::refuse(conn, &error).await),
        Err(Stopped::Refused(error)) => Err(error),
    }
}

async fn leftovers_in(conn: &Conn, service: &str) -> Result<Finding, Stopped> {
    let tables = tables(conn).await?;
    let fences = fences(conn, &tables).await?;
    let fence = fences.iter().find(|fence| fence.service == service);
    let settings = fence.map_or("", |fence| fence.settings.as_str());
    let ours = Belongings::of(service, settings, services(&fences));
    Ok(ours.leftovers(tables.iter().map(String::as_str)))
}

async fn left_in(conn: &Conn, service: &str) -> Result<Vec<String>, Stopped> {
    let tables = tables(conn).await?;
    let fences = fences(conn, &tables).await?;
    let ours = Belongings::of(service, "", services(&fences));
    let left = tables.iter().filter(|table| {
        ours.include(table) || (ours.alone() && SHARED_TABLES.contains(&table.as_str()))
    });
    Ok(left
        .map(|table| format!("table dualwrite.{table}"))
        .collect())
}

/// The whole schema without anything of ours, from the server's catalog: one
/// line an object.
pub(super) async fn fingerprint(store: &PostgresStore) -> Result<String, StoreError> {
    let mut sql = Sql::new();
    sql.push(include_str!("schema.sql"));
    let rows = auto(store.pools.control().await?, &sql, Stage::Harmless).await?;
    let lines: Result<Vec<String>, StoreError> = rows.iter().map(|row| cell(row, 0)).collect();
    let lines = lines?;
    Ok(schema_fingerprint(lines.iter().map(String::as_str)))
}

async fn texts(conn: &Conn, text: &str) -> Result<Vec<String>, Stopped> {
    let mut sql = Sql::new();
    sql.push(text);
    let rows = conn.run(&conn.ready(&sql).await?).await?;
    let texts: Result<Vec<String>, StoreError> = rows.iter().map(|row| cell(row, 0)).collect();
    texts.map_err(Stopped::Refused)
}
