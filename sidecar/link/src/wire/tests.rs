use std::sync::Arc;

use dualwrite_core::fence::Fence;
use dualwrite_core::phase::Phase;
use dualwrite_core::side::Role;
use dualwrite_core::tally::{Delta, FailureKind};

use super::*;

#[test]
fn every_verdict_of_a_key_has_its_own_number() {
    use v1::key_check::Verdict;
    let fields = vec![Arc::from("price")];
    let table = [
        (KeyVerdict::Equal, Verdict::Equal, 0),
        (KeyVerdict::Pending, Verdict::Pending, 0),
        (
            KeyVerdict::MissingOnSecondary,
            Verdict::MissingOnSecondary,
            0,
        ),
        (KeyVerdict::ExtraOnSecondary, Verdict::ExtraOnSecondary, 0),
        (KeyVerdict::Different { fields }, Verdict::Different, 1),
        (KeyVerdict::AbsentOnBoth, Verdict::AbsentOnBoth, 0),
        (KeyVerdict::NoSecondary, Verdict::NoSecondary, 0),
    ];
    for (verdict, expected, columns) in table {
        let wire = key_check(KeyCheck {
            entity: "cart".into(),
            verdict,
        });
        assert_eq!((wire.verdict(), wire.columns.len()), (expected, columns));
        assert_eq!(wire.entity, "cart");
    }
}

#[test]
fn every_outcome_of_a_plan_has_its_own_number_and_the_pause_is_told() {
    use v1::plan_progress::Outcome;
    let table = [
        (PlanOutcome::Running, Outcome::Running),
        (PlanOutcome::Done, Outcome::Done),
        (PlanOutcome::Aborted, Outcome::Aborted),
        (PlanOutcome::Failed, Outcome::Failed),
    ];
    let fence = Seen::Fence(Fence {
        epoch: 4,
        role: Role::Frozen,
        phase: Phase::NewPrimary,
        plan_id: "p".to_owned(),
        settings: "{}".to_owned(),
    });
    let fences = (fence, Seen::Unreachable);
    for (outcome, expected) in table {
        let event = PlanEvent {
            plan_id: "p".to_owned(),
            step: "freeze",
            detail: "legacy".to_owned(),
            outcome,
            pause: Some(Duration::from_millis(42)),
        };
        let wire = plan_progress(event, &fences);
        assert_eq!(wire.outcome(), expected);
        assert_eq!(wire.detail, "legacy (writes paused 42 ms)");
        assert_eq!(wire.legacy_fence.unwrap().role(), v1::Role::Frozen);
        assert_eq!(wire.new_fence, None);
    }
}

#[test]
fn a_leased_shard_is_the_one_that_was_planned() {
    let range = ShardRange {
        entity: "cart".to_owned(),
        after: vec![1],
        until: vec![2],
        rows: 9,
    };
    let mut planned = shard("j", 3, range.clone());
    planned.cursor = vec![7];
    planned.epoch = 5;
    planned.max_rows_per_second = 100;
    let expected = ShardTask {
        job_id: "j".to_owned(),
        shard: 3,
        range,
        cursor: vec![7],
        epoch: 5,
        max_rows_per_second: 100,
    };
    assert_eq!(task(planned), expected);
}

#[test]
fn every_state_of_a_shard_is_told_apart() {
    let table = [
        (ShardState::Running, false, ""),
        (ShardState::Done, true, ""),
        (ShardState::Failed("away".to_owned()), false, "away"),
    ];
    for (state, done, error) in table {
        let wire = shard_progress(ShardEvent {
            job_id: "j".to_owned(),
            shard: 1,
            cursor: vec![7],
            rows: 10,
            quarantined: 2,
            epoch: 5,
            state,
        });
        assert_eq!((wire.done, wire.error.as_str()), (done, error));
        assert_eq!((wire.rows, wire.quarantined, wire.epoch), (10, 2, 5));
    }
}

#[test]
fn counts_keep_their_entity_and_side() {
    let mut counted = Delta::default();
    counted.record(Ok(()), Duration::from_millis(1));
    counted.record(Err(FailureKind::Timeout), Duration::from_millis(9));
    let wire = delta(EntityDelta {
        entity: "cart".into(),
        side: Side::New,
        delta: counted,
    });
    assert_eq!((wire.entity.as_str(), wire.side()), ("cart", v1::Side::New));
    assert_eq!((wire.attempts, wire.successes), (2, 1));
    assert_eq!(wire.failures["timeout"], 1);
}
