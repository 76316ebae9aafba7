//! What an installation creates.

use dualwrite_core::fence::Fence;
use dualwrite_core::mapping::Table;
use dualwrite_engine::store::{InstallRequest, ProbeTable, StoreError};

use crate::param::Param;
use crate::sql::{Sql, epoch_param, gate, ident, key_column, key_columns, outbox, table_name};

/// One object and the statements that create it.
#[derive(Debug)]
pub(super) struct Step {
    /// Its quoted name.
    pub(super) name: String,
    pub(super) is_schema: bool,
    pub(super) sql: String,
    /// Whether it is done also where the object is there.
    pub(super) always: bool,
}

const FENCE: &str = "CREATE TABLE IF NOT EXISTS dualwrite.fence (
    service text COLLATE \"C\" PRIMARY KEY,
    epoch bigint NOT NULL CHECK (epoch > 0),
    role text NOT NULL CHECK (role IN ('primary', 'secondary', 'frozen', 'handed', 'off')),
    phase text NOT NULL,
    plan_id text NOT NULL,
    settings text NOT NULL
)";

const RECEIPT: &str = "CREATE TABLE IF NOT EXISTS dualwrite.receipt (
    service text COLLATE \"C\" NOT NULL,
    request_id text COLLATE \"C\" NOT NULL,
    request_hash bigint NOT NULL,
    aborted boolean NOT NULL,
    outcome text[],
    at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (service, request_id)
);
CREATE INDEX IF NOT EXISTS receipt_at ON dualwrite.receipt (service, at)";

const QUARANTINE: &str = "CREATE TABLE IF NOT EXISTS dualwrite.quarantine (
    service text COLLATE \"C\" NOT NULL,
    entity text COLLATE \"C\" NOT NULL,
    key text COLLATE \"C\" NOT NULL,
    error text NOT NULL,
    tries integer NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (service, entity, key)
)";

/// The objects, in the order in which they are created.
pub(super) fn steps(request: &InstallRequest) -> Result<Vec<Step>, StoreError> {
    let mut steps = vec![
        Step {
            name: "dualwrite".into(),
            is_schema: true,
            always: false,
            sql:
                "CREATE SCHEMA IF NOT EXISTS dualwrite;\nREVOKE ALL ON SCHEMA dualwrite FROM PUBLIC"
                    .into(),
        },
        table_step("dualwrite.fence", FENCE),
        table_step("dualwrite.receipt", RECEIPT),
        table_step("dualwrite.quarantine", QUARANTINE),
    ];
    let gate = gate(&request.service)?;
    // Always empty, so there is nothing to vacuum: and a vacuum's lock would
    // stop a flip.
    let create = format!("CREATE TABLE IF NOT EXISTS {gate} () WITH (autovacuum_enabled = off)");
    steps.push(table_step(&gate, &create));
    for probe in &request.probes {
        steps.push(probe_step(&request.service, probe)?);
    }
    for table in &request.tables {
        steps.push(outbox_step(&request.service, table)?);
    }
    Ok(steps)
}

/// Inserts the fence if there is none.
pub(super) fn fence_insert(service: &str, fence: &Fence) -> Result<Sql, StoreError> {
    let mut sql = Sql::new();
    let service = sql.bind(Param::text(service));
    let epoch = sql.bind(epoch_param(fence.epoch)?);
    let plan_id = sql.bind(Param::text(&fence.plan_id));
    let settings = sql.bind(Param::text(&fence.settings));
    sql.push(&format!(
        "INSERT INTO dualwrite.fence (service, epoch, role, phase, plan_id, settings) \
         VALUES ({service}, {epoch}, '{}', '{}', {plan_id}, {settings}) \
         ON CONFLICT (service) DO NOTHING",
        fence.role, fence.phase
    ));
    Ok(sql)
}

/// The whole as a script.
pub(super) fn script(request: &InstallRequest, steps: &[Step]) -> String {
    let mut script = format!(
        "-- dualwrite: the tables of service {}. Safe to run twice.\nBEGIN;\n",
        request.service
    );
    for step in steps {
        script = format!("{script}\n{};\n", step.sql);
    }
    if let Some(fence) = &request.fence {
        script = format!(
            "{script}\nINSERT INTO dualwrite.fence (service, epoch, role, phase, plan_id, settings)\n\
             VALUES ({}, {}, '{}', '{}', {}, {})\nON CONFLICT (service) DO NOTHING;\n",
            literal(&request.service),
            fence.epoch,
            fence.role,
            fence.phase,
            literal(&fence.plan_id),
            literal(&fence.settings)
        );
    }
    script.push_str(
        "\n-- The sidecar's role needs no right to create anything, only these:\n\
         -- GRANT USAGE ON SCHEMA dualwrite TO the_role_of_the_sidecar;\n\
         -- GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA dualwrite TO the_role_of_the_sidecar;\n\
         COMMIT;\n",
    );
    script
}

fn table_step(name: &str, create: &str) -> Step {
    Step {
        name: name.into(),
        is_schema: false,
        always: false,
        sql: format!("{create};\nREVOKE ALL ON TABLE {name} FROM PUBLIC"),
    }
}

