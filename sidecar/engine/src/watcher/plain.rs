//! The view of a service whose migration has ended: the new database alone,
//! and no fence to read.

use std::sync::Arc;

use dualwrite_core::authority::{Authority, Following, Outlook, Standing};
use dualwrite_core::fence::{EpochSettings, Seen};
use dualwrite_core::phase::Phase;
use dualwrite_core::side::Side;
use dualwrite_core::spec::Entity;
use tokio::time::{Instant, timeout};

use super::LOOK_TIMEOUT;
use crate::compile;
use crate::shared::Shared;
use crate::view::{Active, View};

/// One look at the new database. The legacy one is not touched any more.
pub(super) async fn view(shared: &Shared, before: &View, entities: &[Entity]) -> View {
    let new = match shared.store(Side::New) {
        Ok(store) => match timeout(LOOK_TIMEOUT, store.ping()).await {
            Ok(Ok(())) => Seen::Missing,
            Ok(Err(_)) | Err(_) => Seen::Unreachable,
        },
        Err(_) => Seen::Unreachable,
    };
    let (active, mapping_problem) = active(shared, before, entities).await;
    View {
        legacy: Seen::Unreachable,
        new,
        outlook: Outlook::Settled(authority()),
        active,
        mapping_problem,
    }
}

/// The mapping of before where it is one of these entities, else checked anew
/// against the new schema alone.
async fn active(
    shared: &Shared,
    before: &View,
    entities: &[Entity],
) -> (Option<Arc<Active>>, Option<String>) {
    let known = before.active.as_ref();
    if let Some(active) = known.filter(|active| active.plain) {
        return (Some(Arc::clone(active)), None);
    }
    let same = known.filter(|active| {
        EpochSettings::from_json(&active.authority.settings)
            .is_ok_and(|settings| settings.entities == entities)
    });
    let mapping = match same {
        Some(active) => Ok(Arc::clone(&active.mapping)),
        None => compile::of_new(shared, entities).await,
    };
    match mapping {
        Ok(mapping) => {
            let active = Active {
                authority: authority(),
                mapping,
                complete: true,
                marking: false,
                primary_since: Instant::now(),
                other_has_receipts: false,
                plain: true,
            };
            (Some(Arc::new(active)), None)
        }
        // Until the new database can be asked, whoever writes under the last
        // fence is judged by it, as ever.
        Err(problems) => (before.active.clone(), Some(problems.join("; "))),
    }
}

/// No epoch counts any more.
const fn authority() -> Authority {
    Authority {
        epoch: 0,
        phase: Phase::NewOnly,
        primary: Side::New,
        standing: Standing::Open,
        following: Following::Off,
        settings: String::new(),
    }
}
