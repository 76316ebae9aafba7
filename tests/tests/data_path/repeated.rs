//! Requests that are sent again: through another sidecar, after a flip.

use dualwrite_client::{DualwriteClient, Error, ErrorReason, Settled, fields};
use dualwrite_proto::v1::Phase;
use dualwrite_tests::Scene;

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_request_takes_effect_once_and_answers_the_first_outcome() {
    for postgres in [true, false] {
        let scene = Scene::dual_write(postgres, 2).await.unwrap();
        let urls = scene.sidecar_urls().unwrap();
        let clients = [0, 1].map(|number: usize| DualwriteClient::connect(&urls[number]).unwrap());
        let send = |client: &DualwriteClient| {
            let user = fields! { id: "user-9" };
            client
                .write()
                .increment("user", user, fields! { visits: 1 })
                .idempotency_key("visit-9")
                .send()
        };
        let first = send(&clients[0]).await.unwrap();
        assert!(!first.replayed);
        for to in [None, Some(Phase::NewPrimary), Some(Phase::DualWrite)] {
            if let Some(to) = to {
                scene
                    .operator
                    .phase(to, "a repeated request survives it")
                    .await
                    .unwrap();
            }
            for client in &clients {
                let again = send(client).await.unwrap();
                assert!(again.replayed, "{to:?}");
                let visits = |reply: &dualwrite_client::WriteReply| {
                    reply.row().unwrap().get::<i64>("visits").unwrap()
                };
                assert_eq!(visits(&again), visits(&first));
            }
        }
        let read = clients[1]
            .read("user", fields! { id: "user-9" })
            .send()
            .await
            .unwrap();
        assert_eq!(read.row.unwrap().get::<i64>("visits").unwrap(), 1);
        assert_eq!(
            clients[0].outcome("visit-9").await.unwrap(),
            Settled::Committed
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_was_settled_as_aborted_never_happens() {
    let scene = Scene::dual_write(true, 1).await.unwrap();
    let client = DualwriteClient::connect(&scene.sidecar_urls().unwrap()[0]).unwrap();
    assert_eq!(client.outcome("late").await.unwrap(), Settled::Aborted);
    let late = client
        .write()
        .increment("user", fields! { id: "user-9" }, fields! { visits: 1 })
        .idempotency_key("late")
        .send()
        .await;
    assert_eq!(
        late.unwrap_err().reason(),
        Some(ErrorReason::RequestAborted)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn another_body_under_the_same_key_is_refused() {
    let scene = Scene::dual_write(false, 1).await.unwrap();
    let client = DualwriteClient::connect(&scene.sidecar_urls().unwrap()[0]).unwrap();
    let send = |by: i64| {
        let user = fields! { id: "user-9" };
        client
            .write()
            .increment("user", user, fields! { visits: by })
            .idempotency_key("k")
            .send()
    };
    send(1).await.unwrap();
    let error: Error = send(2).await.unwrap_err();
    assert_eq!(error.reason(), Some(ErrorReason::IdempotencyMismatch));
    assert!(error.to_string().contains("new key"), "{error}");
}
