//! What is proposed for the services of the examples, each against the one
//! legacy database that they share: what is matched, what is asked, and why.

use dualwrite_core::manifest::Manifest;
use dualwrite_core::spec::Entity;
use dualwrite_tests::service::{AUTH, CART, PRODUCT, Service, Shop, Which};

use super::decided::decided;
use super::{NOWHERE, at, by_name, sidecar};
use crate::command_line::CommandLine;

async fn proposed(shop: &Shop, service: &Service) -> String {
    let (legacy, new) = (
        shop.of(service, Which::Legacy).unwrap().url(),
        shop.of(service, Which::New).unwrap().url(),
    );
    let sidecar = sidecar(service.name, &legacy, &new).await;
    let line = format!("introspect {}", at(&sidecar));
    CommandLine::at(NOWHERE).run(&line).await.ended(0).out
}

/// The hand-written manifest, and what becomes of the proposal once these
/// questions are answered.
fn both(service: &Service, proposal: &str, lines: &[&str], entities: &[&str]) -> [Vec<Entity>; 2] {
    let own = decided(proposal, lines, entities);
    Manifest::parse("proposal", &own).unwrap_or_else(|errors| panic!("{errors}\n{own}"));
    let plain = |entities: Vec<Entity>| {
        let each = entities.into_iter();
        each.map(|mut entity| {
            // What is taken for sensitive and for the root (each has a remark),
            // and in which order fields stand, is a matter of taste.
            entity.root = false;
            entity.columns.sort_by(|a, b| a.new.cmp(&b.new));
            for column in &mut entity.columns {
                column.sensitive = false;
            }
            entity
        })
        .collect()
    };
    [plain(by_name(service.manifest)), plain(by_name(&own))]
}

#[tokio::test(flavor = "multi_thread")]
async fn each_example_is_proposed_and_what_no_name_says_is_asked() {
    let services = [&AUTH, &CART, &PRODUCT];
    let shop = Shop::create(true, &services).await.unwrap();
    let [auth, cart, product] = [
        proposed(&shop, &AUTH).await,
        proposed(&shop, &CART).await,
        proposed(&shop, &PRODUCT).await,
    ];
    insta::assert_snapshot!("auth", auth);
    insta::assert_snapshot!("cart", cart);
    insta::assert_snapshot!("product", product);

    let [by_hand, own] = both(&AUTH, &auth, &["{legacy: logins, new: sign_ins}"], &[]);
    assert_eq!(own, by_hand);
    let [by_hand, own] = both(&CART, &cart, &[], &[]);
    assert_eq!(own, by_hand);
    let on_hand = ["{legacy: pieces, new: on_hand}"];
    let [by_hand, own] = both(&PRODUCT, &product, &on_hand, &["stock"]);
    assert_eq!(own, by_hand);
}
