//! Our own tables.

use dualwrite_core::fence::Fence;
use dualwrite_core::mapping::Table;
use dualwrite_engine::store::{InstallRequest, StoreError};
use sqlx::Row;

use super::fences;
use crate::cells::Cell;
use crate::connections::Session;
use crate::errors::store_error;
use crate::names::{FENCE, QUARANTINE, RECEIPT, key_column, outbox};
use crate::sql::{Sql, literal, outbox_key_names, quote};

/// Creates what is absent, inside the caller's transaction.
pub(super) async fn install(
    session: &mut Session,
    request: &InstallRequest,
) -> Result<(), StoreError> {
    for statement in tables(request) {
        session
            .run(Sql::new(statement))
            .await
            .map_err(|error| store_error(&error, None))?;
    }
    for table in &request.tables {
        check_outbox(session, &request.service, table).await?;
    }
    if let Some(fence) = &request.fence {
        let sql = Sql::new(insert_fence(&request.service, fence));
        session
            .run(sql)
            .await
            .map_err(|error| store_error(&error, None))?;
    } else if fences::read(session, &request.service).await?.is_none() {
        return Err(StoreError::Schema(format!(
            "there is no fence row of {}, and none was to be inserted: install the service first",
            request.service
        )));
    }
    Ok(())
}

/// The same as a script for a person.
pub(super) fn script(request: &InstallRequest) -> String {
    let fence = request
        .fence
        .iter()
        .map(|fence| insert_fence(&request.service, fence));
    let statements: Vec<String> = tables(request).into_iter().chain(fence).collect();
    format!(
        "BEGIN IMMEDIATE;\n\n{};\n\nCOMMIT;\n",
        statements.join(";\n\n")
    )
}

fn tables(request: &InstallRequest) -> Vec<String> {
    let shared = [
        format!(
            "CREATE TABLE IF NOT EXISTS {FENCE} (\n  service TEXT NOT NULL PRIMARY KEY,\n  \
             epoch INTEGER NOT NULL,\n  role TEXT NOT NULL,\n  phase TEXT NOT NULL,\n  \
             plan_id TEXT NOT NULL,\n  settings TEXT NOT NULL\n) WITHOUT ROWID"
        ),
        format!(
            "CREATE TABLE IF NOT EXISTS {RECEIPT} (\n  service TEXT NOT NULL,\n  \
             request_id TEXT NOT NULL,\n  request_hash INTEGER NOT NULL,\n  \
             aborted INTEGER NOT NULL,\n  outcome TEXT NOT NULL,\n  at INTEGER NOT NULL,\n  \
             PRIMARY KEY (service, request_id)\n)"
        ),
        format!("CREATE INDEX IF NOT EXISTS {RECEIPT}_at ON {RECEIPT} (service, at)"),
        format!(
            "CREATE TABLE IF NOT EXISTS {QUARANTINE} (\n  service TEXT NOT NULL,\n  \
             entity TEXT NOT NULL,\n  key BLOB NOT NULL,\n  error TEXT NOT NULL,\n  \
             tries INTEGER NOT NULL,\n  at INTEGER NOT NULL,\n  \
             PRIMARY KEY (service, entity, key)\n) WITHOUT ROWID"
        ),
    ];
    let probes = request.probes.iter().flat_map(|probe| {
        let dropped = if probe.stale {
            vec![
                drop_table(&probe.table.name.name),
                drop_table(&outbox(&request.service, &probe.table)),
            ]
        } else {
            Vec::new()
        };
        dropped.into_iter().chain([create_probe(&probe.table)])
    });
    let outboxes = request
        .tables
        .iter()
        .map(|table| create_outbox(&request.service, table));
    shared.into_iter().chain(probes).chain(outboxes).collect()
}

fn drop_table(name: &str) -> String {
    format!("DROP TABLE IF EXISTS {}", quote(name))
}

/// A table of ours with the declared types of the application's, so that its
/// values are stored alike.
fn create_probe(table: &Table) -> String {
    let columns = table.columns.iter().map(|column| {
        let not_null = if column.nullable { "" } else { " NOT NULL" };
        format!("  {} {}{not_null}", quote(&column.name), column.native)
    });
    let key = table.key.iter();
    let key: Vec<String> = key.map(|at| quote(&table.columns[*at].name)).collect();
    format!(
        "CREATE TABLE IF NOT EXISTS {} (\n{},\n  PRIMARY KEY ({})\n)",
        quote(&table.name.name),
        columns.collect::<Vec<_>>().join(",\n"),
        key.join(", ")
    )
}

/// Key columns have the declared types of the entity's key, so that equality
/// means the same in both tables.
fn create_outbox(service: &str, table: &Table) -> String {
    let columns = key_types(table)
        .map(|(name, native)| format!("  {} {native} NOT NULL", quote(&name)))
        .chain([
            "  token INTEGER NOT NULL".to_owned(),
            "  epoch INTEGER NOT NULL".to_owned(),
        ]);
    let primary: Vec<String> = outbox_key_names(table)
        .iter()
        .map(|name| quote(name))
        .collect();
    format!(
        "CREATE TABLE IF NOT EXISTS {} (\n{},\n  PRIMARY KEY ({})\n) WITHOUT ROWID",
        quote(&outbox(service, table)),
        columns.collect::<Vec<_>>().join(",\n"),
        primary.join(", ")
    )
}

fn key_types(table: &Table) -> impl Iterator<Item = (String, &str)> {
    table.key.iter().map(|index| {
        let column = &table.columns[*index];
        (key_column(&column.name), column.native.as_str())
    })
}

/// An outbox that stands there from before must be one for this key.
async fn check_outbox(
    session: &mut Session,
    service: &str,
    table: &Table,
) -> Result<(), StoreError> {
    let name = outbox(service, table);
    let sql = Sql::new("SELECT name, type FROM pragma_table_xinfo(")
        .bind(name.as_str())
        .push(") WHERE pk > 0 ORDER BY pk");
    let rows = session
        .rows(sql)
        .await
        .map_err(|error| store_error(&error, None))?;
    let found: Vec<(String, String)> = rows
        .iter()
        .map(|row| Ok((row.try_get(0)?, row.try_get(1)?)))
        .collect::<Result<_, sqlx::Error>>()
        .map_err(|error| store_error(&error, None))?;
    let matches = found.len() == table.key.len()
        && key_types(table).zip(&found).all(|((name, native), found)| {
            name == found.0 && native.eq_ignore_ascii_case(&found.1)
        });
    if matches {
        return Ok(());
    }
    Err(StoreError::Schema(format!(
        "{name} was made for another key than that of {}: drain its markers, drop it and install again",
        table.name
    )))
}

fn insert_fence(service: &str, fence: &Fence) -> String {
    let cells = [
        Cell::from(service),
        Cell::Integer(i64::try_from(fence.epoch).unwrap_or(i64::MAX)),
        Cell::from(fence.role.as_str()),
        Cell::from(fence.phase.as_str()),
        Cell::from(fence.plan_id.as_str()),
        Cell::from(fence.settings.as_str()),
    ];
    let values: Vec<String> = cells.iter().map(shown).collect();
    format!(
        "INSERT INTO {FENCE} (service, epoch, role, phase, plan_id, settings)\nVALUES ({})\n\
         ON CONFLICT (service) DO NOTHING",
        values.join(", ")
    )
}

fn shown(cell: &Cell) -> String {
    match cell {
        Cell::Integer(number) => number.to_string(),
        Cell::Text(text) => literal(text),
        Cell::Null | Cell::Real(_) | Cell::Blob(_) => "NULL".to_owned(),
    }
}
