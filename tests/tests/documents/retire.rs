//! `docs/retire.md`: its commands, at the end of the example's migration.

use dualwrite_proto::v1::Phase;
use dualwrite_tests::Scene;

use crate::follow::Page;

#[tokio::test(flavor = "multi_thread")]
async fn its_commands_end_a_migration_and_say_what_it_says() {
    let scene = Scene::dual_write(true, 2).await.unwrap();
    for phase in [Phase::NewPrimary, Phase::NewOnly] {
        scene.operator.phase(phase, "to the end").await.unwrap();
    }
    scene.operator.followed_by(2).await.unwrap();
    let page = Page::of("docs/retire.md")
        .env("DUALWRITE_ENDPOINT", scene.fleet.control_plane_url())
        .env("USER", "ada");
    page.follow().await;
}
