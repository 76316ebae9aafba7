//! Some forty tables, each with one thing that a proposal must get right, ask
//! about, or refuse.

use dualwrite_proto::v1::Phase;
use dualwrite_tests::{Fleet, Operator, Postgres};

use super::decided::decided;
use super::{NOWHERE, at, sidecar};
use crate::command_line::CommandLine;

const LEGACY: &str = include_str!("ugly_legacy.sql");
const NEW: &str = include_str!("ugly_new.sql");

/// The answers to the questions of the proposal.
const LINES: [&str; 4] = [
    "{legacy: bill_addr, new: address, sensitive: true}",
    "{legacy: channel, new: source}",
    "{legacy: made, new: made_at, convert: epoch_millis_to_timestamp}",
    "{legacy: pieces, new: on_hand}",
];

/// The entities that waited for an answer.
const ENTITIES: [&str; 3] = ["call", "stock", "report_2"];

async fn databases() -> (Postgres, String, String) {
    let server = Postgres::start().await.unwrap();
    let legacy = server.create_database("erp_old").await.unwrap();
    let new = server.create_database("erp_new").await.unwrap();
    for (name, script) in [("erp_old", LEGACY), ("erp_new", NEW)] {
        let client = server.connect(name).await.unwrap();
        client.batch_execute(script).await.unwrap();
    }
    (server, legacy, new)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ugly_schema_is_proposed_and_what_was_decided_is_accepted() {
    let (_server, legacy, new) = databases().await;
    let sidecar = sidecar("erp", &legacy, &new).await;
    let dualwrite = CommandLine::at(NOWHERE);
    let line = format!("introspect {}", at(&sidecar));
    let proposal = dualwrite.run(&line).await.ended(0).out;
    insta::assert_snapshot!("ugly", proposal);

    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("erp.yaml");
    let manifest = decided(&proposal, &LINES, &ENTITIES);
    std::fs::write(&file, &manifest).unwrap();
    let check = format!("config check {}", file.display());
    dualwrite.run(&check).await.ended(0);

    // By the mapping check of a sidecar, against both schemas.
    let mut fleet = Fleet::of("erp", &legacy, &new).start().await.unwrap();
    let operator = Operator::of("erp", &fleet.control_plane_url()).unwrap();
    operator.apply(&manifest).await.unwrap();
    fleet.add_sidecar().await.unwrap();
    operator.followed_by(1).await.unwrap();
    operator.permitted(Phase::DualWrite).await.unwrap();
}
