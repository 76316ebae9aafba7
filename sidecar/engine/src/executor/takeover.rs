//! What every sidecar does by itself: finish a hand-over, raise a side that is
//! behind, and take over from an executor that is gone. No control plane
//! needed.

use std::sync::Arc;
use std::time::Duration;

use dualwrite_core::fence::{FenceAt, Seen};
use dualwrite_core::plan::{Cas, Patience, Step, mend};
use dualwrite_core::side::{Role, Side};
use tokio::time::Instant;

use super::hand_over::{HandedOver, hand_over};
use super::{DRAIN_BUDGET, change_fence};
use crate::ports::jittered;
use crate::shared::Shared;
use crate::store::CasOutcome;

/// How long the same frozen row must have been seen before its executor is
/// taken for dead. Longer than a drain may take, so that a living executor is
/// not raced.
const PATIENCE: Duration = Duration::from_secs(5);

/// Between looks while a frozen row stands.
const INTERVAL: Duration = Duration::from_millis(250);

/// Mends for as long as it is polled.
pub(crate) async fn run(shared: Arc<Shared>) {
    let mut changes = shared.watcher.changes();
    let mut frozen = Frozen::default();
    loop {
        let view = shared.watcher.view();
        let patience = frozen.patience(&view.legacy, &view.new);
        match mend(&view.legacy, &view.new, patience) {
            Some(Step::Change(cas)) => change(&shared, &cas).await,
            Some(Step::HandOver(cas)) if !shared.running.any() => {
                frozen.exhausted = take_over(&shared, &cas).await;
            }
            Some(
                Step::HandOver(_)
                | Step::Done
                | Step::Aborted
                | Step::Wait { .. }
                | Step::Resolved { .. },
            )
            | None => {}
        }
        if frozen.since.is_some() {
            tokio::time::sleep(jittered(&*shared.entropy, INTERVAL)).await;
        } else {
            let _ = changes.changed().await;
        }
    }
}

/// Since when the same frozen row has been seen, by this process's own clock.
#[derive(Debug, Default)]
struct Frozen {
    since: Option<((Side, FenceAt), Instant)>,
    exhausted: bool,
}

impl Frozen {
    fn patience(&mut self, legacy: &Seen, new: &Seen) -> Patience {
        let row = [(Side::Legacy, legacy), (Side::New, new)]
            .into_iter()
            .filter_map(|(side, seen)| seen.at().map(|at| (side, at)))
            .find(|(_, at)| at.role == Role::Frozen);
        let Some(row) = row else {
            *self = Self::default();
            return Patience::Left;
        };
        match self.since {
            Some((seen, since)) if seen == row => {
                if since.elapsed() < PATIENCE {
                    Patience::Left
                } else if self.exhausted {
                    Patience::Exhausted
                } else {
                    Patience::Over
                }
            }
            Some(_) | None => {
                *self = Self {
                    since: Some((row, Instant::now())),
                    exhausted: false,
                };
                Patience::Left
            }
        }
    }
}

async fn change(shared: &Shared, cas: &Cas) {
    match change_fence(shared, cas).await {
        Ok(CasOutcome::Changed) => {
            tracing::info!(step = %cas.name, side = %cas.side, to = %cas.to.at(), "a fence is mended");
        }
        Ok(CasOutcome::Lost(_) | CasOutcome::MarkersLeft) => {}
        Err(error) => {
            tracing::debug!(step = %cas.name, side = %cas.side, %error, "a fence cannot be mended now");
            tokio::time::sleep(jittered(&*shared.entropy, INTERVAL)).await;
        }
    }
    crate::watcher::look(shared).await;
}

/// Tries to finish somebody else's flip. Answers whether it must be taken back.
async fn take_over(shared: &Shared, cas: &Cas) -> bool {
    tracing::warn!(side = %cas.side, "a flip stands still: this sidecar takes over");
    let ended = hand_over(shared, cas, Instant::now() + DRAIN_BUDGET).await;
    crate::watcher::look(shared).await;
    match ended {
        Ok(HandedOver::Yes | HandedOver::LookAgain) => false,
        Ok(HandedOver::MarkersLeft) => true,
        Err(error) => {
            tracing::warn!(%error, "the flip cannot be finished and is taken back");
            true
        }
    }
}

#[cfg(test)]
mod tests {
    use dualwrite_core::fence::Fence;
    use dualwrite_core::phase::Phase;

    use super::*;

    fn frozen_at(epoch: u64) -> Seen {
        Seen::Fence(Fence {
            epoch,
            role: Role::Frozen,
            phase: Phase::NewPrimary,
            plan_id: "p".into(),
            settings: String::new(),
        })
    }

    #[tokio::test(start_paused = true)]
    async fn patience_is_counted_from_the_first_look_at_the_same_row() {
        let mut frozen = Frozen::default();
        assert_eq!(
            frozen.patience(&frozen_at(5), &Seen::Unreachable),
            Patience::Left
        );
        tokio::time::advance(PATIENCE).await;
        assert_eq!(
            frozen.patience(&frozen_at(7), &Seen::Unreachable),
            Patience::Left,
            "another row"
        );
        tokio::time::advance(PATIENCE).await;
        assert_eq!(
            frozen.patience(&frozen_at(7), &Seen::Unreachable),
            Patience::Over
        );
        frozen.exhausted = true;
        assert_eq!(
            frozen.patience(&frozen_at(7), &Seen::Unreachable),
            Patience::Exhausted
        );
        assert_eq!(
            frozen.patience(&Seen::Missing, &Seen::Missing),
            Patience::Left
        );
        assert!(frozen.since.is_none() && !frozen.exhausted);
    }
}
