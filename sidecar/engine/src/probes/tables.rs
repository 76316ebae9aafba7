//! Which tables of probes are there, and which are to be created.

use std::sync::Arc;

use dualwrite_core::catalog::{Catalog, TableInfo};
use dualwrite_core::mapping::{EntityMap, Mapping, Table};
use dualwrite_core::probe::{probe_of, probe_table};
use dualwrite_core::side::Side;
use dualwrite_core::spec::TableName;

use crate::compile::describe;
use crate::shared::Shared;
use crate::store::{ProbeTable, StoreError};

/// The probes that can be used: those whose tables are there, and made for
/// this mapping, on every side that answers.
pub(crate) async fn standing(shared: &Shared, mapping: &Mapping) -> Vec<Arc<EntityMap>> {
    let probes = all(shared, mapping);
    let (legacy, new) = tokio::join!(
        catalog(shared, Side::Legacy, &probes),
        catalog(shared, Side::New, &probes)
    );
    let there = |probe: &Arc<EntityMap>| {
        let on = |side, catalog: &Result<Catalog, StoreError>| match catalog {
            Ok(catalog) => found(catalog, probe.table(side)) == Found::Right,
            // A side that is away is looked at again before it is written.
            Err(_) => true,
        };
        on(Side::Legacy, &legacy) && on(Side::New, &new)
    };
    if legacy.is_err() && new.is_err() {
        return Vec::new();
    }
    probes.into_iter().filter(there).collect()
}

/// The tables that an installation creates on a side.
pub(crate) async fn wanted(
    shared: &Shared,
    mapping: &Mapping,
    side: Side,
) -> Result<Vec<ProbeTable>, StoreError> {
    let probes = all(shared, mapping);
    let catalog = catalog(shared, side, &probes).await?;
    let each = probes.iter().filter_map(|probe| {
        let table = probe.table(side);
        let like = mapping
            .entities
            .iter()
            .map(|entity| entity.table(side))
            .find(|like| dualwrite_core::probe::probe_name(&like.entity) == *table.entity)?;
        Some(ProbeTable {
            table: Arc::clone(table),
            like: Arc::clone(like),
            stale: found(&catalog, table) == Found::Other,
        })
    });
    Ok(each.collect())
}

fn all(shared: &Shared, mapping: &Mapping) -> Vec<Arc<EntityMap>> {
    let each = mapping.entities.iter().filter_map(|entity| {
        let name = |side| own_table(shared, side, &probe_table(&shared.service, &entity.name));
        let probe = probe_of(&shared.service, entity, name(Side::Legacy), name(Side::New));
        probe.map(Arc::new)
    });
    each.collect()
}

/// The name on a side; one that nothing is called where no database is set.
fn own_table(shared: &Shared, side: Side, name: &str) -> TableName {
    match shared.store(side) {
        Ok(store) => store.own_table(name),
        Err(_) => TableName::bare(name),
    }
}

async fn catalog(
    shared: &Shared,
    side: Side,
    probes: &[Arc<EntityMap>],
) -> Result<Catalog, StoreError> {
    let names: Vec<TableName> = probes
        .iter()
        .map(|probe| probe.table(side).name.clone())
        .collect();
    describe(shared, side, &names).await
}

/// What stands under the name of a probe's table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Found {
    /// Nothing.
    Nothing,
    /// The table, as the mapping needs it.
    Right,
    /// One that was made for another mapping.
    Other,
}

fn found(catalog: &Catalog, table: &Table) -> Found {
    match catalog.table(&table.name) {
        None => Found::Nothing,
        Some(there) if mirrors(there, table) => Found::Right,
        Some(_) => Found::Other,
    }
}

fn mirrors(there: &TableInfo, table: &Table) -> bool {
    let key: Vec<&str> = table
        .key
        .iter()
        .map(|at| table.columns[*at].name.as_str())
        .collect();
    there.columns.len() == table.columns.len()
        && there
            .columns
            .iter()
            .zip(&table.columns)
            .all(|(there, wanted)| {
                there.name == wanted.name && there.native.eq_ignore_ascii_case(&wanted.native)
            })
        && there.primary_key == key
}
