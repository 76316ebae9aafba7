//! Waiting until foreground writes may start.

use std::sync::Arc;
use std::time::Duration;

use dualwrite_core::authority::Outlook;
use tokio::time::Instant;

use crate::error::DataError;
use crate::shared::Shared;
use crate::view::{Active, Admission, View};

/// How long the first look at the fences may take before a write is refused
/// instead of waiting for it.
const FIRST_LOOK: Duration = Duration::from_secs(3);

/// The authority to write under. Waits, within bounds, while a flip is under
/// way.
pub(crate) async fn admitted(
    shared: &Shared,
    weight: u64,
    deadline: Instant,
) -> Result<Arc<Active>, DataError> {
    let mut place = None;
    let mut looked = false;
    loop {
        match shared.watcher.view().admission(&shared.service) {
            Admission::Now(active) => return Ok(active),
            Admission::Held => {
                if place.is_none() {
                    place = Some(shared.hold.enter(weight, deadline)?);
                }
                let Some(held) = &place else { continue };
                if !shared.watcher.refreshed(held.until).await || Instant::now() >= held.until {
                    return Err(held.too_long());
                }
            }
            // What was known may be old: look once before saying no.
            Admission::Refused(_) if !looked => {
                looked = true;
                shared
                    .watcher
                    .refreshed(deadline.min(Instant::now() + FIRST_LOOK))
                    .await;
            }
            Admission::Refused(error) => return Err(error),
        }
    }
}

/// The authority to read under. A frozen primary still answers reads, so only
/// the moment between hand-over and activation is waited out.
pub(crate) async fn admitted_to_read(
    shared: &Shared,
    deadline: Instant,
) -> Result<Arc<Active>, DataError> {
    let mut looked = false;
    loop {
        let view = shared.watcher.view();
        let handed = matches!(view.outlook, Outlook::Handed { .. });
        match &view.active {
            Some(active) if !handed && !view.primary_lost_its_fence() => {
                return Ok(Arc::clone(active));
            }
            Some(_) if handed => {
                if !shared.watcher.refreshed(deadline).await {
                    return Err(DataError::Deadline);
                }
            }
            Some(_) | None if !looked => {
                looked = true;
                shared
                    .watcher
                    .refreshed(deadline.min(Instant::now() + FIRST_LOOK))
                    .await;
            }
            Some(_) | None => return Err(refusal(shared, &view)),
        }
    }
}

fn refusal(shared: &Shared, view: &View) -> DataError {
    match view.admission(&shared.service) {
        Admission::Refused(error) => error,
        Admission::Now(_) | Admission::Held => view.why_not(),
    }
}
