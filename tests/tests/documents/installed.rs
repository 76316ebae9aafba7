//! What the sidecar says of its own tables, as documents promise.

#[tokio::test]
async fn the_sidecar_shows_its_tables() {
    use dualwrite_tests::cart::{Databases, MANIFEST, Which};
    use dualwrite_tests::{Fleet, Operator};

    let databases = Databases::create(false).await.unwrap();
    let (legacy, new) = (databases.url(Which::Legacy), databases.url(Which::New));
    let fleet = Fleet::of("cart", legacy, new).start().await.unwrap();
    let operator = Operator::of("cart", &fleet.control_plane_url()).unwrap();
    operator.apply(MANIFEST).await.unwrap();
    let sql = fleet.install(&["--print-sql"]).await.unwrap();
    for table in [
        "dualwrite_fence",
        "dualwrite_outbox_cart_cart_item",
        "dualwrite_receipt",
        "dualwrite_quarantine",
    ] {
        assert!(sql.contains(table), "{table}:\n{sql}");
    }
    let ours = "SELECT count(*) FROM sqlite_master WHERE name LIKE 'dualwrite_%'";
    let rows = databases.query(Which::New, ours).await.unwrap();
    assert_eq!(rows[0][0].as_deref(), Some("0"), "it is printed, not run");
}
