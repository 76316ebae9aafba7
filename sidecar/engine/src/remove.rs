//! Removing everything of ours from both databases.

use std::time::Duration;

use dualwrite_core::diagnosis::Removal;
use dualwrite_core::side::Side;
use tokio::time::timeout;

use crate::shared::Shared;
use crate::store::Removed;

/// How long one database may take: a few locks that are waited for in short
/// tries, and two looks at its catalog.
const PATIENCE: Duration = Duration::from_secs(30);

/// Removes on each side, and answers what was done and what stands in the way
/// of the rest.
pub(crate) async fn remove(shared: &Shared) -> (Vec<Removal>, Vec<String>) {
    let plain = shared.watcher.view().active.clone();
    if !plain.is_some_and(|active| active.plain) {
        let why = "this sidecar still works under fences";
        return (Vec::new(), vec![why.to_owned()]);
    }
    let mut removals = Vec::new();
    let mut obstacles = Vec::new();
    for side in Side::BOTH {
        match on(shared, side).await {
            Ok(removal) => {
                tracing::info!(%side, clean = removal.is_clean(), "removed what is ours");
                removals.push(removal);
            }
            Err(why) => obstacles.push(format!("{side}: {why}")),
        }
    }
    (removals, obstacles)
}

async fn on(shared: &Shared, side: Side) -> Result<Removal, String> {
    let store = shared.store(side).map_err(|error| error.to_string())?;
    let removed = match timeout(PATIENCE, store.remove(&shared.service)).await {
        Ok(removed) => removed.map_err(|error| error.to_string())?,
        Err(_) => return Err("the database did not answer in time".to_owned()),
    };
    let Removed {
        removed,
        kept,
        left,
        schema_before,
        schema_after,
    } = removed;
    Ok(Removal {
        side,
        removed,
        kept,
        left,
        schema_before,
        schema_after,
    })
}
