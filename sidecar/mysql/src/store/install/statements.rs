//! The statements of an installation.

use dualwrite_core::fence::Fence;
use dualwrite_core::key::BUCKETS;
use dualwrite_core::mapping::Table;
use dualwrite_engine::store::{InstallRequest, ProbeTable};

use crate::names::{FENCE, QUARANTINE, RECEIPT, buckets, outbox};
use crate::sql::{literal, outbox_key_names, quote};

/// How every table of ours is kept.
const OPTIONS: &str = "ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin";

/// The type of names: those of services and entities are plain ASCII.
const NAME: &str = "VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL";

/// Numbers in a line of a script.
const IN_A_LINE: usize = 32;

/// All as a script for a person.
pub(in crate::store) fn script(request: &InstallRequest) -> String {
    let fence = request
        .fence
        .iter()
        .map(|fence| self::fence(&request.service, fence));
    let statements: Vec<String> = tables(request).into_iter().chain(fence).collect();
    format!("{};\n", statements.join(";\n\n"))
}

/// Everything but the fence row.
pub(super) fn tables(request: &InstallRequest) -> Vec<String> {
    let service = request.service.as_str();
    let shared = [
        create(
            FENCE,
            &[
                &format!("service {NAME} PRIMARY KEY"),
                "epoch BIGINT UNSIGNED NOT NULL",
                &format!("role {NAME}"),
                &format!("phase {NAME}"),
                "plan_id VARCHAR(255) NOT NULL",
                "settings LONGTEXT NOT NULL",
            ],
        ),
        create(
            RECEIPT,
            &[
                &format!("service {NAME}"),
                "request_id VARBINARY(512) NOT NULL",
                "request_hash BIGINT NOT NULL",
                "aborted TINYINT NOT NULL",
                "outcome LONGTEXT NOT NULL",
                "at BIGINT NOT NULL",
                "PRIMARY KEY (service, request_id)",
                "KEY by_time (service, at)",
            ],
        ),
        create(
            QUARANTINE,
            &[
                &format!("service {NAME}"),
                &format!("entity {NAME}"),
                "key_hash BINARY(32) NOT NULL",
                "row_key LONGBLOB NOT NULL",
                "error TEXT NOT NULL",
                "tries INT UNSIGNED NOT NULL",
                "at BIGINT NOT NULL",
                "PRIMARY KEY (service, entity, key_hash)",
            ],
        ),
        create(
            &buckets(service),
            &["b SMALLINT UNSIGNED NOT NULL PRIMARY KEY"],
        ),
        fill(&buckets(service)),
    ];
    let probes = request
        .probes
        .iter()
        .flat_map(|probe| create_probe(service, probe));
    let outboxes = request
        .tables
        .iter()
        .map(|table| create_outbox(service, table));
    shared.into_iter().chain(probes).chain(outboxes).collect()
}

/// The fence row, unless one is there.
pub(super) fn fence(service: &str, fence: &Fence) -> String {
    format!(
        "INSERT INTO {FENCE} (service, epoch, role, phase, plan_id, settings)\n\
         SELECT {service}, {}, {}, {}, {}, {} FROM DUAL\n\
         WHERE NOT EXISTS (SELECT 1 FROM {FENCE} WHERE service = {service})",
        fence.epoch,
        literal(fence.role.as_str()),
        literal(fence.phase.as_str()),
        literal(&fence.plan_id),
        literal(&fence.settings),
        service = literal(service),
    )
}

fn create(name: &str, parts: &[&str]) -> String {
    format!(
        "CREATE TABLE IF NOT EXISTS {} (\n  {}\n) {OPTIONS}",
        quote(name),
        parts.join(",\n  ")
    )
}

/// A row a bucket. What is there stays.
fn fill(buckets: &str) -> String {
    let numbers: Vec<String> = (0..BUCKETS).map(|number| format!("({number})")).collect();
    let lines: Vec<String> = numbers
        .chunks(IN_A_LINE)
        .map(|line| line.join(", "))
        .collect();
    format!(
        "INSERT IGNORE INTO {} (b) VALUES\n  {}",
        quote(buckets),
        lines.join(",\n  ")
    )
}

/// Key columns have the very types and collations of the entity's key, so that
/// equality means the same in both tables.
fn create_outbox(service: &str, table: &Table) -> String {
    let names = outbox_key_names(table);
    let natives = table.key.iter().map(|index| &table.columns[*index].native);
    let mut parts: Vec<String> = names
        .iter()
        .zip(natives)
        .map(|(name, native)| format!("{} {native} NOT NULL", quote(name)))
        .collect();
    parts.push("token BIGINT NOT NULL".to_owned());
    parts.push("epoch BIGINT UNSIGNED NOT NULL".to_owned());
    parts.push(format!("PRIMARY KEY ({})", names.join(", ")));
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    create(&outbox(service, table), &parts)
}

/// A table of ours with the types of the application's, so that its values are
/// stored alike.
fn create_probe(service: &str, probe: &ProbeTable) -> Vec<String> {
    let table = &probe.table;
    let drop = |name: &str| format!("DROP TABLE IF EXISTS {}", quote(name));
    let mut statements = Vec::new();
    if probe.stale {
        statements.push(drop(&table.name.name));
        statements.push(drop(&outbox(service, table)));
    }
    let mut parts: Vec<String> = table
        .columns
        .iter()
        .map(|column| {
            // Said aloud: a timestamp that is not said to may not be NULL.
            let null = if column.nullable { "NULL" } else { "NOT NULL" };
            format!("{} {} {null}", quote(&column.name), column.native)
        })
        .collect();
    let key = table.key.iter();
    let key: Vec<String> = key.map(|at| quote(&table.columns[*at].name)).collect();
    parts.push(format!("PRIMARY KEY ({})", key.join(", ")));
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    statements.push(create(&table.name.name, &parts));
    statements
}
