//! What it serves, and what it says when it cannot.

use anyhow::Result;
use dualwrite_proto::status;
use dualwrite_proto::v1::value::Kind;
use dualwrite_proto::v1::{ErrorReason, Outcome};
use dualwrite_tests::{Process, eventually};
use tonic::Code;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;

use crate::place::{Place, channel, client, probe, read, upsert};

/// Whether the answer to `/readyz` holds this text.
async fn says(process: &Process, text: &str) -> bool {
    let answer = probe(process, "/readyz").await;
    answer.is_ok_and(|(status, body)| status.contains(text) || body.contains(text))
}

#[tokio::test]
async fn without_a_control_plane_it_serves_by_the_fence_alone() -> Result<()> {
    let place = Place::new().await?;
    assert!(place.install(&[]).await?.status.success());
    let mut process = place.serve().await?;
    eventually("it is ready", async || says(&process, "200").await).await;

    let uri = format!("http://{}", process.ready().grpc);
    let mut over_tcp = client(uri).await?;
    let reply = over_tcp.write(upsert(7, "ada")).await?.into_inner();
    assert_eq!(
        (reply.legacy(), reply.new()),
        (Outcome::Committed, Outcome::Skipped)
    );

    let mut over_socket = client(format!("unix://{}", place.socket().display())).await?;
    let row = over_socket.read(read(7)).await?.into_inner().row.unwrap();
    assert_eq!(
        row.fields["user_id"].kind,
        Some(Kind::Text("ada".to_owned()))
    );

    let ended = process.terminate().await?;
    assert!(ended.success(), "{ended}: {}", process.log_tail());
    assert!(!place.socket().exists());
    Ok(())
}

#[tokio::test]
async fn health_follows_readiness_and_a_bad_call_names_its_field() -> Result<()> {
    let place = Place::new().await?;
    assert!(place.install(&[]).await?.status.success());
    let process = place.serve().await?;
    let uri = format!("http://{}", process.ready().grpc);
    let mut health = HealthClient::new(channel(uri.clone()).await?);
    for service in ["", "dualwrite.v1.DataService"] {
        let ask = HealthCheckRequest {
            service: service.to_owned(),
        };
        let mut told = health.watch(ask).await?.into_inner();
        while let Some(status) = told.message().await? {
            if status.status() == ServingStatus::Serving {
                break;
            }
        }
    }

    let mut client = client(uri).await?;
    let mut wrong = upsert(7, "ada");
    wrong.mutations[0].entity = "carts".to_owned();
    let refused = client.write(wrong).await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument);
    assert_eq!(
        status::reason_of(&refused),
        Some(ErrorReason::UnknownEntity)
    );
    assert_eq!(status::fields_of(&refused)[0].path, "mutations[0].entity");

    let mut large = upsert(7, "ada");
    large.idempotency_key = "x".repeat(5 * 1024 * 1024);
    let refused = client.write(large).await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument);
    assert_eq!(status::reason_of(&refused), Some(ErrorReason::TooLarge));
    Ok(())
}

#[tokio::test]
async fn databases_without_fences_are_said_to_be_so_and_are_met_when_they_come() -> Result<()> {
    let place = Place::new().await?;
    let process = place.serve().await?;
    eventually("it has looked at the fences", async || {
        says(&process, "dualwrite-sidecar install").await
    })
    .await;
    let (status, _) = probe(&process, "/readyz").await?;
    assert!(status.contains("503"), "{status}");
    assert!(probe(&process, "/livez").await?.0.contains("200"));

    let mut client = client(format!("http://{}", process.ready().grpc)).await?;
    let refused = client.write(upsert(7, "ada")).await.unwrap_err();
    assert_eq!(refused.code(), Code::FailedPrecondition);
    assert_eq!(status::reason_of(&refused), Some(ErrorReason::FenceMissing));

    assert!(place.install(&[]).await?.status.success());
    eventually("it follows the new fence", async || {
        client.write(upsert(7, "ada")).await
    })
    .await;
    Ok(())
}

#[tokio::test]
async fn a_process_is_killed_and_its_successor_takes_over_the_socket() -> Result<()> {
    let place = Place::new().await?;
    assert!(place.install(&[]).await?.status.success());
    let mut first = place.serve().await?;
    first.kill9().await?;
    assert!(place.socket().exists());
    let _second = place.serve().await?;
    let mut over_socket = client(format!("unix://{}", place.socket().display())).await?;
    eventually("the second serves", async || {
        over_socket.write(upsert(1, "ada")).await
    })
    .await;
    Ok(())
}

#[tokio::test]
async fn a_call_under_way_is_answered_before_the_process_ends() -> Result<()> {
    let place = Place::new().await?;
    assert!(place.install(&[]).await?.status.success());
    let mut process = place.serve().await?;
    eventually("it is ready", async || says(&process, "200").await).await;

    let mut other_writer = place.legacy.connect().await?;
    sqlx::query("BEGIN IMMEDIATE")
        .execute(&mut other_writer)
        .await?;
    let mut client = client(format!("http://{}", process.ready().grpc)).await?;
    let mut writer = client.clone();
    let write = tokio::spawn(async move { writer.write(upsert(7, "ada")).await });
    tokio::task::yield_now().await;
    // Calls of one connection arrive in the order in which they were made.
    client.read(read(7)).await?;

    let the_rest = async {
        let mut refused = client.clone();
        eventually("it takes no new calls", async || {
            refused.read(read(7)).await.is_err()
        })
        .await;
        assert!(!write.is_finished(), "the call was cut");
        sqlx::query("ROLLBACK").execute(&mut other_writer).await?;
        let reply = write.await??.into_inner();
        assert_eq!(reply.legacy(), Outcome::Committed);
        anyhow::Ok(())
    };
    let (ended, answered) = tokio::join!(process.terminate(), the_rest);
    answered?;
    assert!(ended?.success(), "{}", process.log_tail());
    Ok(())
}

#[tokio::test]
async fn a_primary_behind_the_largest_epoch_seen_is_not_ready() -> Result<()> {
    let place = Place::new().await?;
    assert!(place.install(&[]).await?.status.success());
    std::fs::create_dir_all(place.state())?;
    let seen = r#"{"service":"cart","epoch":9}"#;
    std::fs::write(place.state().join("epoch.json"), seen)?;
    let process = place.serve().await?;
    eventually("it says so", async || {
        says(&process, "epoch 9 was seen").await
    })
    .await;
    assert!(says(&process, "503").await);
    Ok(())
}
