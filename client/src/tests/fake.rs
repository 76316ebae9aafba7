//! A sidecar that answers as it is told and remembers what it was asked.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use dualwrite_proto::status::Refusal;
use dualwrite_proto::v1::data_service_server::{DataService, DataServiceServer};
use dualwrite_proto::v1::{self, ErrorReason};
use hyper_util::rt::TokioIo;
use tokio::io::DuplexStream;
use tokio::sync::mpsc;
use tokio_stream::wrappers::UnboundedReceiverStream;
use tonic::transport::{Channel, Endpoint, Server};
use tonic::{Request, Response, Status};

use crate::{ClientBuilder, DualwriteClient};

/// What the fake does with its next request; when nothing is left, it commits.
#[derive(Debug)]
pub(super) enum Turn {
    Commit,
    Refuse(Refusal),
    /// Answers with an error that is none of ours.
    Fail(Status),
    /// Never answers.
    Hang,
}

/// One write as it arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Asked {
    pub(super) key: String,
    pub(super) attempt: u32,
    /// The deadline that travelled with it.
    pub(super) timeout: Option<String>,
}

#[derive(Debug, Clone, Default)]
pub(super) struct Fake {
    turns: Arc<Mutex<VecDeque<Turn>>>,
    asked: Arc<Mutex<Vec<Asked>>>,
    lists: Arc<Mutex<Vec<v1::ListRequest>>>,
}

impl Fake {
    pub(super) fn new(turns: impl IntoIterator<Item = Turn>) -> Self {
        let fake = Self::default();
        fake.turns.lock().unwrap().extend(turns);
        fake
    }

    pub(super) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    pub(super) fn lists(&self) -> Vec<v1::ListRequest> {
        self.lists.lock().unwrap().clone()
    }

    /// A channel to it that is made of memory only, so that virtual time does
    /// not run on while bytes are under way.
    pub(super) fn channel(&self) -> Channel {
        let (accept, accepted) = mpsc::unbounded_channel::<std::io::Result<DuplexStream>>();
        let server = Server::builder()
            .add_service(DataServiceServer::new(self.clone()))
            .serve_with_incoming(UnboundedReceiverStream::new(accepted));
        tokio::spawn(server);
        let connector = tower::service_fn(move |_| {
            let (ours, theirs) = tokio::io::duplex(64 * 1024);
            let accepted = accept.send(Ok(theirs)).map_err(std::io::Error::other);
            async move { accepted.map(|()| TokioIo::new(ours)) }
        });
        Endpoint::from_static("http://fake").connect_with_connector_lazy(connector)
    }

    async fn turn(&self) -> Result<(), Status> {
        let turn = self.turns.lock().unwrap().pop_front();
        match turn {
            None | Some(Turn::Commit) => Ok(()),
            Some(Turn::Refuse(refusal)) => Err(refusal.into_status()),
            Some(Turn::Fail(status)) => Err(status),
            Some(Turn::Hang) => std::future::pending().await,
        }
    }
}

/// A client of these fakes, in this order.
pub(super) fn client_of(fakes: &[&Fake]) -> DualwriteClient {
    builder_of(fakes).connect().unwrap()
}

pub(super) fn builder_of(fakes: &[&Fake]) -> ClientBuilder {
    fakes
        .iter()
        .fold(DualwriteClient::builder(), |builder, fake| {
            builder.channel(fake.channel())
        })
}

pub(super) fn refuse(reason: ErrorReason) -> Turn {
    Turn::Refuse(Refusal::new(reason, "told to"))
}

pub(super) fn refuse_until(reason: ErrorReason, delay: Duration) -> Turn {
    Turn::Refuse(Refusal::new(reason, "told to").retry_after(delay))
}

#[tonic::async_trait]
impl DataService for Fake {
    async fn write(
        &self,
        request: Request<v1::WriteRequest>,
    ) -> Result<Response<v1::WriteResponse>, Status> {
        let timeout = request.metadata().get("grpc-timeout");
        let timeout = timeout.map(|value| value.to_str().unwrap().to_owned());
        let write = request.into_inner();
        let asked = Asked {
            key: write.idempotency_key,
            attempt: write.attempt,
            timeout,
        };
        self.asked.lock().unwrap().push(asked);
        self.turn().await?;
        let result = v1::MutationResult {
            matched: true,
            row: None,
        };
        Ok(Response::new(v1::WriteResponse {
            results: vec![result; write.mutations.len()],
            legacy: v1::Outcome::Committed.into(),
            new: v1::Outcome::Pending.into(),
            replayed: false,
        }))
    }

    async fn read(
        &self,
        request: Request<v1::ReadRequest>,
    ) -> Result<Response<v1::ReadResponse>, Status> {
        self.turn().await?;
        let row = v1::Row {
            fields: request.into_inner().key,
        };
        Ok(Response::new(v1::ReadResponse {
            row: Some(row),
            served_by: v1::Side::New.into(),
        }))
    }

    /// Five rows, in pages of two.
    async fn list(
        &self,
        request: Request<v1::ListRequest>,
    ) -> Result<Response<v1::ListResponse>, Status> {
        let request = request.into_inner();
        let start: i64 = request.page_token.parse().unwrap_or(0);
        self.lists.lock().unwrap().push(request);
        self.turn().await?;
        let end = (start + 2).min(5);
        let row = |id: i64| v1::Row {
            fields: [(
                "id".to_owned(),
                dualwrite_core::value::Value::Int(id).into(),
            )]
            .into(),
        };
        Ok(Response::new(v1::ListResponse {
            rows: (start..end).map(row).collect(),
            next_page_token: if end < 5 {
                end.to_string()
            } else {
                String::new()
            },
            served_by: v1::Side::Legacy.into(),
        }))
    }

    async fn get_outcome(
        &self,
        request: Request<v1::GetOutcomeRequest>,
    ) -> Result<Response<v1::GetOutcomeResponse>, Status> {
        use v1::get_outcome_response::Settled;
        self.turn().await?;
        let settled = match request.into_inner().idempotency_key.as_str() {
            "committed" => Settled::Committed,
            "aborted" => Settled::Aborted,
            _ => Settled::Unspecified,
        };
        Ok(Response::new(v1::GetOutcomeResponse {
            settled: settled.into(),
        }))
    }
}
