//! `docs/quickstart.md`: its lines are those of the example, which is run.

use dualwrite_tests::Scene;

use crate::document::{Document, read};

#[path = "../../../client/examples/quickstart.rs"]
#[expect(dead_code, reason = "a test has a main function of its own")]
mod example;

#[tokio::test(flavor = "multi_thread")]
async fn the_ten_lines_put_an_item_into_a_cart_and_find_it() {
    let scene = Scene::dual_write(false, 1).await.unwrap();
    let sidecar = scene.fleet.sidecar_url(0).unwrap();
    for _ in 0..2 {
        let found = example::add_to_cart(&sidecar).await.unwrap();
        assert_eq!(found, Some(2));
    }
}

#[test]
fn the_document_shows_the_example_as_it_is() {
    let code = read("client/examples/quickstart.rs");
    let shown = Document::read("docs/quickstart.md").only("rust");
    let indented = shown
        .lines()
        .fold(String::new(), |text, line| text + "    " + line + "\n");
    assert!(
        code.contains(&indented),
        "docs/quickstart.md shows\n{indented}\nwhich client/examples/quickstart.rs does not have"
    );
}
