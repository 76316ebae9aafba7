//! Probes: rows that a test run writes, reads back and removes, in tables of
//! ours that mirror those of an entity.
//!
//! To everything that copies, drains and flips, a probe is one more entity; its
//! name ([`probe_name`]) is one that no entity of an application can have, so
//! that nobody outside can name it. Which values a probe writes is decided
//! here ([`values`]): telling ones, where both sides can hold them.

mod fits;
mod sample;

#[cfg(test)]
mod tests;

use std::sync::Arc;

pub use sample::{NoSample, Variant, values};

use crate::mapping::{EntityMap, Table};
use crate::spec::{TableName, outbox_name};

/// What the name of a probe begins with. No entity's name may hold a dash.
const PREFIX: &str = "probe-";

/// Bytes of a name that every engine keeps.
const IDENTIFIER_MAX: usize = 63;

/// The name of the probe of an entity.
#[must_use]
pub fn probe_name(entity: &str) -> String {
    format!("{PREFIX}{entity}")
}

/// Whether this is the name of a probe, and so of no entity of an application.
#[must_use]
pub fn is_probe(entity: &str) -> bool {
    entity.starts_with(PREFIX)
}

/// The name of the table that holds an entity's probes, before an engine puts
/// its schema or prefix to it.
#[must_use]
pub fn probe_table(service: &str, entity: &str) -> String {
    format!("probe_{service}_{entity}")
}

/// The probe of an entity: the same fields, kinds, conversions and key, over
/// these tables. `None` where the names would be too long for an engine.
#[must_use]
pub fn probe_of(
    service: &str,
    entity: &EntityMap,
    legacy: TableName,
    new: TableName,
) -> Option<EntityMap> {
    let name: Arc<str> = probe_name(&entity.name).into();
    let longest = [outbox_name(service, &name), new.name.clone()];
    if longest.iter().any(|name| name.len() > IDENTIFIER_MAX) {
        return None;
    }
    Some(EntityMap {
        legacy: Arc::new(mirror(&name, legacy, &entity.legacy)),
        new: Arc::new(mirror(&name, new, &entity.new)),
        name,
        root: false,
        captured: false,
        fields: entity.fields.clone(),
        key: entity.key.clone(),
    })
}

/// A table like this one, without what hangs on others: no foreign keys, no
/// unique sets, nothing computed.
fn mirror(entity: &Arc<str>, name: TableName, like: &Table) -> Table {
    let mut columns = like.columns.clone();
    for column in &mut columns {
        column.generated = false;
    }
    Table {
        entity: Arc::clone(entity),
        name,
        key: like.key.clone(),
        columns,
        fk_rank: 0,
        uniques: Vec::new(),
        references: Vec::new(),
    }
}
