//! `docs/any-language.md`: its script is run as it stands, against a sidecar.

use std::process::Command;

use dualwrite_tests::Scene;

use crate::document::{Document, root};

/// Where `cargo xtask test` puts the packages that the document installs.
const PACKAGES: &str = "target/tools/python-grpc";

#[tokio::test(flavor = "multi_thread")]
async fn the_session_in_python_says_what_the_document_says() {
    let packages = root().join(PACKAGES);
    assert!(
        packages.join("grpc_reflection").is_dir(),
        "{} has no grpcio-reflection: `cargo xtask test` installs it by pip, which needs the network",
        packages.display()
    );
    let document = Document::read("docs/any-language.md");
    let scene = Scene::dual_write(false, 1).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("session.py");
    std::fs::write(&script, document.only("python")).unwrap();
    let sidecar = scene.fleet.sidecar_url(0).unwrap();
    let address = sidecar.trim_start_matches("http://").to_owned();
    let session = tokio::task::spawn_blocking(move || {
        Command::new("python3")
            .arg(script)
            .arg(address)
            .env("PYTHONPATH", packages)
            .output()
    });
    let output = session.await.unwrap().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{errors}");
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(said, document.only("text"), "{errors}");
}
