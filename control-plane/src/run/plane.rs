//! The deciding half, on its store.

use std::path::Path;
use std::sync::Arc;

use dualwrite_control_app::app::TRANSITION_LIMIT;
use dualwrite_control_app::ports::SystemClock;
use dualwrite_control_app::{ControlPlane, Setup};
use dualwrite_control_store::SqliteStore;
use dualwrite_process::Lifecycle;

use crate::ids::TimeOrderedIds;

/// Opens the store, reads what is in it, and starts what takes longer than a
/// call.
pub(super) async fn start(
    life: &Lifecycle,
    file: &Path,
) -> anyhow::Result<(ControlPlane, SqliteStore)> {
    let store = SqliteStore::open(file).await?;
    let setup = Setup {
        store: Arc::new(store.clone()),
        clock: Arc::new(SystemClock::new()),
        ids: Arc::new(TimeOrderedIds),
        transition_limit: TRANSITION_LIMIT,
    };
    let plane = ControlPlane::start(setup).await?;
    let (reconciling, soft) = (plane.clone(), life.soft());
    life.spawn("reconcilers", async move {
        soft.run_until_cancelled(reconciling.run()).await;
    });
    Ok((plane, store))
}
