//! A control plane to call, and the two kinds of callers.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use dualwrite_control_app::app::TRANSITION_LIMIT;
use dualwrite_control_app::ports::{Ids, SystemClock};
use dualwrite_control_app::{ControlPlane, Setup};
use dualwrite_control_grpc::{MigrationApi, SessionSettings, SidecarServer};
use dualwrite_control_store::SqliteStore;
use dualwrite_process::{AuthLayer, TlsSettings, channel, server};
use dualwrite_proto::v1;
use dualwrite_proto::v1::migration_service_client::MigrationServiceClient;
use dualwrite_proto::v1::session_request::Kind as Say;
use dualwrite_proto::v1::session_response::Kind as Told;
use dualwrite_proto::v1::sidecar_service_client::SidecarServiceClient;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;
use tonic::service::Routes;
use tonic::transport::Channel;
use tonic::{Status, Streaming};

/// What hangs fails, instead of hanging: far beyond anything that is waited
/// for here.
const HANGS: Duration = Duration::from_mins(1);

/// A running control plane.
#[derive(Debug)]
pub(crate) struct Plane {
    pub(crate) sidecar_server: SidecarServer,
    pub(crate) drain: CancellationToken,
    pub(crate) serving: JoinHandle<()>,
    reconcilers: AbortOnDropHandle<()>,
    address: String,
}

/// One sidecar's end of a session.
#[derive(Debug)]
pub(crate) struct Session {
    requests: mpsc::Sender<v1::SessionRequest>,
    responses: Streaming<v1::SessionResponse>,
}

/// Numbers for identifiers.
#[derive(Debug, Default)]
struct Numbers(AtomicU64);

impl Ids for Numbers {
    fn next(&self) -> String {
        format!("id-{}", self.0.fetch_add(1, Ordering::Relaxed))
    }
}

/// The result of something that must not hang.
pub(crate) async fn soon<F: Future>(what: F) -> F::Output {
    tokio::time::timeout(HANGS, what).await.expect("it hangs")
}

/// A spec that is valid.
pub(crate) fn spec() -> v1::MigrationSpec {
    let column = |name: &str| v1::Column {
        legacy: name.into(),
        new: name.into(),
        ..Default::default()
    };
    let cart = v1::Entity {
        name: "cart".into(),
        root: true,
        key: vec!["id".into()],
        capture: "none".into(),
        legacy_table: "carts".into(),
        new_table: "carts".into(),
        columns: vec![column("id"), column("owner")],
    };
    v1::MigrationSpec {
        keep_markers: true,
        entities: vec![cart],
        ..Default::default()
    }
}

// === impl Plane ===

impl Plane {
    /// Heartbeats play no part here: only the first one is ever sent.
    pub(crate) async fn start() -> Self {
        Self::with_heartbeat(Duration::from_hours(1)).await
    }

