//! A control plane that does what the test says.

use std::time::Duration;

use dualwrite_proto::v1;
use dualwrite_proto::v1::session_request::Kind as Up;
use dualwrite_proto::v1::session_response::Kind as Down;
use dualwrite_proto::v1::sidecar_service_server::{SidecarService, SidecarServiceServer};
use hyper_util::rt::TokioIo;
use tokio::io::DuplexStream;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::transport::{Channel, Endpoint, Server};
use tonic::{Request, Response, Status, Streaming};
use tower::service_fn;

/// Sessions as they come in.
#[derive(Debug)]
pub(crate) struct Control {
    sessions: mpsc::Receiver<Peer>,
}

/// The control plane's end of one session.
#[derive(Debug)]
pub(crate) struct Peer {
    requests: Streaming<v1::SessionRequest>,
    responses: mpsc::Sender<Result<v1::SessionResponse, Status>>,
}

impl Control {
    /// A control plane, and a channel that leads to it through memory.
    pub(crate) fn start() -> (Self, Channel) {
        let (accept, sessions) = mpsc::channel(8);
        let (dial, incoming) = mpsc::channel::<std::io::Result<DuplexStream>>(8);
        let service = SidecarServiceServer::new(Script { accept });
        let server = Server::builder().add_service(service);
        tokio::spawn(server.serve_with_incoming(ReceiverStream::new(incoming)));
        let connector = service_fn(move |_| {
            let dial = dial.clone();
            async move {
                let (ours, theirs) = tokio::io::duplex(64 * 1024);
                let sent = dial.send(Ok(theirs)).await;
                sent.map_err(|_| std::io::Error::other("nobody accepts"))?;
                Ok::<_, std::io::Error>(TokioIo::new(ours))
            }
        });
        let endpoint = Endpoint::from_static("http://control");
        let channel = endpoint.connect_with_connector_lazy(connector);
        (Self { sessions }, channel)
    }

    /// The next session.
    pub(crate) async fn accept(&mut self) -> Peer {
        self.sessions.recv().await.unwrap()
    }

    /// The next session with its hello.
    pub(crate) async fn greet(&mut self) -> (Peer, v1::Hello) {
        let mut peer = self.accept().await;
        let Up::Hello(hello) = peer.next().await.unwrap() else {
            panic!("a session begins with a hello");
        };
        (peer, hello)
    }
}

impl Peer {
    /// What comes next, or `None` at the end of the stream.
    pub(crate) async fn next(&mut self) -> Option<Up> {
        let message = self.requests.message().await.ok()??;
        Some(message.kind.unwrap())
    }

    /// The next message that `pick` takes; others are passed over.
    pub(crate) async fn until<T>(&mut self, pick: impl Fn(Up) -> Option<T>) -> T {
        loop {
            let kind = self.next().await.expect("the stream ended");
            if let Some(picked) = pick(kind) {
                return picked;
            }
        }
    }

    pub(crate) async fn ack(&mut self) -> u64 {
        let ack = |kind| {
            if let Up::Ack(v1::Ack { revision }) = kind {
                Some(revision)
            } else {
                None
            }
        };
        self.until(ack).await
    }

    pub(crate) async fn nack(&mut self) -> (u64, Vec<String>) {
        let nack = |kind| {
            if let Up::Nack(v1::Nack { revision, reasons }) = kind {
                Some((revision, reasons))
            } else {
                None
            }
        };
        self.until(nack).await
    }

    pub(crate) async fn heartbeat(&mut self) -> v1::SidecarHeartbeat {
        self.until(|kind| {
            if let Up::Heartbeat(heartbeat) = kind {
                Some(heartbeat)
            } else {
                None
            }
        })
        .await
    }

    pub(crate) async fn report(&mut self) -> v1::Report {
        self.until(|kind| {
            if let Up::Report(report) = kind {
                Some(report)
            } else {
                None
            }
        })
        .await
    }

    pub(crate) async fn progress(&mut self) -> v1::PlanProgress {
        self.until(|kind| {
            if let Up::PlanProgress(progress) = kind {
                Some(progress)
            } else {
                None
            }
        })
        .await
    }

    pub(crate) async fn send(&self, kind: Down) {
        let message = v1::SessionResponse { kind: Some(kind) };
        self.responses.send(Ok(message)).await.unwrap();
    }

    pub(crate) async fn update(&self, snapshot: v1::Snapshot) {
        let snapshot = Some(snapshot);
        self.send(Down::Update(v1::SnapshotUpdate { snapshot }))
            .await;
    }

    /// A heartbeat that asks for this interval.
    pub(crate) async fn beat(&self, interval: Duration) {
        let interval = prost_types::Duration::try_from(interval).ok();
        self.send(Down::Heartbeat(v1::ControlHeartbeat {
            revision: 1,
            interval,
        }))
        .await;
    }

    /// Ends the stream with a status.
    pub(crate) async fn fail(self, status: Status) {
        self.responses.send(Err(status)).await.unwrap();
    }
}

#[derive(Debug)]
struct Script {
    accept: mpsc::Sender<Peer>,
}

#[tonic::async_trait]
impl SidecarService for Script {
    type SessionStream = ReceiverStream<Result<v1::SessionResponse, Status>>;

    async fn session(
        &self,
        request: Request<Streaming<v1::SessionRequest>>,
    ) -> Result<Response<Self::SessionStream>, Status> {
        let (responses, stream) = mpsc::channel(64);
        let requests = request.into_inner();
        let peer = Peer {
            requests,
            responses,
        };
        self.accept
            .send(peer)
            .await
            .map_err(|_| Status::unavailable("the script is over"))?;
        Ok(Response::new(ReceiverStream::new(stream)))
    }

    async fn get_snapshot(
        &self,
        _: Request<v1::GetSnapshotRequest>,
    ) -> Result<Response<v1::GetSnapshotResponse>, Status> {
        Err(Status::unimplemented("not in these scripts"))
    }
}
