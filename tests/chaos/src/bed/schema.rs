//! The tables: the same four on each side, under other names.

use crate::engines::Engine;
use crate::history::{Entity, Side};

/// The service whose tables they are.
pub const SERVICE: &str = "ledger";

/// Its manifest.
pub const MANIFEST: &str = r"
apiVersion: dualwrite/v1
kind: Migration
metadata:
  name: ledger
spec:
  phase: legacy_only
  keepMarkers: true
  # Changes of primary are to come amid errors, not after a minute without any.
  guards: { maxSecondaryErrorPercent: 100 }
  entities:
    - name: account
      root: true
      key: [id]
      legacy: { table: ledger_accounts }
      new: { table: accounts }
      columns:
        - { legacy: number, new: id }
        - { legacy: content, new: value }
    - name: counter
      key: [id]
      legacy: { table: ledger_counters }
      new: { table: counters }
      columns:
        - { legacy: number, new: id }
        - { legacy: content, new: value }
    - name: journal
      key: [id]
      legacy: { table: ledger_journals }
      new: { table: journals }
      columns:
        - { legacy: number, new: id }
        - { legacy: content, new: value }
    - name: seat
      key: [id]
      legacy: { table: ledger_seats }
      new: { table: seats }
      columns:
        - { legacy: number, new: id }
        - { legacy: content, new: value }
";

/// A table's name on a side.
#[must_use]
pub const fn table(side: Side, entity: Entity) -> &'static str {
    match (side, entity) {
        (Side::Legacy, Entity::Account) => "ledger_accounts",
        (Side::Legacy, Entity::Counter) => "ledger_counters",
        (Side::Legacy, Entity::Journal) => "ledger_journals",
        (Side::Legacy, Entity::Seat) => "ledger_seats",
        (Side::New, Entity::Account) => "accounts",
        (Side::New, Entity::Counter) => "counters",
        (Side::New, Entity::Journal) => "journals",
        (Side::New, Entity::Seat) => "seats",
    }
}

/// The key's column on a side.
#[must_use]
pub const fn key(side: Side) -> &'static str {
    match side {
        Side::Legacy => "number",
        Side::New => "id",
    }
}

/// The other column.
#[must_use]
pub const fn column(side: Side) -> &'static str {
    match side {
        Side::Legacy => "content",
        Side::New => "value",
    }
}

/// The statements that make the tables.
pub(super) fn script(engine: Engine, side: Side) -> String {
    let (key, column) = (key(side), column(side));
    let tables = Entity::ALL.map(|entity| {
        let kind = kind(engine, entity);
        let table = table(side, entity);
        let bigint = match engine {
            Engine::Postgres => "bigint",
            Engine::Sqlite => "INTEGER",
        };
        format!("CREATE TABLE {table} ({key} {bigint} PRIMARY KEY, {column} {kind} NOT NULL);")
    });
    tables.join("\n")
}

const fn kind(engine: Engine, entity: Entity) -> &'static str {
    match (engine, entity) {
        (Engine::Postgres, Entity::Account | Entity::Counter) => "bigint",
        (Engine::Sqlite, Entity::Account | Entity::Counter) => "INTEGER",
        (Engine::Postgres | Engine::Sqlite, Entity::Journal) => "text",
        (Engine::Postgres | Engine::Sqlite, Entity::Seat) => "text UNIQUE",
    }
}
