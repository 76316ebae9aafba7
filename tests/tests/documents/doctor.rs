//! `docs/doctor.md` names every check that the code has, and no other; and its
//! commands say what it says.

use std::collections::BTreeSet;

use dualwrite_tests::Scene;

use crate::document::read;
use crate::follow::Page;

/// Where checks are named.
const SOURCES: [&str; 12] = [
    "client/cli/src/commands/doctor/chain.rs",
    "client/cli/src/commands/doctor/local.rs",
    "control-plane/app/src/verbs/diagnose.rs",
    "control-plane/app/src/verbs/diagnose/heard.rs",
    "control-plane/app/src/verbs/diagnose/ourselves.rs",
    "control-plane/app/src/verbs/diagnose/streams.rs",
    "sidecar/engine/src/diagnose.rs",
    "sidecar/engine/src/store/remove.rs",
    "sidecar/postgres/src/checks.rs",
    "sidecar/postgres/src/checks/server.rs",
    "sidecar/postgres/src/checks/encryption.rs",
    "sidecar/sqlite/src/store/diagnose.rs",
];

/// The names in the first column of the tables.
fn documented() -> BTreeSet<String> {
    let text = read("docs/doctor.md");
    let names = text.lines().filter_map(|line| {
        let cell = line.strip_prefix("| `")?;
        Some(cell.split_once('`')?.0.to_owned())
    });
    names.collect()
}

#[test]
fn every_check_is_explained_and_every_explanation_is_of_a_check() {
    let documented = documented();
    assert!(documented.len() > 20, "{documented:?}");
    let sources: Vec<String> = SOURCES.iter().map(|file| read(file)).collect();
    for name in &documented {
        let quoted = format!("\"{name}\"");
        assert!(
            sources.iter().any(|text| text.contains(&quoted)),
            "docs/doctor.md explains `{name}`, which no code looks at"
        );
    }
    for (file, text) in SOURCES.iter().zip(&sources) {
        for line in text.lines() {
            let Some((_, rest)) = line.split_once("const CHECK: &str = \"") else {
                continue;
            };
            let name = rest.split('"').next().unwrap_or_default();
            assert!(
                documented.contains(name),
                "{file} has the check `{name}`, which docs/doctor.md does not explain"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn its_commands_say_what_it_says_of_a_fleet_that_is_well_and_of_one_that_is_not() {
    let scene = Scene::dual_write(false, 1).await.unwrap();
    scene.converged().await.unwrap();
    let sidecar = scene.fleet.sidecar_url(0).unwrap();
    let page = Page::of("docs/doctor.md")
        .env("DUALWRITE_ENDPOINT", scene.fleet.control_plane_url())
        .instead("http://127.0.0.1:7410", sidecar);
    page.follow().await;
}
