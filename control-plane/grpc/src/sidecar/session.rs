//! One session, from its hello to its end.
//!
//! A task of its own drives it: it hears and tells at the same time, so that a
//! sidecar that does not read is heard all the same, and a store that is slow
//! does not silence the heartbeats. The response stream owns the task: when the
//! connection is gone, so is the session.

mod end;
mod hear;
mod tell;

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use dualwrite_control_app::fleet::{Commands, Seat};
use dualwrite_proto::v1;
use futures_util::Stream;
use futures_util::future::{Ready, ready};
use tokio::sync::{mpsc, watch};
use tokio::time::timeout;
use tokio_util::task::AbortOnDropHandle;
use tonic::server::StreamingService;
use tonic::{Request, Response, Status, Streaming};

use super::Shared;
use super::frame::Frame;
use crate::wire;
use end::SessionEnd;

/// Frames between the task and the connection: the one being sent. What comes
/// after it is chosen when there is room, and so it is the newest.
const OUTBOX: usize = 1;

pub(super) struct SessionCall(pub(super) Arc<Shared>);

/// The outgoing half of a session, which keeps it alive.
pub(super) struct Frames {
    outbox: mpsc::Receiver<Result<Frame, Status>>,
    _session: AbortOnDropHandle<()>,
}

impl StreamingService<v1::SessionRequest> for SessionCall {
    type Response = Frame;
    type ResponseStream = Frames;
    type Future = Ready<Result<Response<Frames>, Status>>;

    /// Answers at once; whether the sidecar is welcome is told on the stream.
    fn call(&mut self, request: Request<Streaming<v1::SessionRequest>>) -> Self::Future {
        let (sender, outbox) = mpsc::channel(OUTBOX);
        let session = run(Arc::clone(&self.0), request.into_inner(), sender);
        let session = AbortOnDropHandle::new(tokio::spawn(session));
        ready(Ok(Response::new(Frames {
            outbox,
            _session: session,
        })))
    }
}

impl Stream for Frames {
    type Item = Result<Frame, Status>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.outbox.poll_recv(context)
    }
}

/// Drives a session to its end, and tells the sidecar why it ended.
async fn run(
    shared: Arc<Shared>,
    mut requests: Streaming<v1::SessionRequest>,
    outbox: mpsc::Sender<Result<Frame, Status>>,
) {
    let end = tokio::select! {
        biased;
        () = shared.drain.cancelled() => SessionEnd::Draining,
        end = serve(&shared, &mut requests, &outbox) => end,
    };
    tracing::debug!(%end, "a session ended");
    if let Some(status) = end.into_status() {
        // The connection may be gone: then nobody is left to be told.
        outbox.send(Err(status)).await.ok();
    }
}

async fn serve(
    shared: &Shared,
    requests: &mut Streaming<v1::SessionRequest>,
    outbox: &mpsc::Sender<Result<Frame, Status>>,
) -> SessionEnd {
    let (seat, commands) = match welcome(shared, requests).await {
        Ok(seated) => seated,
        Err(end) => return end,
    };
    let (answered, answers) = watch::channel(0);
    tokio::select! {
        end = hear::hear(requests, &seat, &answered, shared.settings.silence()) => end,
        end = tell::tell(shared, &seat, commands, answers, outbox) => end,
    }
}

/// Waits for the hello, and gives the sidecar its seat.
async fn welcome(
    shared: &Shared,
    requests: &mut Streaming<v1::SessionRequest>,
) -> Result<(Seat, Commands), SessionEnd> {
    let first = timeout(shared.settings.silence(), requests.message());
    let first = first.await.map_err(|_| SessionEnd::Silent)?;
    let first = first.map_err(SessionEnd::Broken)?.ok_or(SessionEnd::Left)?;
    let hello = wire::hello(first)?;
    Ok(shared.plane.join(hello).await?)
}
