//! The half of a session that hears.

use std::time::Duration;

use dualwrite_control_app::fleet::{HearError, Heard, Seat};
use dualwrite_proto::v1;
use tokio::sync::watch;
use tokio::time::timeout;
use tonic::Streaming;

use super::end::SessionEnd;
use crate::wire;

/// Takes in what the sidecar says, until it says nothing for `silence`. What it
/// says of revisions is passed on to the half that tells.
pub(super) async fn hear(
    requests: &mut Streaming<v1::SessionRequest>,
    seat: &Seat,
    answered: &watch::Sender<u64>,
    silence: Duration,
) -> SessionEnd {
    loop {
        let request = match timeout(silence, requests.message()).await {
            Ok(Ok(Some(request))) => request,
            Ok(Ok(None)) => return SessionEnd::Left,
            Ok(Err(status)) => return SessionEnd::Broken(status),
            Err(_) => return SessionEnd::Silent,
        };
        match wire::heard(request) {
            Ok(Some(heard)) => {
                let revision = answers(&heard);
                match seat.heard(heard).await {
                    Ok(()) => {}
                    // Why it ended is known to the half that tells.
                    Err(HearError::Ended) => std::future::pending().await,
                    Err(error @ HearError::NotStored(_)) => return SessionEnd::NotHeard(error),
                }
                if let Some(revision) = revision {
                    answered.send_replace(revision);
                }
            }
            Ok(None) => tracing::debug!(session = seat.session(), "said something unknown here"),
            Err(error) => return error.into(),
        }
    }
}

/// The revision that this is an answer to.
fn answers(heard: &Heard) -> Option<u64> {
    match heard {
        Heard::Ack { revision } => Some(*revision),
        Heard::Nack(nack) => Some(nack.revision),
        Heard::Heartbeat(beat) => Some(beat.revision),
        Heard::Report(_)
        | Heard::PlanProgress(_)
        | Heard::JobPlanned(_)
        | Heard::ShardProgress(_)
        | Heard::Answered(_)
        | Heard::Leaving => None,
    }
}
