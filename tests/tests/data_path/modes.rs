//! The three modes of the secondary, switched while writes go on.

use dualwrite_client::{DualwriteClient, Outcome, fields};
use dualwrite_proto::v1::{self, Phase};
use dualwrite_tests::workload::Workload;
use dualwrite_tests::{Operator, Scene, eventually};

async fn set(operator: &Operator, flags: v1::Flags, paths: &[&str]) {
    let request = v1::UpdateFlagsRequest {
        name: "cart".into(),
        flags: Some(flags),
        update_mask: Some(prost_types::FieldMask {
            paths: paths.iter().map(ToString::to_string).collect(),
        }),
        wait: true,
        ..v1::UpdateFlagsRequest::default()
    };
    operator.api().update_flags(request).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn modes_change_under_writers_and_both_sides_agree_afterwards() {
    for postgres in [true, false] {
        let scene = Scene::dual_write(postgres, 2).await.unwrap();
        let workload = Workload::start(6, &scene.sidecar_urls().unwrap()).unwrap();
        let paths = [
            "async_new",
            "async_legacy",
            "fail_on_new_error",
            "fail_on_legacy_error",
        ];
        for (relayed, strict) in [(false, false), (false, true), (true, false), (false, false)] {
            let flags = v1::Flags {
                async_new: relayed,
                async_legacy: relayed,
                fail_on_new_error: strict,
                fail_on_legacy_error: strict,
                ..v1::Flags::default()
            };
            set(&scene.operator, flags, &paths).await;
            let before = workload.memory().acknowledged;
            eventually("writes go on", async || {
                workload.memory().acknowledged > before + 40
            })
            .await;
        }
        scene
            .operator
            .phase(Phase::NewPrimary, "also in sync mode")
            .await
            .unwrap();
        let before = workload.memory().acknowledged;
        eventually("writes go on", async || {
            workload.memory().acknowledged > before + 40
        })
        .await;
        let memory = workload.stop().await.unwrap();
        assert_eq!(memory.failures, Vec::<String>::new());
        scene.check(&memory).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_synchronous_secondary_answers_committed_on_both_sides() {
    let scene = Scene::dual_write(true, 1).await.unwrap();
    set(&scene.operator, v1::Flags::default(), &["async_new"]).await;
    let client = DualwriteClient::connect(&scene.sidecar_urls().unwrap()[0]).unwrap();
    let values =
        fields! { id: 9_000_001, user_id: "user-1", state: "open", total: "1.25", gift: false };
    let reply = client.write().insert("cart", values).send().await.unwrap();
    assert_eq!(
        (reply.legacy, reply.new),
        (Outcome::Committed, Outcome::Committed)
    );
}
