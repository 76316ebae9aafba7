//! Creating our tables and the first fences on both sides.

use dualwrite_core::fence::{EpochSettings, FIRST_EPOCH, Fence};
use dualwrite_core::side::Side;

use crate::compile;
use crate::probes;
use crate::shared::Shared;
use crate::store::{InstallRequest, StoreError};

/// Why an installation did not succeed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InstallError {
    /// The mapping does not fit the databases.
    #[error("the mapping does not fit the databases: {}", .0.join("; "))]
    Mapping(Vec<String>),
    /// A database refused.
    #[error("{side}: {error}")]
    Store {
        /// Which.
        side: Side,
        /// What it said.
        error: StoreError,
    },
}

/// Installs on both sides that are configured. Running it twice changes
/// nothing; a fence that is there stays as it is.
pub(crate) async fn install(shared: &Shared, settings: &EpochSettings) -> Result<(), InstallError> {
    for (side, request) in requests(shared, settings).await? {
        let store = shared
            .store(side)
            .map_err(|error| InstallError::Store { side, error })?;
        store
            .install(&request)
            .await
            .map_err(|error| InstallError::Store { side, error })?;
        tracing::info!(%side, service = %settings.service, "our tables and the fence are in place");
    }
    // The mapping in force may lack the probes that are there now.
    shared.watcher.compile_anew();
    crate::watcher::look(shared).await;
    Ok(())
}

/// The statements that [`install`] would run.
pub(crate) async fn install_sql(
    shared: &Shared,
    settings: &EpochSettings,
) -> Result<Vec<(Side, String)>, InstallError> {
    let mut texts = Vec::new();
    for (side, request) in requests(shared, settings).await? {
        let store = shared
            .store(side)
            .map_err(|error| InstallError::Store { side, error })?;
        texts.push((side, store.install_sql(&request)));
    }
    Ok(texts)
}

async fn requests(
    shared: &Shared,
    settings: &EpochSettings,
) -> Result<Vec<(Side, InstallRequest)>, InstallError> {
    let primary = settings.phase.primary();
    let compiled = compile::mapping(shared, primary, &settings.entities).await;
    let mapping = compiled.map_err(InstallError::Mapping)?.mapping;
    let mut requests = Vec::new();
    for side in Side::BOTH {
        if shared.store(side).is_err() {
            continue;
        }
        let probes = probes::wanted(shared, &mapping, side)
            .await
            .map_err(|error| InstallError::Store { side, error })?;
        let entities = mapping.entities.iter();
        let tables = entities
            .map(|entity| entity.table(side))
            .chain(probes.iter().map(|probe| &probe.table))
            .cloned()
            .collect();
        let fence = Fence {
            epoch: FIRST_EPOCH,
            role: settings.phase.role(side),
            phase: settings.phase,
            plan_id: String::new(),
            settings: settings.to_json(),
        };
        let service = settings.service.clone();
        requests.push((
            side,
            InstallRequest {
                service,
                tables,
                probes,
                fence: Some(fence),
            },
        ));
    }
    // The side that is not primary first: a fence that says `primary` is what
    // lets writes begin.
    requests.sort_by_key(|(side, _)| *side == primary);
    Ok(requests)
}
