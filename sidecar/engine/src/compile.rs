//! From entities as they are written to a mapping that fits both databases.

use std::sync::Arc;
use std::time::Duration;

use dualwrite_core::catalog::Catalog;
use dualwrite_core::mapping::{self, Mapping};
use dualwrite_core::side::Side;
use dualwrite_core::spec::{Entity, TableName};
use tokio::time::timeout;

use crate::probes;
use crate::shared::Shared;
use crate::store::StoreError;

/// A catalog is a handful of queries; a database that needs longer is away.
const DESCRIBE_TIMEOUT: Duration = Duration::from_secs(10);

/// A mapping, and whether both databases had a say in it.
#[derive(Debug)]
pub(crate) struct Compiled {
    pub(crate) mapping: Arc<Mapping>,
    pub(crate) complete: bool,
}

/// Checks entities against the schemas that can be reached. The primary's must
/// be; the other's kinds are inferred while it is away.
pub(crate) async fn mapping(
    shared: &Shared,
    primary: Side,
    entities: &[Entity],
) -> Result<Compiled, Vec<String>> {
    let (legacy, new) = tokio::join!(
        catalog(shared, Side::Legacy, entities),
        catalog(shared, Side::New, entities)
    );
    let needed = match primary {
        Side::Legacy => &legacy,
        Side::New => &new,
    };
    if let Err(error) = needed {
        return Err(vec![format!(
            "the {primary} database cannot be described: {error}"
        )]);
    }
    let mut mapping = mapping::check(
        &shared.service,
        entities,
        legacy.as_ref().ok(),
        new.as_ref().ok(),
    )
    .map_err(|errors| errors.iter().map(ToString::to_string).collect::<Vec<_>>())?;
    mapping.probes = probes::standing(shared, &mapping).await;
    Ok(Compiled {
        mapping: Arc::new(mapping),
        complete: legacy.is_ok() && new.is_ok(),
    })
}

/// Checks entities against the new schema alone, for a service whose migration
/// has ended.
pub(crate) async fn of_new(
    shared: &Shared,
    entities: &[Entity],
) -> Result<Arc<Mapping>, Vec<String>> {
    let new = catalog(shared, Side::New, entities)
        .await
        .map_err(|error| {
            vec![format!(
                "the {} database cannot be described: {error}",
                Side::New
            )]
        })?;
    mapping::check(&shared.service, entities, None, Some(&new))
        .map(Arc::new)
        .map_err(|errors| errors.iter().map(ToString::to_string).collect())
}

async fn catalog(shared: &Shared, side: Side, entities: &[Entity]) -> Result<Catalog, StoreError> {
    let tables: Vec<TableName> = entities
        .iter()
        .map(|entity| match side {
            Side::Legacy => entity.legacy_table.clone(),
            Side::New => entity.new_table.clone(),
        })
        .collect();
    describe(shared, side, &tables).await
}

/// What one side's catalog says of these tables.
pub(crate) async fn describe(
    shared: &Shared,
    side: Side,
    tables: &[TableName],
) -> Result<Catalog, StoreError> {
    let store = shared.store(side)?;
    match timeout(DESCRIBE_TIMEOUT, store.describe(tables)).await {
        Ok(described) => described,
        Err(_) => Err(StoreError::Unavailable(
            "the catalog was not read in time".to_owned(),
        )),
    }
}
