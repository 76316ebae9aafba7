//! A manifest proposed from two databases, by the real programs.

mod decided;
mod examples;
mod refused;
mod ugly;

use dualwrite_core::manifest::Manifest;
use dualwrite_core::spec::Entity;
use dualwrite_tests::cart::{Databases, MANIFEST, Which};
use dualwrite_tests::process::Program;
use dualwrite_tests::{Fleet, Operator, Process};

use crate::command_line::CommandLine;

/// Where nothing of a control plane is.
const NOWHERE: &str = "http://127.0.0.1:9";

fn by_name(manifest: &str) -> Vec<Entity> {
    let mut entities = Manifest::parse("manifest", manifest).unwrap().spec.entities;
    entities.sort_by(|a, b| a.name.cmp(&b.name));
    entities
}

/// A sidecar that has these URLs and nothing else.
async fn sidecar(service: &str, legacy: &str, new: &str) -> Process {
    let sidecar = Program::named("dualwrite-sidecar").unwrap();
    let sidecar = sidecar
        .args(["--service", service, "--listen", "127.0.0.1:0"])
        .args(["--http-listen", "127.0.0.1:0"]);
    let urls = [("LEGACY_DATABASE_URL", legacy), ("NEW_DATABASE_URL", new)];
    let given = urls.into_iter().filter(|(_, url)| !url.is_empty());
    let sidecar = given.fold(sidecar, |sidecar, (name, url)| sidecar.env(name, url));
    sidecar.serve().await.unwrap()
}

/// Where it is, for the command line.
fn at(sidecar: &Process) -> String {
    format!("--sidecar http://{}", sidecar.ready().grpc)
}

/// What a sidecar with two URLs and nothing else proposes for the example.
async fn the_example_is_proposed(postgres: bool) {
    let databases = Databases::create(postgres).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("cart.yaml");
    let (legacy, new) = (databases.url(Which::Legacy), databases.url(Which::New));
    let sidecar = sidecar("cart", &legacy, &new).await;
    let dualwrite = CommandLine::at(NOWHERE);
    let at = at(&sidecar);
    let line = format!("introspect {at} --out {}", file.display());
    let said = dualwrite.run(&line).await.ended(0);
    assert_eq!(said.out, "");
    assert!(said.err.contains("4 entities proposed"), "{}", said.err);
    assert!(said.err.contains("dualwrite config check"), "{}", said.err);
    let text = std::fs::read_to_string(&file).unwrap();
    // Every place of the example is proposed; each uncertain one says so.
    assert_eq!(by_name(&text), by_name(MANIFEST), "{text}");
    assert!(
        text.contains("# CHECK created_at: legacy seems to count seconds"),
        "{text}"
    );
    dualwrite
        .run(&format!("config check {}", file.display()))
        .await
        .ended(0);
    dualwrite.run(&line).await.failed(1, "is there already");
    dualwrite.run(&format!("{line} --force")).await.ended(0);

    let answer = dualwrite
        .json(&format!("introspect {at} --table shop_carts --name basket"))
        .await;
    assert_eq!(answer["entities"], serde_json::json!(["cart"]));
    let named = answer["manifest"].as_str().unwrap();
    assert_eq!(Manifest::parse("m", named).unwrap().name, "basket");
    let nothing = dualwrite
        .run(&format!("introspect {at} --table nothing"))
        .await
        .ended(1);
    assert!(nothing.out.contains("entities: []"), "{}", nothing.out);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_urls_are_enough_for_the_examples_manifest_on_sqlite() {
    the_example_is_proposed(false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_urls_are_enough_for_the_examples_manifest_on_postgresql() {
    the_example_is_proposed(true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_proposed_is_applied_as_it_is_and_followed_by_the_sidecar() {
    let databases = Databases::create(false).await.unwrap();
    let (legacy, new) = (databases.url(Which::Legacy), databases.url(Which::New));
    let mut fleet = Fleet::of("cart", legacy, new).start().await.unwrap();
    fleet.add_sidecar().await.unwrap();
    let dualwrite = CommandLine::at(&fleet.control_plane_url());
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("cart.yaml");
    let at = fleet.sidecar_url(0).unwrap();
    let line = format!("introspect --sidecar {at} --out {}", file.display());
    dualwrite.run(&line).await.ended(0);
    let apply = format!("apply -f {}", file.display());
    dualwrite.run(&apply).await.ended(0);
    let operator = Operator::of("cart", &fleet.control_plane_url()).unwrap();
    operator.followed_by(1).await.unwrap();
}

#[tokio::test]
async fn a_sidecar_that_is_not_there_is_named() {
    let said = CommandLine::at(NOWHERE)
        .run(&format!("introspect --sidecar {NOWHERE}"))
        .await;
    said.failed(1, "no sidecar answers at http://127.0.0.1:9");
}
