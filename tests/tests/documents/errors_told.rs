//! Every error of the data path, through the real servers: over gRPC, over HTTP and in the SDK it is told as
//! `docs/errors.md` promises.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use dualwrite_client::{DualwriteClient, Error, ErrorReason, fields};
use dualwrite_core::diagnosis::TestReport;
use dualwrite_core::fence::Seen;
use dualwrite_core::flags::Flags;
use dualwrite_core::side::Side;
use dualwrite_engine::error::{DataError, Invalid};
use dualwrite_engine::request::{
    Fields, KeyCheck, ListReply, ListRequest, ReadReply, ReadRequest, SettledOutcome, WriteReply,
    WriteRequest,
};
use dualwrite_engine::{DatabaseStatus, EntityBacklog, EntityComparisons, EntityDelta, Status};
use dualwrite_ingress::http::{AdminPath, routes};
use dualwrite_ingress::probes::Probes;
use dualwrite_ingress::{DataIngress, DataPath, Readiness};
use dualwrite_proto::status::{kind_name, parse_reason, reason_name, side_of};
use dualwrite_proto::v1;
use dualwrite_proto::v1::data_service_client::DataServiceClient;
use dualwrite_proto::v1::data_service_server::DataServiceServer;
use dualwrite_tests::errors_page::{Promise, keeps_its_promise, promised, table};
use dualwrite_tests::http;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::time::Instant;
use tonic::transport::server::TcpIncoming;

/// An engine whose every answer is the same error.
#[derive(Debug)]
struct Failing(Mutex<DataError>);

impl Failing {
    fn answer<T>(&self) -> Result<T, DataError> {
        Err(self.0.lock().unwrap().clone())
    }
}

impl DataPath for Failing {
    async fn write(&self, _: WriteRequest, _: Instant) -> Result<WriteReply, DataError> {
        self.answer()
    }

    async fn read(&self, _: ReadRequest, _: Instant) -> Result<ReadReply, DataError> {
        self.answer()
    }

    async fn list(&self, _: ListRequest, _: Instant) -> Result<ListReply, DataError> {
        self.answer()
    }

    async fn outcome(&self, _: &str, _: Instant) -> Result<SettledOutcome, DataError> {
        self.answer()
    }
}

impl AdminPath for Failing {
    fn status(&self) -> Status {
        Status {
            authority: None,
            fences: (Seen::Missing, Seen::Missing),
            revision: 0,
            flags: Flags::default(),
            held_writes: 0,
            checks: 0,
            differences: 0,
        }
    }

    fn totals(&self) -> Vec<EntityDelta> {
        Vec::new()
    }

    fn comparisons(&self) -> Vec<EntityComparisons> {
        Vec::new()
    }

    async fn databases(&self) -> Vec<DatabaseStatus> {
        Vec::new()
    }

    async fn backlogs(&self) -> Vec<EntityBacklog> {
        Vec::new()
    }

    async fn key_fields(
        &self,
        _: Option<&str>,
        _: Instant,
    ) -> Result<(Arc<str>, Vec<String>), DataError> {
        self.answer()
    }

    async fn check_key(&self, _: &str, _: Fields, _: Instant) -> Result<KeyCheck, DataError> {
        self.answer()
    }

    async fn run_test(&self, _: Instant) -> Result<TestReport, DataError> {
        self.answer()
    }
}

/// The real servers over that engine.
struct Servers {
    engine: Arc<Failing>,
    grpc: SocketAddr,
    http: SocketAddr,
}

impl Servers {
    async fn start() -> Result<Self> {
        let engine = Arc::new(Failing(Mutex::new(DataError::Deadline)));
        let incoming = TcpIncoming::bind("127.0.0.1:0".parse()?)?;
        let grpc = incoming.local_addr()?;
        let service = DataServiceServer::new(DataIngress::new(Arc::clone(&engine)));
        let server = tonic::transport::Server::builder().add_service(service);
        tokio::spawn(server.serve_with_incoming(incoming));
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let http = listener.local_addr()?;
        let probes = Probes {
            service: "cart".to_owned(),
            version: "1.2.3",
            readiness: Arc::new(|| Readiness::Ready),
            checks: Arc::new(Vec::new),
        };
        let pages = routes(Arc::clone(&engine), probes);
        let pages = pages.into_make_service_with_connect_info::<SocketAddr>();
        tokio::spawn(async move { axum::serve(listener, pages).await });
        Ok(Self { engine, grpc, http })
    }
}

