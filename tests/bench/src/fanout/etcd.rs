//! etcd, by its own gRPC API: a watcher with a connection of its own for each receiver.
//!
//! The messages are the few fields of `etcdserverpb` and `mvccpb` that are needed, by their numbers.

use std::sync::Arc;

use anyhow::{Context, Result};
use dualwrite_tests::process::Program;
use dualwrite_tests::{Process, eventually, ports};
use http::uri::PathAndQuery;
use tempfile::TempDir;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_stream::wrappers::ReceiverStream;
use tonic::client::Grpc;
use tonic::transport::{Channel, Endpoint};
use tonic::{IntoRequest as _, IntoStreamingRequest as _};
use tonic_prost::ProstCodec;

use super::broadcast::{frame, version};
use super::dualwrite::Dualwrite;
use super::receipts::Receipts;

const KEY: &[u8] = b"/dualwrite/cart";
const WATCH: &str = "/etcdserverpb.Watch/Watch";
const PUT: &str = "/etcdserverpb.KV/Put";

#[derive(Clone, PartialEq, prost::Message)]
struct WatchRequest {
    #[prost(message, optional, tag = "1")]
    create: Option<WatchCreateRequest>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct WatchCreateRequest {
    #[prost(bytes = "vec", tag = "1")]
    key: Vec<u8>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct WatchResponse {
    #[prost(bool, tag = "3")]
    created: bool,
    #[prost(message, repeated, tag = "11")]
    events: Vec<Event>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct Event {
    #[prost(message, optional, tag = "2")]
    pair: Option<KeyValue>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct KeyValue {
    #[prost(bytes = "vec", tag = "5")]
    value: Vec<u8>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct PutRequest {
    #[prost(bytes = "vec", tag = "1")]
    key: Vec<u8>,
    #[prost(bytes = "vec", tag = "2")]
    value: Vec<u8>,
}

#[derive(Clone, Copy, PartialEq, prost::Message)]
struct PutResponse {}

/// A server of its own, durable as it is by default.
#[derive(Debug)]
pub(crate) struct Etcd {
    process: Process,
    url: String,
    caller: Grpc<Channel>,
    bytes: usize,
    _folder: TempDir,
}

impl Etcd {
    pub(super) async fn start() -> Result<Self> {
        let bytes = Dualwrite::bytes().await?;
        let folder = tempfile::tempdir()?;
        let url = format!("http://127.0.0.1:{}", ports::free_port()?);
        let peers = format!("http://127.0.0.1:{}", ports::free_port()?);
        let process = Program::of_the_system("etcd")
            .arg("--data-dir")
            .arg(folder.path().join("etcd").as_os_str())
            .args([
                "--listen-client-urls",
                &url,
                "--advertise-client-urls",
                &url,
            ])
            .args(["--listen-peer-urls", &peers])
            .args(["--initial-advertise-peer-urls", &peers])
            .args(["--initial-cluster", &format!("default={peers}")])
            .args(["--logger", "zap", "--log-level", "error"])
            .start()?;
        let caller = eventually("etcd takes calls", async || {
            let mut caller = connect(&url).await?;
            put(&mut caller, frame(0, bytes)).await?;
            anyhow::Ok(caller)
        });
        Ok(Self {
            caller: caller.await,
            process,
            url,
            bytes,
            _folder: folder,
        })
    }

    pub(super) const fn process(&self) -> &Process {
        &self.process
    }

    pub(super) async fn receive(
        &self,
        receipts: Arc<Receipts>,
        receivers: &mut JoinSet<Result<()>>,
    ) -> Result<()> {
        let mut client = connect(&self.url).await?;
        let (say, saying) = mpsc::channel(1);
        let create = Some(WatchCreateRequest { key: KEY.to_vec() });
        say.send(WatchRequest { create }).await?;
        let codec: ProstCodec<WatchRequest, WatchResponse> = ProstCodec::default();
        let request = ReceiverStream::new(saying).into_streaming_request();
        client.ready().await?;
        let told = client.streaming(request, PathAndQuery::from_static(WATCH), codec);
        let mut told = told.await?.into_inner();
        receivers.spawn(async move {
            // Kept, for the stream ends with it.
            let _say = say;
            loop {
                let response = told.message().await?.context("etcd ended a watch")?;
                if response.created {
                    receipts.note(0);
                }
                for event in response.events {
                    let pair = event.pair.context("an event without its pair")?;
                    receipts.note(version(&pair.value)?);
                }
            }
        });
        Ok(())
    }

    pub(super) async fn change(&mut self, version: u64) -> Result<()> {
        put(&mut self.caller, frame(version, self.bytes)).await
    }
}

async fn connect(url: &str) -> Result<Grpc<Channel>> {
    let endpoint = Endpoint::from_shared(url.to_owned())?.tcp_nodelay(true);
    Ok(Grpc::new(endpoint.connect().await?))
}

async fn put(caller: &mut Grpc<Channel>, value: Vec<u8>) -> Result<()> {
    let key = KEY.to_vec();
    let codec: ProstCodec<PutRequest, PutResponse> = ProstCodec::default();
    caller.ready().await?;
    let request = PutRequest { key, value }.into_request();
    let answer = caller.unary(request, PathAndQuery::from_static(PUT), codec);
    answer.await?;
    Ok(())
}
