//! `docs/introspect.md`: its commands, asked of a sidecar that has two URLs and
//! nothing else.

use dualwrite_tests::cart::{Databases, Which};
use dualwrite_tests::process::Program;

use crate::follow::Page;

#[tokio::test(flavor = "multi_thread")]
async fn its_commands_propose_the_examples_manifest() {
    let databases = Databases::create(true).await.unwrap();
    let sidecar = Program::named("dualwrite-sidecar")
        .unwrap()
        .args(["--service", "cart", "--listen", "127.0.0.1:0"])
        .args(["--http-listen", "127.0.0.1:0"])
        .env("LEGACY_DATABASE_URL", databases.url(Which::Legacy))
        .env("NEW_DATABASE_URL", databases.url(Which::New))
        .serve()
        .await
        .unwrap();
    let at = format!("http://{}", sidecar.ready().grpc);
    let page = Page::of("docs/introspect.md").env("DUALWRITE_SIDECAR", at);
    page.follow().await;
    assert!(page.folder().join("cart.yaml").is_file());
}
