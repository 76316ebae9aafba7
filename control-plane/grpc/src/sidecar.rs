//! `dualwrite.v1.SidecarService`: how sidecars follow the control plane.
//!
//! It is mounted by hand instead of by the generated server, because what goes
//! out on a session are frames: bytes that are encoded already. So an update
//! is encoded once, however many receive it.

mod directed;
mod encoder;
mod frame;
mod outgoing;
mod session;
mod snapshot;

use std::convert::Infallible;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use dualwrite_control_app::ControlPlane;
use dualwrite_control_app::fleet::HEARTBEAT;
use dualwrite_process::limits::MAX_MESSAGE_BYTES;
use dualwrite_proto::v1::sidecar_service_server::SERVICE_NAME;
use futures_util::future::BoxFuture;
use http::{Request, Response};
use tokio_util::sync::CancellationToken;
use tonic::Status;
use tonic::body::Body;
use tonic::codegen::{Body as HttpBody, StdError};
use tonic::server::{Grpc, NamedService};
use tonic_prost::ProstCodec;
use tower::Service;

pub(crate) use directed::Directed;
use encoder::Encoder;
use frame::FrameCodec;
use session::SessionCall;
use snapshot::SnapshotCall;

/// Path of the one call that streams.
const SESSION: &str = "/dualwrite.v1.SidecarService/Session";

/// Path of the one that does not.
const GET_SNAPSHOT: &str = "/dualwrite.v1.SidecarService/GetSnapshot";

/// What sidecars follow. Clones are the same service.
#[derive(Debug, Clone)]
pub struct SidecarServer {
    shared: Arc<Shared>,
}

/// How sessions are kept.
#[derive(Debug, Clone, Copy)]
pub struct SessionSettings {
    /// How often both sides send heartbeats. [`HEARTBEAT`] at most, for after
    /// three times that a session counts as dead everywhere else.
    pub heartbeat: Duration,
}

#[derive(Debug)]
struct Shared {
    plane: ControlPlane,
    settings: SessionSettings,
    encoder: Encoder,
    drain: CancellationToken,
}

// === impl SessionSettings ===

impl Default for SessionSettings {
    fn default() -> Self {
        Self {
            heartbeat: HEARTBEAT,
        }
    }
}

impl SessionSettings {
    /// A sidecar that said nothing for so long is gone: three heartbeats, as
    /// both sides agree.
    const fn silence(self) -> Duration {
        self.heartbeat.saturating_mul(3)
    }
}

// === impl SidecarServer ===

impl SidecarServer {
    /// The service. When `drain` is cancelled, sessions end.
    #[must_use]
    pub fn new(plane: ControlPlane, settings: SessionSettings, drain: CancellationToken) -> Self {
        let shared = Shared {
            plane,
            settings,
            encoder: Encoder::default(),
            drain,
        };
        Self {
            shared: Arc::new(shared),
        }
    }

    /// How many updates were encoded since the start: one a revision, if a
    /// session asked for it.
    #[must_use]
    pub fn encoded_updates(&self) -> u64 {
        self.shared.encoder.count()
    }
}

impl NamedService for SidecarServer {
    const NAME: &'static str = SERVICE_NAME;
}

impl<B> Service<Request<B>> for SidecarServer
where
    B: HttpBody + Send + 'static,
    B::Error: Into<StdError> + Send + 'static,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let shared = Arc::clone(&self.shared);
        match request.uri().path() {
            SESSION => Box::pin(async move {
                let mut grpc = Grpc::new(FrameCodec).max_decoding_message_size(MAX_MESSAGE_BYTES);
                Ok(grpc.streaming(SessionCall(shared), request).await)
            }),
            GET_SNAPSHOT => Box::pin(async move {
                let mut grpc =
                    Grpc::new(ProstCodec::default()).max_decoding_message_size(MAX_MESSAGE_BYTES);
                Ok(grpc.unary(SnapshotCall(shared), request).await)
            }),
            other => {
                let status = Status::unimplemented(format!("there is no call {other}"));
                Box::pin(async move { Ok(status.into_http()) })
            }
        }
    }
}
