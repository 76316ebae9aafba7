//! `docs/http.md`: its requests, asked of a sidecar on PostgreSQL.

use dualwrite_tests::Scene;

use crate::follow::Page;

#[tokio::test(flavor = "multi_thread")]
async fn every_request_is_answered_as_the_document_says() {
    let mut scene = Scene::dual_write(true, 1).await.unwrap();
    scene.converged().await.unwrap();
    let sidecar = scene.fleet.sidecar(0).unwrap();
    let http = sidecar.ready().http.clone().unwrap();
    let port = http.rsplit(':').next().unwrap();
    let page = Page::of("docs/http.md");
    let page = page.instead("localhost:7411", format!("localhost:{port}"));
    page.follow().await;
}
