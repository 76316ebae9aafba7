//! Requests that are wrong, and what each is told.

use dualwrite_core::phase::Phase;
use dualwrite_core::side::Side;
use dualwrite_core::value::Value;

use super::world::*;
use crate::error::{DataError, Invalid};
use crate::request::{RequestChange, RequestMutation};

fn set(name: &str, value: Value) -> RequestMutation {
    mutation(RequestChange::Update {
        key: fields(&[("id", Value::Int(1))]),
        set: fields(&[(name, value)]),
        increment: Vec::new(),
        only_if: Vec::new(),
        at_least: Vec::new(),
    })
}

fn increment(name: &str, value: Value) -> RequestMutation {
    mutation(RequestChange::Update {
        key: fields(&[("id", Value::Int(1))]),
        set: Vec::new(),
        increment: fields(&[(name, value)]),
        only_if: Vec::new(),
        at_least: Vec::new(),
    })
}

fn bounded(name: &str, value: Value) -> RequestMutation {
    mutation(RequestChange::Delete {
        key: fields(&[("id", Value::Int(1))]),
        only_if: Vec::new(),
        at_least: fields(&[(name, value)]),
    })
}

async fn each_is_refused(world: &World, cases: Vec<(Vec<RequestMutation>, &[&str])>) {
    for (mutations, expected) in cases {
        let error = world.write(mutations.clone()).await.unwrap_err();
        assert!(
            matches!(error, DataError::Invalid(_)),
            "{mutations:?}: {error}"
        );
        assert!(!error.is_retryable());
        let said = error.to_string().to_lowercase();
        for word in expected {
            assert!(
                said.contains(&word.to_lowercase()),
                "{mutations:?} said: {said}"
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_bound_that_cannot_be_compared_is_told_what_would_be_right() {
    let world = World::at(Phase::DualWrite).await;
    let cases: Vec<(Vec<RequestMutation>, &[&str])> = vec![
        (
            vec![bounded("state", text("open"))],
            &["state", "text", "`at_least`", "int, uint, decimal"],
        ),
        (
            vec![visit(1), bounded("visits", Value::Null)],
            &["mutations[1]", "visits", "NULL", "`only_if`"],
        ),
        (vec![bounded("total", money("1.005"))], &["total"]),
        (vec![bounded("id", Value::Int(1))], &["`id`", "key"]),
        (vec![bounded("visit", Value::Int(1))], &["`visits`"]),
    ];
    each_is_refused(&world, cases).await;
}

#[tokio::test(start_paused = true)]
async fn each_wrong_request_is_told_what_would_be_right() {
    let world = World::at(Phase::DualWrite).await;
    let other_entity = RequestMutation {
        entity: "basket".into(),
        ..visit(1)
    };
    let no_key = mutation(RequestChange::Upsert {
        values: fields(&[("state", text("open"))]),
    });
    let null_key = mutation(RequestChange::Upsert {
        values: fields(&[("id", Value::Null)]),
    });
    let half_key = RequestMutation {
        entity: "item".into(),
        change: RequestChange::Delete {
            key: fields(&[("cart_id", Value::Int(1))]),
            only_if: Vec::new(),
            at_least: Vec::new(),
        },
        must_match: false,
    };
    let nothing = mutation(RequestChange::Update {
        key: fields(&[("id", Value::Int(1))]),
        set: Vec::new(),
        increment: Vec::new(),
        only_if: Vec::new(),
        at_least: Vec::new(),
    });
    let cases: Vec<(Vec<RequestMutation>, &[&str])> = vec![
        (Vec::new(), &["at least one mutation"]),
        (vec![other_entity], &["`basket`", "cart, item"]),
        (
            vec![set("stat", text("open"))],
            &["`stat`", "did you mean `state`"],
        ),
        (vec![set("status", text("open"))], &["`status`"]),
        (
            vec![set("visits", text("many"))],
            &["mutations[0]", "visits", "int"],
        ),
        (
            vec![visit(1), set("total", Value::Bool(true))],
            &["mutations[1]", "total"],
        ),
        (vec![set("total", money("1.005"))], &["total"]),
        (vec![set("id", Value::Int(2))], &["`id`", "key"]),
        (vec![increment("id", Value::Int(2))], &["`id`", "key"]),
        (vec![increment("state", Value::Int(2))], &["state"]),
        (vec![no_key], &["`id`"]),
        (vec![null_key], &["`id`"]),
        (vec![half_key], &["`product`"]),
        (vec![nothing], &["at least one"]),
    ];
    each_is_refused(&world, cases).await;
    assert!(world.carts(Side::Legacy).is_empty());
}

#[tokio::test(start_paused = true)]
async fn bounds_are_said_by_name() {
    let world = World::at(Phase::DualWrite).await;
    let many = (0..1_001).map(visit).collect();
    let error = world.write(many).await.unwrap_err();
    assert!(
        matches!(
            error,
            DataError::Invalid(Invalid::TooLarge { limit: 1_000, .. })
        ),
        "{error}"
    );
    for key in ["", &"x".repeat(201)] {
        let error = world
            .engine
            .write(keyed(key, vec![visit(1)]), soon())
            .await
            .unwrap_err();
        assert_eq!(error, DataError::Invalid(Invalid::IdempotencyKey));
    }
}

#[tokio::test(start_paused = true)]
async fn a_database_without_our_fence_says_how_to_install() {
    let world = World::at(Phase::DualWrite).await;
    let legacy = crate::fake::FakeStore::new();
    let stores = crate::Stores {
        legacy: Some(std::sync::Arc::new(legacy.clone())),
        new: Some(std::sync::Arc::new(legacy)),
    };
    let entropy = std::sync::Arc::new(Fixed);
    let config = crate::EngineConfig {
        service: "shop".into(),
    };
    let engine = crate::Engine::new(config, stores, entropy);
    tokio::spawn(engine.clone().run(std::future::pending()));
    let error = write(&engine, vec![visit(1)]).await.unwrap_err();
    assert!(
        error.to_string().contains("dualwrite-sidecar install"),
        "{error}"
    );
    world.legacy.set_unreachable(true);
    let error = world.write(vec![visit(1)]).await.unwrap_err();
    assert!(
        matches!(
            error,
            DataError::PrimaryUnavailable {
                side: Side::Legacy,
                ..
            }
        ),
        "{error}"
    );
}

#[derive(Debug)]
struct Fixed;

impl crate::ports::Entropy for Fixed {
    fn next_u64(&self) -> u64 {
        4
    }
}
