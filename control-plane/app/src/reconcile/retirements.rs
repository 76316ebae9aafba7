//! Removing what is ours once every live sidecar works without it.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};

use super::{ReconcileError, TICK};
use crate::app::ControlPlane;
use crate::asking::AskError;
use crate::change::{Change, place};
use crate::fleet::{Removals, Remove, Service};
use crate::model::{Author, EventKind, Retirement};
use crate::publish::Published;

/// How long one sidecar is waited for: it waits for locks on both databases.
const PATIENCE: Duration = Duration::from_secs(70);

impl ControlPlane {
    /// Looks once a second, one service after the other, for as long as it is
    /// polled.
    pub(super) async fn remove_for_ever(&self) {
        let mut ticks = interval(TICK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            for service in self.registry().all() {
                if let Err(error) = self.drive_retirement(&service).await {
                    let service = service.name();
                    tracing::warn!(service, %error, "a removal is tried again in a second");
                }
            }
        }
    }

    async fn drive_retirement(&self, service: &Arc<Service>) -> Result<(), ReconcileError> {
        let Some(published) = service.published().filter(|told| told.removing) else {
            return Ok(());
        };
        let (removals, waiting_for) = if let Some(waiting_for) = self.not_plain(service, &published)
        {
            (Vec::new(), waiting_for)
        } else {
            let Removals { done, obstacle } = self.remove_by_any(service).await;
            (done, obstacle)
        };
        let mut change = Change::open::<ReconcileError>(self, service.name(), None).await?;
        let Some(mut retirement) = change.migration.retirement.clone() else {
            return Ok(());
        };
        for removal in removals {
            retirement.take_in(removal);
        }
        retirement.waiting_for = waiting_for;
        if retirement.is_complete() {
            retirement.ended = Some(change.now);
            retirement.waiting_for.clear();
        }
        if change.migration.retirement.as_ref() == Some(&retirement) {
            return Ok(());
        }
        self.note_removal(&mut change, &retirement).await?;
        change.migration.retirement = Some(retirement);
        change.save::<ReconcileError>().await?;
        change.commit(self).await?;
        Ok(())
    }

    async fn note_removal(
        &self,
        change: &mut Change,
        retirement: &Retirement,
    ) -> Result<(), ReconcileError> {
        if retirement.ended.is_none() {
            return Ok(());
        }
        let author = Author::ourselves("everything of ours is gone from both databases");
        let before = place(&change.migration);
        change
            .note(EventKind::Retired, &author, before, "retired")
            .await?;
        Ok(())
    }

    /// Why nothing may be removed yet: a sidecar that is live works under
    /// fences, or nobody is there.
    fn not_plain(&self, service: &Service, published: &Published) -> Option<String> {
        let live = service.live(self.at().steady);
        if live.is_empty() {
            return Some("a live sidecar to remove what is ours: start one".to_owned());
        }
        let fenced: Vec<&str> = live
            .iter()
            .filter(|one| one.acked < published.revision || one.nack.is_some())
            .map(|one| &*one.instance)
            .collect();
        (!fenced.is_empty()).then(|| {
            format!(
                "sidecars that still work under fences: {}",
                fenced.join(", ")
            )
        })
    }

    /// Asks one sidecar after the other until one has nothing in its way: one
    /// may have a URL that another has not.
    async fn remove_by_any(&self, service: &Service) -> Removals {
        let mut all = Removals::default();
        for session in service.live(self.at().steady) {
            let asked = self.ask_one(service, &session.session, &Remove, PATIENCE);
            match asked.await {
                Some(Ok(Removals { done, obstacle })) => {
                    all.done.extend(done);
                    all.obstacle = obstacle;
                }
                Some(Err(
                    error @ (AskError::NoExecutor(_)
                    | AskError::Failed(_)
                    | AskError::Deadline { .. }),
                )) => all.obstacle = error.to_string(),
                None => "the sidecar that was asked has gone".clone_into(&mut all.obstacle),
            }
            if all.obstacle.is_empty() {
                break;
            }
        }
        all
    }
}
