//! Guards refuse with figures; force overrides what can be overridden.

use dualwrite_control_app::model::{FenceReport, Operations, PageSize};
use dualwrite_control_app::verbs::TransitionError;
use dualwrite_core::guard::{Guard, Verdict};
use dualwrite_core::phase::Phase;
use dualwrite_core::side::Side;
use dualwrite_core::tally::{FailureKind, Tally};

use crate::kit::{World, applying, going, spec};

fn failed(verdict: &Verdict) -> Vec<(Guard, &str, &str)> {
    verdict
        .failed()
        .map(|guard| (guard.guard, &*guard.measured, &*guard.limit))
        .collect()
}

fn operations(side: Side, attempts: u64, failures: u64) -> Operations {
    let mut tally = Tally::default();
    tally.total.attempts = attempts;
    tally.total.successes = attempts - failures;
    tally.total.set_failures(FailureKind::Timeout, failures);
    Operations {
        entity: "cart".into(),
        side,
        tally,
    }
}

async fn refused(world: &World, to: Phase) -> Verdict {
    match world.go(to).await {
        Err(TransitionError::Refused(refused)) => refused.verdict,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn while_metrics_are_off_the_error_rate_is_unknown_and_never_fine() {
    let world = World::at(Phase::DualWrite).await;
    let mut spec = spec(&["cart", "item"]);
    spec.flags.metrics_enabled = false;
    world.plane.apply(applying(spec)).await.unwrap();
    let bot = world.bot("a").await;
    bot.report(0, 0, vec![]).await;
    let verdict = refused(&world, Phase::NewPrimary).await;
    let failed = failed(&verdict);
    let rate = failed
        .iter()
        .find(|failed| failed.0 == Guard::SecondaryErrorRate);
    assert_eq!(rate.unwrap().1, "unknown");
    assert!(
        !failed
            .iter()
            .any(|failed| failed.0 == Guard::MarkersOutstanding),
        "markers are reported all the same"
    );
}

#[tokio::test]
async fn a_flip_is_refused_with_the_figures_and_the_refusal_is_history() {
    let world = World::at(Phase::DualWrite).await;
    let bot = world.bot("a").await;
    let errors = vec![
        operations(Side::New, 100, 7),
        operations(Side::Legacy, 100, 50),
    ];
    bot.report(2, 20_000, errors).await;
    let verdict = refused(&world, Phase::NewPrimary).await;
    assert_eq!(
        failed(&verdict),
        [
            (
                Guard::BackfillComplete,
                "not complete",
                "complete since the secondary was opened"
            ),
            (Guard::MarkersOutstanding, "20000", "at most 10000"),
            (Guard::SecondaryErrorRate, "7.00 %", "at most 1 % over 60s"),
        ],
        "only what failed on the secondary counts"
    );
    assert_eq!(world.history().await, ["applied", "transition_refused"]);
    let page = world
        .plane
        .list_events("cart", None, PageSize::default())
        .await
        .unwrap();
    assert!(
        page.events[0].after.contains("20000"),
        "{}",
        page.events[0].after
    );
    assert_eq!(world.migration().await.revision, 1);
}

#[tokio::test]
async fn what_nobody_reported_is_not_known_and_does_not_pass() {
    let world = World::at(Phase::DualWrite).await;
    let bot = crate::kit::Bot::join(&world.plane, &world.fences, "a").await;
    bot.beat().await;
    let verdict = refused(&world, Phase::NewPrimary).await;
    let unknown: Vec<Guard> = verdict
        .failed()
        .filter(|guard| guard.measured == "unknown")
        .map(|guard| guard.guard)
        .collect();
    assert_eq!(
        unknown,
        [
            Guard::MarkersOutstanding,
            Guard::OldestMarkerAge,
            Guard::SecondaryErrorRate,
            Guard::QuarantineEmpty
        ]
    );
    assert!(failed(&verdict).iter().any(|(guard, measured, _)| {
        *guard == Guard::RevisionAcked && *measured == "0 of 1 live sidecars"
    }));
}

#[tokio::test]
async fn a_backlog_that_is_old_is_not_known_any_more() {
    let world = World::at(Phase::DualWrite).await;
    let mut bot = world.bot("a").await;
    world.backfill(&mut bot).await;
    for _ in 0..8 {
        world.later(4).await;
        bot.beat().await;
    }
    let verdict = refused(&world, Phase::NewPrimary).await;
    assert_eq!(failed(&verdict)[0].1, "unknown");
}

#[tokio::test]
async fn force_needs_a_reason_and_is_in_the_history() {
    let world = World::at(Phase::DualWrite).await;
    let _bot = world.bot("a").await;
    let mut request = going(Phase::NewPrimary);
    request.force = true;
    request.author.reason = "  ".into();
    let refused = world.plane.transition(request.clone()).await;
    assert!(
        matches!(refused, Err(TransitionError::ReasonRequired(_))),
        "{refused:?}"
    );
    request.author.reason = "the copy was made by hand".into();
    let answer = world.plane.transition(request).await.unwrap();
    let transition = answer.transition.unwrap();
    assert!(transition.forced && transition.reason == "the copy was made by hand");
    assert!(!answer.verdict.permitted());
    assert_eq!(world.history().await, ["applied", "transition_started"]);
}

#[tokio::test]
async fn a_refusal_by_a_sidecar_names_instance_and_reason() {
    let world = World::at(Phase::LegacyOnly).await;
    let bot = world.bot("a").await;
    bot.nack("new.cart has no column `note`").await;
    let verdict = refused(&world, Phase::DualWrite).await;
    let (guard, measured, _) = failed(&verdict)[0];
    assert_eq!(guard, Guard::MappingAccepted);
    assert!(
        measured.contains("a: new.cart has no column `note`"),
        "{measured}"
    );
}

#[tokio::test]
async fn an_illegal_step_names_what_would_be_allowed() {
    let world = World::at(Phase::LegacyOnly).await;
    let _bot = world.bot("a").await;
    for to in [Phase::NewPrimary, Phase::NewOnly, Phase::LegacyOnly] {
        let error = world.go(to).await.unwrap_err();
        let TransitionError::Illegal(illegal) = &error else {
            panic!("{error:?}")
        };
        assert_eq!(illegal.allowed, [Phase::DualWrite]);
        let text = error.to_string();
        assert!(
            text.contains("legacy_only") && text.contains("dual_write"),
            "{text}"
        );
    }
}

#[tokio::test]
async fn the_health_of_a_migration_is_the_furthest_that_was_reported() {
    let world = World::at(Phase::DualWrite).await;
    let (one, other) = (world.bot("a").await, world.bot("b").await);
    one.report(2, 4, Vec::new()).await;
    world.later(1).await;
    other.report(2, 6, Vec::new()).await;
    let health = world.plane.get("cart").await.unwrap().health;
    assert_eq!((health.live, health.acked, health.nacked), (2, 2, 0));
    assert_eq!(
        health.markers, 6,
        "the newest, not the sum: all read one table"
    );
    let FenceReport { epoch, .. } = health.legacy_fence.unwrap();
    assert_eq!(epoch, 1);
}