/// One of each, with a side wherever one can be at fault.
#[expect(clippy::too_many_lines, reason = "a list")]
fn every_error() -> Vec<DataError> {
    let text = || "x".to_owned();
    let (side, index) = (Side::New, 0);
    let (message, entity, field, why) = (text(), text(), text(), text());
    let invalid = [
        Invalid::UnknownEntity {
            index,
            entity: text(),
            known: text(),
        },
        Invalid::UnknownField {
            index,
            entity: text(),
            field: text(),
            hint: text(),
        },
        Invalid::WrongType {
            index,
            entity: text(),
            field: text(),
            problem: text(),
        },
        Invalid::MissingKey {
            index,
            entity: text(),
            field: text(),
        },
        Invalid::KeyChange {
            index,
            entity,
            field,
        },
        Invalid::EmptyWrite,
        Invalid::TooLarge {
            what: text(),
            limit: 1,
        },
        Invalid::IdempotencyMismatch { request_id: text() },
        Invalid::IdempotencyKey,
        Invalid::PageToken,
    ];
    let mut errors: Vec<DataError> = invalid.into_iter().map(DataError::from).collect();
    errors.extend([
        DataError::RowExists {
            side,
            entity: text(),
        },
        DataError::ConditionNotMet {
            side,
            entity: text(),
            index,
        },
        DataError::PrimaryConstraint {
            side,
            message: text(),
        },
        DataError::SecondaryConstraint {
            side,
            message: text(),
        },
        DataError::RequestAborted,
        DataError::NotReady { why: text() },
        DataError::NotInstalled { service: text() },
        DataError::MappingRefused {
            side: None,
            why: text(),
        },
        DataError::MappingRefused {
            side: Some(side),
            why,
        },
        DataError::PrimaryUnavailable {
            side,
            message: text(),
        },
        DataError::SecondaryUnavailable {
            side,
            message: text(),
        },
        DataError::PrimaryTimeout {
            side,
            message: text(),
        },
        DataError::SecondaryTimeout {
            side,
            message: text(),
        },
        DataError::QueueFull {
            side: None,
            limit: text(),
        },
        DataError::QueueFull {
            side: Some(side),
            limit: text(),
        },
        DataError::FlipTooLong { waited_ms: 1 },
        DataError::Deadline,
        DataError::OutcomeUnknown {
            side,
            request_id: text(),
        },
        DataError::OutcomeLost { side },
        DataError::PageTokenExpired,
        DataError::Denied { side, message },
        DataError::ShuttingDown,
        DataError::Internal { message: text() },
    ]);
    errors
}

#[tokio::test]
async fn each_error_is_told_as_promised_over_grpc_and_http_and_in_the_sdk() -> Result<()> {
    let servers = Servers::start().await?;
    let mut wire = DataServiceClient::connect(format!("http://{}", servers.grpc)).await?;
    let mut met = BTreeSet::new();
    for error in every_error() {
        error.clone_into(&mut servers.engine.0.lock().unwrap());
        let promise = over_grpc(&mut wire, &error).await?;
        over_http(servers.http, &promise, error.side()).await?;
        in_the_sdk(servers.grpc, &promise, error.side()).await?;
        met.insert(promise.reason);
    }
    // Nothing that the page promises of these calls was left out.
    for row in table("| call |")? {
        if !row[0].contains("DataService.") {
            continue;
        }
        for name in row[1].split('`').skip(1).step_by(2) {
            let reason = parse_reason(name).with_context(|| name.to_owned())?;
            assert!(met.contains(&reason), "{name} was not tried");
        }
    }
    Ok(())
}

async fn over_grpc(
    wire: &mut DataServiceClient<tonic::transport::Channel>,
    error: &DataError,
) -> Result<Promise> {
    let Err(status) = wire.read(v1::ReadRequest::default()).await else {
        anyhow::bail!("no error at all");
    };
    let reason = keeps_its_promise(&status)?;
    assert_eq!(reason_name(reason), error.reason());
    assert_eq!(side_of(&status), error.side(), "{error:?}");
    promised(reason)
}

async fn over_http(address: SocketAddr, promise: &Promise, side: Option<Side>) -> Result<()> {
    let path = "/dual-write/validate-sync/cart/7";
    let (status, body) = http::plain(&address.to_string(), "POST", path).await?;
    let code = promise.http.to_string();
    ensure!(status.contains(&code), "{promise:?}: {status}");
    let body: Value = serde_json::from_str(&body)?;
    let told = &body["error"];
    assert_eq!(told["reason"], reason_name(promise.reason));
    assert_eq!(told["kind"], promise.kind);
    assert_eq!(told["retryable"], promise.retry, "{body}");
    assert_eq!(told["side"].as_str(), side.map(Side::as_str), "{body}");
    Ok(())
}

async fn in_the_sdk(address: SocketAddr, promise: &Promise, side: Option<Side>) -> Result<()> {
    // One attempt each: no pause fits into what is left.
    let client = DualwriteClient::builder()
        .endpoint(format!("http://{address}"))
        .timeout(Duration::from_secs(20))
        .backoff(Duration::from_mins(1), Duration::from_mins(1))
        .connect()?;
    let write = client.write().upsert("cart", fields! { id: 7 });
    let error = write.send().await.err().context("no error at all")?;
    assert_eq!(error.reason(), Some(promise.reason));
    assert_eq!(error.is_retryable(), promise.retry, "{error:?}");
    assert_eq!(error.side(), side, "{error:?}");
    let kind = match &error {
        Error::Primary(_) => kind_name(v1::ErrorKind::Primary),
        Error::Secondary(_) => kind_name(v1::ErrorKind::Secondary),
        Error::Validation(_) => kind_name(v1::ErrorKind::Validation),
        Error::Configuration(_) => kind_name(v1::ErrorKind::Configuration),
        Error::OutcomeUnknown { failure, .. } => {
            let doubt = [ErrorReason::OutcomeUnknown, ErrorReason::OutcomeLost];
            assert!(failure.reason.is_some_and(|reason| doubt.contains(&reason)));
            kind_name(v1::ErrorKind::Primary)
        }
        Error::Transport(_) => "transport",
    };
    assert_eq!(kind, promise.kind, "{error:?}");
    Ok(())
}