/// Columns come from the application's table itself, with their very types.
/// Nothing else of it does: no defaults, no checks, nothing that it refers to.
fn probe_step(service: &str, probe: &ProbeTable) -> Result<Step, StoreError> {
    let ProbeTable { table, like, stale } = probe;
    let name = table_name(&table.name)?;
    let mut columns = Vec::new();
    let mut changes = Vec::new();
    for column in &like.columns {
        let column_name = ident(&column.name)?;
        columns.push(format!("t.{column_name}"));
        if !column.nullable {
            changes.push(format!("ALTER COLUMN {column_name} SET NOT NULL"));
        }
    }
    let key = key_columns(table)?;
    let key = key.into_iter().map(|column| ident(&column.name));
    let key = key.collect::<Result<Vec<_>, _>>()?;
    changes.push(format!("ADD PRIMARY KEY ({})", key.join(", ")));
    let drop = if *stale {
        let outbox = outbox(service, &table.entity)?;
        format!("DROP TABLE IF EXISTS {name};\nDROP TABLE IF EXISTS {outbox};\n")
    } else {
        String::new()
    };
    let create = format!(
        "{drop}CREATE TABLE IF NOT EXISTS {name} AS\n    SELECT {} FROM {} AS t WITH NO DATA;\n\
         ALTER TABLE {name} {}",
        columns.join(", "),
        table_name(&like.name)?,
        changes.join(", ")
    );
    let mut step = table_step(&name, &create);
    step.always = *stale;
    Ok(step)
}

/// The key's columns come from the table itself, with their very types and
/// collations, so that equality means the same in both. Markers are replaced
/// and removed all the time: room on each page, and an eager vacuum.
fn outbox_step(service: &str, table: &Table) -> Result<Step, StoreError> {
    let outbox = outbox(service, &table.entity)?;
    let mut columns = Vec::new();
    let mut names = Vec::new();
    let mut not_null = Vec::new();
    for (place, column) in key_columns(table)?.into_iter().enumerate() {
        let name = key_column(place);
        columns.push(format!("t.{} AS {name}", ident(&column.name)?));
        not_null.push(format!("ALTER COLUMN {name} SET NOT NULL"));
        names.push(name);
    }
    not_null.push("ALTER COLUMN token SET NOT NULL".into());
    not_null.push("ALTER COLUMN epoch SET NOT NULL".into());
    let create = format!(
        "CREATE TABLE IF NOT EXISTS {outbox} WITH (fillfactor = 70, \
         autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000, \
         autovacuum_vacuum_cost_delay = 0) AS\n    \
         SELECT {}, 0::bigint AS token, 0::bigint AS epoch FROM {} AS t WITH NO DATA;\n\
         ALTER TABLE {outbox} {}, ADD PRIMARY KEY ({})",
        columns.join(", "),
        table_name(&table.name)?,
        not_null.join(", "),
        names.join(", ")
    );
    Ok(table_step(&outbox, &create))
}

fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use dualwrite_core::phase::Phase;
    use dualwrite_core::side::Role;

    use super::*;
    use crate::sql::tests::lines;

    fn request() -> InstallRequest {
        InstallRequest {
            service: "cart".into(),
            tables: vec![Arc::new(lines())],
            probes: Vec::new(),
            fence: Some(Fence {
                epoch: 1,
                role: Role::Primary,
                phase: Phase::LegacyOnly,
                plan_id: String::new(),
                settings: "{\"note\":\"it's\"}".into(),
            }),
        }
    }

    #[test]
    fn an_outbox_takes_its_key_from_the_table_itself() {
        let step = outbox_step("cart", &lines()).unwrap();
        assert_eq!(
            step.sql,
            "CREATE TABLE IF NOT EXISTS dualwrite.\"outbox_cart_line\" WITH (fillfactor = 70, \
             autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000, \
             autovacuum_vacuum_cost_delay = 0) AS\n    \
             SELECT t.\"cart\" AS k1, t.\"no\" AS k2, 0::bigint AS token, 0::bigint AS epoch \
             FROM \"shop\".\"lines\" AS t WITH NO DATA;\n\
             ALTER TABLE dualwrite.\"outbox_cart_line\" ALTER COLUMN k1 SET NOT NULL, \
             ALTER COLUMN k2 SET NOT NULL, ALTER COLUMN token SET NOT NULL, \
             ALTER COLUMN epoch SET NOT NULL, ADD PRIMARY KEY (k1, k2);\n\
             REVOKE ALL ON TABLE dualwrite.\"outbox_cart_line\" FROM PUBLIC"
        );
    }

    #[test]
    fn the_script_is_one_transaction_and_escapes_what_it_inserts() {
        let script = script(&request(), &steps(&request()).unwrap());
        assert!(script.contains("'{\"note\":\"it''s\"}'"), "{script}");
        let order = [
            "BEGIN;",
            "CREATE SCHEMA",
            "dualwrite.fence (",
            "gate_cart",
            "outbox_cart_line",
            "COMMIT;",
        ];
        let places: Vec<Option<usize>> = order.iter().map(|part| script.find(part)).collect();
        assert!(
            places.iter().all(Option::is_some) && places.is_sorted(),
            "{places:?}\n{script}"
        );
    }
}
