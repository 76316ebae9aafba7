//! Manifests that are wrong: found in the file, by the rules, or by the
//! sidecars in the real schemas.

use dualwrite_proto::v1::Phase;
use dualwrite_tests::cart::{Databases, MANIFEST, Which};
use dualwrite_tests::{Fleet, Operator, eventually};
use serde_json::{Value, json};

use crate::command_line::CommandLine;

/// What stands in the manifest, what a slip of the pen makes of it, where that
/// is said to be, and what would be right.
const SLIPS: [(&str, &str, &str, &str); 6] = [
    // A slip of the pen in a field's name.
    (
        "batch_size: 100",
        "batch_sise: 100",
        ":13:5: spec.flags.batch_sise: ",
        "`batch_size`",
    ),
    (
        "keepMarkers:",
        "keepMarker:",
        ":11:3: spec.keepMarker: ",
        "`keepMarkers`",
    ),
    // What a field says makes no sense.
    (
        "int_to_bool",
        "int_to_bol",
        ":26:50: spec.entities[0].columns[4].convert: ",
        "`int_to_bool`",
    ),
    (
        "phase: legacy_only",
        "phase: legacy",
        ": spec.phase: ",
        "dual_write",
    ),
    (
        "batch_size: 100",
        "batch_size: 9999",
        ": spec.flags.batch_size: ",
        "1 to 512",
    ),
    (
        "[cart_id, product_id]",
        "[cart_id, product]",
        ": spec.entities[1].key[1]: ",
        "`product_id`",
    ),
];

/// A column that the new side does not have.
fn unknown_column() -> String {
    let wrong = MANIFEST.replace("new: state }", "new: stat }");
    assert_ne!(wrong, MANIFEST);
    wrong
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_manifest_is_refused_with_the_place_and_what_would_be_right() {
    let databases = Databases::create(false).await.unwrap();
    let (legacy, new) = (databases.url(Which::Legacy), databases.url(Which::New));
    let fleet = Fleet::of("cart", legacy, new).start().await.unwrap();
    let dualwrite = CommandLine::at(&fleet.control_plane_url());
    let file = fleet.folder().join("wrong.yaml");
    for (right, wrong, place, would_be) in SLIPS {
        let text = MANIFEST.replacen(right, wrong, 1);
        assert_ne!(text, MANIFEST, "{right}");
        std::fs::write(&file, text).unwrap();
        let path = file.display();
        let said = dualwrite.run(&format!("apply -f {path}")).await;
        let said = said.failed(1, place);
        assert!(said.err.contains(would_be), "{said:#?}");
        let checked = dualwrite
            .run(&format!("config check {path} -o json"))
            .await
            .ended(1)
            .data();
        assert_eq!(checked["valid"], false);
        let error = &checked["errors"][0];
        assert!(
            error["line"].as_u64().unwrap() > 1 && error["column"].as_u64().unwrap() > 0,
            "{error}"
        );
    }
    assert_eq!(
        dualwrite.json("list").await,
        json!([]),
        "nothing was applied"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_column_is_refused_by_the_sidecars_by_its_exact_name() {
    let databases = Databases::create(false).await.unwrap();
    let (legacy, new) = (databases.url(Which::Legacy), databases.url(Which::New));
    let mut fleet = Fleet::of("cart", legacy, new).start().await.unwrap();
    let operator = Operator::of("cart", &fleet.control_plane_url()).unwrap();
    let dualwrite = CommandLine::at(&fleet.control_plane_url());
    operator.apply(&unknown_column()).await.unwrap();
    fleet.add_sidecar().await.unwrap();
    operator
        .reported("the mapping is refused", |health| {
            health.nacked_sidecars == 1
        })
        .await
        .unwrap();

    let exact = "new side, column carts.stat: there is no such column; did you mean `state`?";
    let sidecars = dualwrite.json("sidecars cart").await;
    assert_eq!(
        (
            &sidecars[0]["revision_acked"],
            &sidecars[0]["revision_nacked"]
        ),
        (&json!(0), &json!(1))
    );
    let reasons = sidecars[0]["nack_reasons"].as_array().unwrap();
    assert_eq!(reasons.len(), 1, "{reasons:?}");
    assert!(reasons[0].as_str().unwrap().contains(exact), "{reasons:?}");
    let table = dualwrite.run("sidecars cart").await.ended(0);
    assert!(table.out.contains(exact), "{table:#?}");
    let refused = dualwrite.run("phase advance cart").await;
    refused.failed(3, "mapping_accepted").ended(3);

    // Put right, it is taken up without a restart.
    operator.apply(MANIFEST).await.unwrap();
    operator.followed_by(1).await.unwrap();
    operator
        .phase(Phase::DualWrite, "the mapping is right now")
        .await
        .unwrap();

    // The same slip later: what is in force stays in force.
    let before = operator.migration().await.unwrap();
    operator.apply(&unknown_column()).await.unwrap();
    let aborted = eventually("the change is taken back", async || {
        let history = dualwrite.json("history cart").await;
        let aborted = |event: &&Value| event["kind"] == "transition_aborted";
        history.as_array().unwrap().iter().find(aborted).cloned()
    })
    .await;
    assert!(
        aborted["after"].as_str().unwrap().contains(exact),
        "{aborted}"
    );
    operator.followed_by(1).await.unwrap();
    let after = operator.migration().await.unwrap();
    assert_eq!((after.epoch, after.spec), (before.epoch, before.spec));
}
