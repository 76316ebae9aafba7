//! What becomes of what a sidecar says.

use std::sync::atomic::Ordering;

use super::{Heard, Service};
use crate::app::ControlPlane;
use crate::ports::StoreError;
use crate::reconcile::{ReconcileError, plan_progressed, planned, shard_progressed};

/// What a sidecar said was not taken in; its session should end.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HearError {
    /// The session has ended already.
    #[error("the session has ended")]
    Ended,
    /// It could not be stored, and would be lost if the session went on.
    #[error(transparent)]
    NotStored(#[from] ReconcileError),
}

impl From<StoreError> for HearError {
    fn from(error: StoreError) -> Self {
        Self::NotStored(error.into())
    }
}

pub(super) async fn hear(
    plane: &ControlPlane,
    service: &Service,
    session: &str,
    heard: Heard,
) -> Result<(), HearError> {
    let at = plane.at();
    if !service.alive(session, at) {
        return Err(HearError::Ended);
    }
    match heard {
        Heard::Ack { revision } => {
            plane.counts().acceptances.fetch_add(1, Ordering::Relaxed);
            if service.ack(session, revision) {
                record(plane, service, session).await?;
            }
            plane.wake();
        }
        Heard::Nack(nack) => {
            let reasons = nack.reasons.join("; ");
            tracing::warn!(
                service = service.name(),
                session,
                revision = nack.revision,
                reasons,
                "refused"
            );
            plane.counts().refusals.fetch_add(1, Ordering::Relaxed);
            service.nack(session, nack);
            plane.wake();
        }
        Heard::Heartbeat(beat) => {
            if service.beat(session, beat, at) {
                plane.wake();
            }
        }
        Heard::Report(report) => service.count(session, report, at),
        Heard::PlanProgress(progress) => plan_progressed(plane, service, session, progress).await?,
        Heard::JobPlanned(said) => planned(plane, service, said).await?,
        Heard::ShardProgress(said) => shard_progressed(plane, service, session, said).await?,
        Heard::Answered(answered) => service.answer(answered),
        Heard::Leaving => {
            service.end(session, super::End::Left);
            plane.wake();
        }
    }
    Ok(())
}

/// Stores a session's first acceptance: from then on somebody may have put
/// these settings beside a fence.
async fn record(plane: &ControlPlane, service: &Service, session: &str) -> Result<(), StoreError> {
    let Some(record) = service.record(session) else {
        return Ok(());
    };
    let mut work = plane.store().begin().await?;
    work.put_sidecar(&record).await?;
    work.commit().await
}
