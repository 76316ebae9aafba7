//! The half of a session that tells.

use std::sync::Arc;

use dualwrite_control_app::fleet::{Commands, Seat};
use dualwrite_control_app::publish::Published;
use dualwrite_proto::v1;
use dualwrite_proto::v1::session_response::Kind;
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, MissedTickBehavior, interval_at};
use tonic::Status;

use super::end::SessionEnd;
use crate::sidecar::Shared;
use crate::sidecar::directed::{Sorted, sort};
use crate::sidecar::encoder::Encoder;
use crate::sidecar::frame::Frame;
use crate::sidecar::outgoing::{Outgoing, Tell};
use crate::wire;

/// Tells the sidecar what it must know, as fast as it takes it and no faster.
pub(super) async fn tell(
    shared: &Shared,
    seat: &Seat,
    mut commands: Commands,
    mut answers: watch::Receiver<u64>,
    outbox: &mpsc::Sender<Result<Frame, Status>>,
) -> SessionEnd {
    let mut outgoing = Outgoing::default();
    // At once: it says how often the sidecar's own are expected.
    outgoing.beat();
    let heartbeat = shared.settings.heartbeat;
    let mut beats = interval_at(Instant::now() + heartbeat, heartbeat);
    beats.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            // Settings before all else: the first thing told is an update.
            biased;
            command = commands.next(), if outgoing.has_room() => match command.map(sort) {
                Ok(Sorted::Update(newest)) => outgoing.update(newest.revision, newest),
                Ok(Sorted::Directed(directed)) => outgoing.directed(directed),
                Err(end) => return end.into(),
            },
            Ok(()) = answers.changed() => outgoing.answered(*answers.borrow_and_update()),
            _ = beats.tick() => outgoing.beat(),
            permit = outbox.reserve(), if outgoing.is_ready() => {
                let Ok(permit) = permit else { return SessionEnd::Left };
                if let Some(next) = outgoing.next() {
                    permit.send(Ok(frame(shared, seat, next)));
                }
            }
        }
    }
}

fn frame(shared: &Shared, seat: &Seat, tell: Tell<Arc<Published>>) -> Frame {
    match tell {
        Tell::Update(newest) => {
            seat.delivered();
            shared.encoder.update(&newest)
        }
        Tell::Directed(directed) => Encoder::own(&wire::command(*directed)),
        Tell::Heartbeat => {
            let interval = Some(wire::duration(shared.settings.heartbeat));
            let beat = v1::ControlHeartbeat {
                revision: seat.revision(),
                interval,
            };
            Encoder::own(&v1::SessionResponse {
                kind: Some(Kind::Heartbeat(beat)),
            })
        }
    }
}
