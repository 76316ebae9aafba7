//! Why nothing can be proposed, or a table is left out. (Who is not on the
//! sidecar's host is refused as well: see the tests of its `local_service`.)

use dualwrite_tests::Postgres;

use super::{NOWHERE, at, sidecar};
use crate::command_line::{CommandLine, Said};

const TABLE: &str = "CREATE TABLE carts (id bigint PRIMARY KEY, note text)";

/// A server with both databases, one table each.
async fn server() -> (Postgres, String, String) {
    let server = Postgres::start().await.unwrap();
    let legacy = server.create_database("shop").await.unwrap();
    let new = server.create_database("cart").await.unwrap();
    for name in ["shop", "cart"] {
        let client = server.connect(name).await.unwrap();
        client.batch_execute(TABLE).await.unwrap();
    }
    (server, legacy, new)
}

async fn asked(legacy: &str, new: &str, more: &str) -> Said {
    let sidecar = sidecar("cart", legacy, new).await;
    let line = format!("introspect {} {more}", at(&sidecar));
    CommandLine::at(NOWHERE).run(&line).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_side_without_a_url_or_a_database_is_named() {
    let (mut server, legacy, new) = server().await;
    let no_url = "the legacy database has no URL here";
    asked("", &new, "").await.failed(1, no_url);
    let nowhere = new.replace("/cart", "/nowhere");
    let said = asked(&legacy, &nowhere, "").await;
    let said = said.failed(1, "the new database cannot be looked at");
    assert!(said.err.contains("nowhere"), "{said:?}");
    let sidecar = sidecar("cart", &legacy, &new).await;
    server.kill9().await.unwrap();
    let line = format!("introspect {} -o json", at(&sidecar));
    let failure = CommandLine::at(NOWHERE).run(&line).await.ended(1).failure();
    let reason = failure["reason"].as_str().unwrap();
    assert!(reason.ends_with("_UNAVAILABLE"), "{failure}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_role_may_not_see_is_told() {
    let (server, legacy, new) = server().await;
    let client = server.connect("shop").await.unwrap();
    let roles = "CREATE ROLE reader LOGIN; CREATE ROLE stranger LOGIN; \
                 REVOKE CONNECT ON DATABASE shop FROM PUBLIC; GRANT CONNECT ON DATABASE shop TO reader";
    client.batch_execute(roles).await.unwrap();
    let of = |role: &str| legacy.replace("postgres://postgres@", &format!("postgres://{role}@"));

    // It may connect, and read nothing.
    let said = asked(&of("reader"), &new, "").await.ended(1);
    assert!(said.out.contains("entities: []"), "{said:?}");
    assert!(
        said.out
            .contains("a table that the user of this URL may not read"),
        "{said:?}"
    );
    // It may not even connect.
    let said = asked(&of("stranger"), &new, "").await;
    let said = said.failed(1, "the legacy database cannot be looked at");
    assert!(said.err.contains("permission denied"), "{said:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn names_that_nothing_has_are_told() {
    let (_server, legacy, new) = server().await;
    let said = asked(&legacy, &new, "--table nowhere.carts").await.ended(1);
    assert!(
        said.out
            .contains("REFUSED nowhere.carts: the legacy side has no such table"),
        "{said:?}"
    );
    let said = asked(&legacy, &new, "--table carts --name Cart").await;
    said.failed(2, "`Cart` is no service name");
}
