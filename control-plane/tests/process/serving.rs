//! Serving, and ending in good order.

use dualwrite_proto::status::reason_of;
use dualwrite_proto::v1;
use dualwrite_proto::v1::ErrorReason;
use dualwrite_proto::v1::migration_service_client::MigrationServiceClient;
use dualwrite_proto::v1::sidecar_service_client::SidecarServiceClient;
use tempfile::tempdir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tonic::Code;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;
use tonic_reflection::pb::v1::ServerReflectionRequest;
use tonic_reflection::pb::v1::server_reflection_client::ServerReflectionClient;
use tonic_reflection::pb::v1::server_reflection_request::MessageRequest;
use tonic_reflection::pb::v1::server_reflection_response::MessageResponse;

use crate::support::{Process, soon};

pub(crate) fn manifest() -> v1::ApplyMigrationRequest {
    let id = v1::Column {
        legacy: "id".into(),
        new: "id".into(),
        ..Default::default()
    };
    let cart = v1::Entity {
        name: "cart".into(),
        root: true,
        key: vec!["id".into()],
        capture: "none".into(),
        legacy_table: "carts".into(),
        new_table: "carts".into(),
        columns: vec![id],
    };
    let spec = v1::MigrationSpec {
        entities: vec![cart],
        ..Default::default()
    };
    v1::ApplyMigrationRequest {
        name: "cart".into(),
        spec: Some(spec),
        ..Default::default()
    }
}

/// The answer to a plain request, whole.
pub(crate) async fn get(address: &str, path: &str) -> String {
    let mut stream = soon(TcpStream::connect(address)).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    soon(stream.read_to_string(&mut answer)).await.unwrap();
    answer
}

#[tokio::test]
async fn what_was_applied_outlives_the_process() {
    let folder = tempdir().unwrap();
    let process = Process::start(&folder).await;
    let mut operator = MigrationServiceClient::new(process.channel().await);
    soon(operator.apply_migration(manifest())).await.unwrap();
    assert!(get(&process.http, "/").await.contains("<h2>cart</h2>"));
    process.signal("-TERM").await;
    assert!(process.ended().await.success());

    let process = Process::start(&folder).await;
    let mut operator = MigrationServiceClient::new(process.channel().await);
    let request = v1::GetMigrationRequest {
        name: "cart".into(),
    };
    let migration = soon(operator.get_migration(request))
        .await
        .unwrap()
        .into_inner()
        .migration;
    assert_eq!(migration.unwrap().revision, 1);
    process.signal("-INT").await;
    assert!(process.ended().await.success());
}

#[tokio::test]
async fn health_tells_the_truth_service_by_service() {
    let folder = tempdir().unwrap();
    let process = Process::start(&folder).await;
    let mut health = HealthClient::new(process.channel().await);
    for service in [
        "",
        "dualwrite.v1.MigrationService",
        "dualwrite.v1.SidecarService",
    ] {
        let request = HealthCheckRequest {
            service: service.into(),
        };
        let answer = soon(health.check(request)).await.unwrap().into_inner();
        assert_eq!(answer.status(), ServingStatus::Serving, "{service}");
    }
    let request = HealthCheckRequest {
        service: "dualwrite.v1.DataService".into(),
    };
    assert_eq!(
        soon(health.check(request)).await.unwrap_err().code(),
        Code::NotFound
    );
    assert!(
        get(&process.http, "/readyz")
            .await
            .starts_with("HTTP/1.1 200")
    );
    assert!(
        get(&process.http, "/version")
            .await
            .contains(env!("CARGO_PKG_VERSION"))
    );
}

#[tokio::test]
async fn any_tool_can_ask_what_is_served() {
    let folder = tempdir().unwrap();
    let process = Process::start(&folder).await;
    let mut reflection = ServerReflectionClient::new(process.channel().await);
    let request = ServerReflectionRequest {
        host: String::new(),
        message_request: Some(MessageRequest::ListServices(String::new())),
    };
    let asked = soon(reflection.server_reflection_info(tokio_stream::iter([request]))).await;
    let answer = soon(asked.unwrap().into_inner().message())
        .await
        .unwrap()
        .unwrap();
    let Some(MessageResponse::ListServicesResponse(list)) = answer.message_response else {
        panic!("no list: {answer:?}");
    };
    let names: Vec<&str> = list
        .service
        .iter()
        .map(|service| service.name.as_str())
        .collect();
    for name in [
        "dualwrite.v1.MigrationService",
        "dualwrite.v1.SidecarService",
        "grpc.health.v1.Health",
    ] {
        assert!(names.contains(&name), "{name} is not among {names:?}");
    }
}

#[tokio::test]
async fn sessions_and_watches_do_not_hold_the_process_open() {
    let folder = tempdir().unwrap();
    let process = Process::start(&folder).await;
    let channel = process.channel().await;
    soon(MigrationServiceClient::new(channel.clone()).apply_migration(manifest()))
        .await
        .unwrap();
    let (requests, outgoing) = tokio::sync::mpsc::channel(1);
    let outgoing = tokio_stream::wrappers::ReceiverStream::new(outgoing);
    let mut sidecar = SidecarServiceClient::new(channel.clone());
    let mut session = soon(sidecar.session(outgoing)).await.unwrap().into_inner();
    let hello = v1::Hello {
        service: "cart".into(),
        instance: "cart-1".into(),
        ..Default::default()
    };
    let kind = Some(v1::session_request::Kind::Hello(hello));
    requests.send(v1::SessionRequest { kind }).await.unwrap();
    soon(session.message()).await.unwrap().unwrap();
    let mut health = HealthClient::new(channel);
    let watched = soon(health.watch(HealthCheckRequest::default()))
        .await
        .unwrap();
    let mut watched = watched.into_inner();
    soon(watched.message()).await.unwrap().unwrap();

    process.signal("-TERM").await;
    let status = loop {
        match soon(session.message()).await {
            Ok(told) => assert!(told.is_some(), "it is told why"),
            Err(status) => break status,
        }
    };
    assert_eq!(reason_of(&status), Some(ErrorReason::ShuttingDown));
    let last = soon(watched.message()).await.unwrap().unwrap();
    assert_eq!(last.status(), ServingStatus::NotServing);
    assert!(process.ended().await.success());
}
