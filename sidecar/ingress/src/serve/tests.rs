use std::sync::atomic::{AtomicBool, Ordering};

use dualwrite_core::propose::Proposal;
use dualwrite_core::side::Side;
use dualwrite_engine::IntrospectError;
use dualwrite_engine::error::DataError;
use dualwrite_engine::request::{
    ListReply, ListRequest, ReadReply, ReadRequest, SettledOutcome, WriteReply, WriteRequest,
};
use tokio::time::Instant;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;
use tonic_reflection::pb::v1::ServerReflectionRequest;
use tonic_reflection::pb::v1::server_reflection_client::ServerReflectionClient;
use tonic_reflection::pb::v1::server_reflection_request::MessageRequest;
use tonic_reflection::pb::v1::server_reflection_response::MessageResponse;

use super::*;

/// Nobody calls it here.
#[derive(Debug)]
struct Away;

impl DataPath for Away {
    async fn write(&self, _: WriteRequest, _: Instant) -> Result<WriteReply, DataError> {
        Err(DataError::ShuttingDown)
    }

    async fn read(&self, _: ReadRequest, _: Instant) -> Result<ReadReply, DataError> {
        Err(DataError::ShuttingDown)
    }

    async fn list(&self, _: ListRequest, _: Instant) -> Result<ListReply, DataError> {
        Err(DataError::ShuttingDown)
    }

    async fn outcome(&self, _: &str, _: Instant) -> Result<SettledOutcome, DataError> {
        Err(DataError::ShuttingDown)
    }
}

impl LocalPath for Away {
    async fn diagnose(&self) -> Vec<dualwrite_core::diagnosis::Finding> {
        Vec::new()
    }

    async fn introspect(
        &self,
        _: Option<String>,
        _: &[String],
    ) -> Result<Proposal, IntrospectError> {
        Err(IntrospectError::NoUrl { side: Side::New })
    }
}

/// Services that are ready when the switch says so.
async fn served(ready: &Arc<AtomicBool>) -> Services {
    let ready = Arc::clone(ready);
    let probe = move || {
        if ready.load(Ordering::SeqCst) {
            Readiness::Ready
        } else {
            Readiness::NotReady {
                why: "the switch is off".to_owned(),
            }
        }
    };
    services(Arc::new(Away), Arc::new(Away), Arc::new(probe))
        .await
        .unwrap()
}

#[tokio::test]
async fn reflection_lists_what_is_served_and_nothing_else() {
    let services = served(&Arc::default()).await;
    let request = ServerReflectionRequest {
        host: String::new(),
        message_request: Some(MessageRequest::ListServices(String::new())),
    };
    let mut client = ServerReflectionClient::new(services.routes);
    let asked = client
        .server_reflection_info(tokio_stream::once(request))
        .await;
    let answer = asked
        .unwrap()
        .into_inner()
        .message()
        .await
        .unwrap()
        .unwrap();
    let Some(MessageResponse::ListServicesResponse(list)) = answer.message_response else {
        panic!("no list of services");
    };
    let names: Vec<&str> = list
        .service
        .iter()
        .map(|service| service.name.as_str())
        .collect();
    assert!(names.contains(&"dualwrite.v1.DataService"), "{names:?}");
    assert!(names.contains(&"dualwrite.v1.LocalService"), "{names:?}");
    assert!(names.contains(&"grpc.health.v1.Health"), "{names:?}");
    assert!(
        !names.iter().any(|name| name.contains("Migration")),
        "{names:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn health_follows_the_switch_and_ends_with_the_drain() {
    let ready = Arc::new(AtomicBool::new(false));
    let services = served(&ready).await;
    let drain = CancellationToken::new();
    let keeping = tokio::spawn(services.health.run(drain.clone()));
    let ask = HealthCheckRequest {
        service: SERVICE_NAME.to_owned(),
    };
    let mut client = HealthClient::new(services.routes);
    let mut told = client.watch(ask).await.unwrap().into_inner();
    let mut next = async || told.message().await.unwrap().map(|answer| answer.status());

    assert_eq!(next().await, Some(ServingStatus::NotServing));
    ready.store(true, Ordering::SeqCst);
    assert_eq!(next().await, Some(ServingStatus::Serving));
    ready.store(false, Ordering::SeqCst);
    assert_eq!(next().await, Some(ServingStatus::NotServing));
    drain.cancel();
    keeping.await.unwrap();
    while next().await.is_some() {}
}