    pub(crate) async fn with_heartbeat(heartbeat: Duration) -> Self {
        let setup = Setup {
            store: Arc::new(SqliteStore::in_memory().await.unwrap()),
            clock: Arc::new(SystemClock::new()),
            ids: Arc::new(Numbers::default()),
            transition_limit: TRANSITION_LIMIT,
        };
        let plane = ControlPlane::start(setup).await.unwrap();
        let drain = CancellationToken::new();
        let sidecar_server =
            SidecarServer::new(plane.clone(), SessionSettings { heartbeat }, drain.clone());
        let operators = MigrationApi::new(plane.clone(), drain.clone()).into_server();
        let routes = Routes::new(operators).add_service(sidecar_server.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let end = drain.clone();
        let serving = tokio::spawn(async move {
            let tls = TlsSettings::open();
            server::serve(listener, routes, &tls, AuthLayer::open(), end)
                .await
                .unwrap();
        });
        let reconcilers = tokio::spawn(async move { plane.run().await });
        Self {
            sidecar_server,
            drain,
            serving,
            reconcilers: AbortOnDropHandle::new(reconcilers),
            address,
        }
    }

    /// With the migration `cart`.
    pub(crate) async fn with_cart() -> Self {
        let plane = Self::start().await;
        plane.apply("cart").await;
        plane
    }

    /// Nobody looks any more who has been silent for too long.
    pub(crate) fn stop_reconciling(&self) {
        self.reconcilers.abort();
    }

    pub(crate) async fn channel(&self) -> Channel {
        let endpoint = channel::endpoint(&self.address, &TlsSettings::open()).unwrap();
        soon(endpoint.connect()).await.unwrap()
    }

    pub(crate) async fn operator(&self) -> MigrationServiceClient<Channel> {
        MigrationServiceClient::new(self.channel().await)
    }

    pub(crate) async fn apply(&self, name: &str) -> v1::Migration {
        let request = v1::ApplyMigrationRequest {
            name: name.into(),
            spec: Some(spec()),
            ..Default::default()
        };
        let applied = soon(self.operator().await.apply_migration(request))
            .await
            .unwrap();
        applied.into_inner().migration.unwrap()
    }

    /// Sets the batch size, which makes the next revision.
    pub(crate) async fn set_batch_size(&self, batch_size: u32) -> v1::Migration {
        let request = set_batch_size(batch_size);
        let updated = soon(self.operator().await.update_flags(request))
            .await
            .unwrap();
        updated.into_inner().migration.unwrap()
    }

    /// A session of `cart` after its hello and its first update.
    pub(crate) async fn session(&self, instance: &str) -> Session {
        let mut session = Session::open(self.channel().await, hello("cart", instance)).await;
        session.update().await;
        session
    }
}

/// A change of `cart`'s batch size.
pub(crate) fn set_batch_size(batch_size: u32) -> v1::UpdateFlagsRequest {
    v1::UpdateFlagsRequest {
        name: "cart".into(),
        flags: Some(v1::Flags {
            batch_size,
            ..Default::default()
        }),
        update_mask: Some(prost_types::FieldMask {
            paths: vec!["batch_size".into()],
        }),
        ..Default::default()
    }
}

/// A hello.
pub(crate) fn hello(service: &str, instance: &str) -> Say {
    Say::Hello(v1::Hello {
        service: service.into(),
        instance: instance.into(),
        version: "0.1.0".into(),
        revision: 0,
    })
}

/// A sign of life.
pub(crate) fn heartbeat(revision: u64) -> Say {
    Say::Heartbeat(v1::SidecarHeartbeat {
        revision,
        ..Default::default()
    })
}

// === impl Session ===

impl Session {
    /// Opens a session with its first message.
    pub(crate) async fn open(channel: Channel, first: Say) -> Self {
        let (requests, outgoing) = mpsc::channel(16);
        let session = Self::streams(channel, outgoing).await;
        let session = Self {
            requests,
            responses: session,
        };
        session.say(first).await;
        session
    }

    async fn streams(
        channel: Channel,
        outgoing: mpsc::Receiver<v1::SessionRequest>,
    ) -> Streaming<v1::SessionResponse> {
        let mut client = SidecarServiceClient::new(channel);
        let opened = client.session(ReceiverStream::new(outgoing));
        soon(opened).await.unwrap().into_inner()
    }

    pub(crate) async fn say(&self, kind: Say) {
        self.requests
            .send(v1::SessionRequest { kind: Some(kind) })
            .await
            .unwrap();
    }

    /// Whatever is told next.
    pub(crate) async fn told(&mut self) -> Result<Option<Told>, Status> {
        let message = soon(self.responses.message()).await?;
        Ok(message.map(|message| message.kind.expect("a response holds something")))
    }

    /// What is told next besides heartbeats.
    pub(crate) async fn news(&mut self) -> Told {
        loop {
            let told = self.told().await.unwrap().expect("the session goes on");
            if !matches!(told, Told::Heartbeat(_)) {
                return told;
            }
        }
    }

    /// The next settings, which must be what is told next.
    pub(crate) async fn update(&mut self) -> v1::Snapshot {
        let news = self.news().await;
        let Told::Update(update) = news else {
            panic!("expected settings, was told {news:?}")
        };
        update.snapshot.expect("an update holds settings")
    }

    /// How the session ends, whatever is told before.
    pub(crate) async fn end(&mut self) -> Option<Status> {
        loop {
            match self.told().await {
                Ok(Some(_)) => {}
                Ok(None) => return None,
                Err(status) => return Some(status),
            }
        }
    }

    /// Closes the sidecar's half.
    pub(crate) fn close(self) -> Streaming<v1::SessionResponse> {
        self.responses
    }
}
