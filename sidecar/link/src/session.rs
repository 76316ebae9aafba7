//! One session stream, while it lasts: five loops side by side, and the first
//! that ends tells why.

mod heartbeats;
mod inbound;
mod outbox;
mod plans;
mod reports;
mod updates;

use std::time::Duration;

use dualwrite_process::limits::{CONNECT_TIMEOUT, MAX_MESSAGE_BYTES};
use dualwrite_proto::v1;
use dualwrite_proto::v1::session_request::Kind;
use dualwrite_proto::v1::sidecar_service_client::SidecarServiceClient;
use tokio::sync::watch;
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::sync::CancellationToken;
use tonic::transport::Channel;
use tonic::{Status, Streaming};

use crate::link::Shared;
pub(crate) use outbox::Outbox;

/// How often heartbeats go until the control plane says how often.
const INTERVAL_DEFAULT: Duration = Duration::from_secs(2);

/// Intervals without a word after which a stream counts as dead.
const SILENT_INTERVALS: u32 = 3;

/// How long to wait for the stream's end after saying goodbye.
const FAREWELL_BOUND: Duration = Duration::from_secs(1);

/// Why a session ended.
#[derive(Debug)]
pub(crate) enum Ended {
    /// This process shuts down.
    Shutdown,
    /// The control plane ended the stream in good order.
    Closed,
    /// It refused or broke the stream.
    Failed(Status),
    /// It did not answer in time when the stream was opened.
    NotOpened,
    /// Nothing came from it for so long.
    Silent(Duration),
}

/// A session that has begun.
struct Session<'a> {
    shared: &'a Shared,
    out: Outbox,
    /// How often heartbeats go, both ways.
    interval: watch::Sender<Duration>,
    /// The newest update; one that was overtaken is never seen.
    update: watch::Sender<Option<v1::Snapshot>>,
}

/// Opens a stream and serves it until it ends. Says goodbye on `shutdown`.
pub(crate) async fn run(shared: &Shared, channel: Channel, shutdown: &CancellationToken) -> Ended {
    let (out, requests) = Outbox::new();
    out.send(Kind::Hello(hello(shared))).await;
    let mut client =
        SidecarServiceClient::new(channel).max_decoding_message_size(MAX_MESSAGE_BYTES);
    let opening = client.session(ReceiverStream::new(requests));
    let opened = tokio::select! {
        () = shutdown.cancelled() => return Ended::Shutdown,
        opened = tokio::time::timeout(CONNECT_TIMEOUT, opening) => opened,
    };
    let mut inbound = match opened {
        Ok(Ok(response)) => response.into_inner(),
        Ok(Err(status)) => return Ended::Failed(status),
        Err(_) => return Ended::NotOpened,
    };
    let session = Session {
        shared,
        out,
        interval: watch::Sender::new(INTERVAL_DEFAULT),
        update: watch::Sender::new(None),
    };
    // Ends what this session's commands have started, however it ends.
    let commands = shared.commands.begin(session.out.clone());
    let ended = tokio::select! {
        () = shutdown.cancelled() => Ended::Shutdown,
        ended = session.read(&mut inbound, &commands) => ended,
        never = session.judge_updates() => never,
        never = session.send_heartbeats() => never,
        never = session.send_reports() => never,
        never = session.send_plans() => never,
    };
    drop(commands);
    if matches!(ended, Ended::Shutdown) {
        say_goodbye(session.out, inbound).await;
    }
    ended
}

fn hello(shared: &Shared) -> v1::Hello {
    v1::Hello {
        service: shared.config.service.clone(),
        instance: shared.config.instance.clone(),
        version: shared.config.version.clone(),
        revision: shared.adopter.revision(),
    }
}

/// Says that this sidecar leaves, and lets the other side end the stream.
async fn say_goodbye(out: Outbox, mut inbound: Streaming<v1::SessionResponse>) {
    let farewell = async {
        out.send(Kind::Leaving(v1::Leaving {})).await;
        drop(out);
        while let Ok(Some(_)) = inbound.message().await {}
    };
    // Whoever does not answer will notice the end of the connection.
    drop(tokio::time::timeout(FAREWELL_BOUND, farewell).await);
}
