//! What every decision about a migration's way begins with: the reason, the
//! migration as the fences say it is by now, and whether it is at rest.

use crate::app::ControlPlane;
use crate::change::Change;
use crate::error::{MigrationNotFound, ReasonRequired, StaleRevision, TransitionRunning};
use crate::model::Author;
use crate::ports::StoreError;
use crate::reconcile::ReconcileError;

/// Refuses what needs a reason and has none.
pub(super) fn with_reason(author: &Author) -> Result<(), ReasonRequired> {
    if author.reason.trim().is_empty() {
        return Err(ReasonRequired);
    }
    Ok(())
}

/// Begins a change of a migration, once what the fences say by now is taken in.
pub(super) async fn opened<E>(
    plane: &ControlPlane,
    name: &str,
    seen: Option<u64>,
) -> Result<Change, E>
where
    E: From<MigrationNotFound> + From<StaleRevision> + From<StoreError>,
{
    let adopted = plane.adopt(name).await;
    adopted.map_err(ReconcileError::leaf::<E>)?;
    Change::open::<E>(plane, name, seen).await
}

/// Refuses while a transition is under way.
pub(super) fn at_rest(change: &Change) -> Result<(), TransitionRunning> {
    match &change.running {
        Some(running) => Err(TransitionRunning::of(running)),
        None => Ok(()),
    }
}
