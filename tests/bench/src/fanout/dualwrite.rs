//! Our control plane, with sessions that do as a sidecar does: acknowledge, and send heartbeats.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use dualwrite_proto::v1;
use dualwrite_proto::v1::session_request::Kind as Say;
use dualwrite_proto::v1::session_response::Kind as Told;
use dualwrite_proto::v1::sidecar_service_client::SidecarServiceClient;
use dualwrite_tests::cart::MANIFEST;
use dualwrite_tests::process::Program;
use dualwrite_tests::{Operator, Process};
use prost::Message as _;
use tempfile::TempDir;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval_at};
use tokio_stream::wrappers::ReceiverStream;
use tonic::transport::Endpoint;

use super::receipts::Receipts;

const SERVICE: &str = "cart";

/// As often as the control plane sends its own.
const HEARTBEAT: Duration = Duration::from_secs(2);

/// The revision that an applied manifest makes: version 0 of what is measured.
const FIRST_REVISION: u64 = 1;

/// A control plane of its own, with one migration.
#[derive(Debug)]
pub(crate) struct Dualwrite {
    process: Process,
    operator: Operator,
    _folder: TempDir,
}

impl Dualwrite {
    pub(super) async fn start() -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let process = Program::named("dualwrite-control-plane")?
            .args(["--listen", "127.0.0.1:0", "--http-listen", "127.0.0.1:0"])
            .arg("--store")
            .arg(folder.path().join("control-plane.sqlite").as_os_str())
            // A line for each session would be measured as well.
            .env("DUALWRITE_LOG", "warn")
            .serve()
            .await?;
        let operator = Operator::of(SERVICE, &format!("http://{}", process.ready().grpc))?;
        operator.apply(MANIFEST).await?;
        Ok(Self {
            process,
            operator,
            _folder: folder,
        })
    }

    pub(super) const fn process(&self) -> &Process {
        &self.process
    }

    pub(super) async fn receive(
        &self,
        number: u32,
        receipts: Arc<Receipts>,
        receivers: &mut JoinSet<Result<()>>,
    ) -> Result<()> {
        let endpoint = Endpoint::from_shared(format!("http://{}", self.process.ready().grpc))?;
        let channel = endpoint.tcp_nodelay(true).connect().await?;
        let mut client = SidecarServiceClient::new(channel);
        let (say, saying) = mpsc::channel(4);
        let hello = v1::Hello {
            service: SERVICE.to_owned(),
            instance: format!("cart-{number}"),
            version: "bench".to_owned(),
            revision: 0,
        };
        say.send(request(Say::Hello(hello))).await?;
        let told = client.session(ReceiverStream::new(saying)).await?;
        receivers.spawn(follow(told.into_inner(), say, receipts));
        Ok(())
    }

    pub(super) async fn change(&self, version: u64) -> Result<()> {
        let flags = v1::Flags {
            batch_size: u32::try_from(version % 500)? + 1,
            ..v1::Flags::default()
        };
        let request = v1::UpdateFlagsRequest {
            name: SERVICE.to_owned(),
            flags: Some(flags),
            update_mask: Some(prost_types::FieldMask {
                paths: vec!["batch_size".to_owned()],
            }),
            wait: true,
            ..v1::UpdateFlagsRequest::default()
        };
        let answer = self.operator.api().update_flags(request).await?;
        let migration = answer.into_inner().migration.context("no migration")?;
        if migration.revision != FIRST_REVISION + version {
            bail!("revision {} for change {version}", migration.revision);
        }
        Ok(())
    }

    /// How many bytes one change is on the wire, so that the others send as many.
    pub(super) async fn bytes() -> Result<usize> {
        let server = Self::start().await?;
        let endpoint = Endpoint::from_shared(format!("http://{}", server.process.ready().grpc))?;
        let mut client = SidecarServiceClient::new(endpoint.connect().await?);
        let request = v1::GetSnapshotRequest {
            service: SERVICE.to_owned(),
        };
        let snapshot = client.get_snapshot(request).await?.into_inner().snapshot;
        let update = v1::SessionResponse {
            kind: Some(Told::Update(v1::SnapshotUpdate { snapshot })),
        };
        Ok(update.encoded_len())
    }
}

/// Follows one session until it ends.
async fn follow(
    mut told: tonic::Streaming<v1::SessionResponse>,
    say: mpsc::Sender<v1::SessionRequest>,
    receipts: Arc<Receipts>,
) -> Result<()> {
    let mut revision = 0;
    let mut beats = interval_at(Instant::now() + HEARTBEAT, HEARTBEAT);
    beats.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            message = told.message() => {
                let message = message?.context("the control plane ended a session")?;
                let Some(Told::Update(update)) = message.kind else { continue };
                revision = update.snapshot.context("an update without a snapshot")?.revision;
                receipts.note(revision - FIRST_REVISION);
                say.send(request(Say::Ack(v1::Ack { revision }))).await?;
            }
            _ = beats.tick() => {
                let beat = v1::SidecarHeartbeat { revision, ..v1::SidecarHeartbeat::default() };
                say.send(request(Say::Heartbeat(beat))).await?;
            }
        }
    }
}

fn request(kind: Say) -> v1::SessionRequest {
    v1::SessionRequest { kind: Some(kind) }
}
