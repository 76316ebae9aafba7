//! The hand-over: drain, move the sequences on, and give the authority away,
//! which the old primary's own row decides and only with no marker left.

use std::sync::Arc;

use dualwrite_core::mapping::Table;
use dualwrite_core::plan::{Cas, StepName};
use tokio::time::Instant;

use super::{DRAIN_BUDGET, Execution, Told};
use crate::relay;
use crate::shared::Shared;
use crate::store::{CasOutcome, StoreError};
use crate::view::Active;

/// How a hand-over ended.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum HandedOver {
    /// The authority is given away.
    Yes,
    /// Markers are left: it may not be.
    MarkersLeft,
    /// Somebody else changed the fence, or nothing is known.
    LookAgain,
}

/// Drains until `until`, then hands over.
pub(super) async fn hand_over(
    shared: &Shared,
    cas: &Cas,
    until: Instant,
) -> Result<HandedOver, StoreError> {
    let Some(active) = draining(shared, cas).await else {
        return Ok(HandedOver::LookAgain);
    };
    if !relay::drain(shared, &active, until).await? {
        return Ok(HandedOver::MarkersLeft);
    }
    let new_primary = cas.side.other();
    let their_tables: Vec<Arc<Table>> = active
        .mapping
        .entities
        .iter()
        .map(|entity| Arc::clone(entity.table(new_primary)))
        .collect();
    shared
        .store(new_primary)?
        .advance_sequences(&their_tables)
        .await?;
    let tables = relay::tables(&active);
    match shared
        .store(cas.side)?
        .change_fence(&shared.service, cas, Some(&tables))
        .await?
    {
        CasOutcome::Changed => Ok(HandedOver::Yes),
        CasOutcome::MarkersLeft => Ok(HandedOver::MarkersLeft),
        CasOutcome::Lost(_) => Ok(HandedOver::LookAgain),
    }
}

/// The authority as the freeze left it: still that of the epoch before.
async fn draining(shared: &Shared, cas: &Cas) -> Option<Arc<Active>> {
    crate::watcher::look(shared).await;
    let active = shared.watcher.view().active.clone()?;
    let right = active.authority.primary == cas.side
        && active.authority.epoch + 1 == cas.from.epoch
        && active.complete;
    right.then_some(active)
}

impl Execution<'_> {
    pub(super) async fn hand_over(&mut self, cas: &Cas) {
        let frozen_at = *self.frozen_at.get_or_insert_with(Instant::now);
        let until = frozen_at + DRAIN_BUDGET;
        match hand_over(self.shared, cas, until).await {
            Ok(HandedOver::Yes) => {
                self.tell(Told::running(StepName::HandOver, "every marker is gone"))
                    .await;
            }
            Ok(HandedOver::MarkersLeft) => {
                let why = format!(
                    "markers were left after {} ms",
                    frozen_at.elapsed().as_millis()
                );
                self.not_handed_over(why, until).await;
            }
            Ok(HandedOver::LookAgain) => tokio::time::sleep(super::WAIT_INTERVAL).await,
            Err(error) => {
                self.not_handed_over(error.to_string(), until).await;
                tokio::time::sleep(super::WAIT_INTERVAL).await;
            }
        }
    }

    /// Writes wait: what cannot be handed over in time is taken back.
    async fn not_handed_over(&mut self, why: String, until: Instant) {
        self.tell(Told::running(StepName::Drain, why.clone())).await;
        if Instant::now() >= until {
            self.gave_up = Some(why);
        }
    }
}
