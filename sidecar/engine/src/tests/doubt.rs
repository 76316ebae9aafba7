//! Commits whose outcome is unknown, and requests that are repeated.

use std::time::Duration;

use dualwrite_core::phase::Phase;
use dualwrite_core::side::Side;
use dualwrite_core::value::Value;

use super::world::*;
use crate::error::{DataError, Invalid};
use crate::fake::{Call, Fault};
use crate::request::{Outcome, PlanOutcome, SettledOutcome, WriteRequest};

#[tokio::test(start_paused = true)]
async fn a_keyed_write_whose_reply_is_lost_takes_effect_once() {
    for fault in [Fault::After, Fault::Before, Fault::Unavailable] {
        let world = World::at(Phase::DualWrite).await;
        world.write(vec![upsert(1, "open")]).await.unwrap();
        world.legacy.fail_next(Call::Write, fault);
        let reply = world
            .engine
            .write(keyed("r1", vec![visit(1)]), soon())
            .await
            .unwrap();
        assert_eq!(reply.replayed, fault == Fault::After, "{fault:?}");
        world.converged().await;
        assert_eq!(world.carts(Side::New)[0][3], Value::Int(1), "{fault:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_same_in_the_modes_that_commit_on_both_sides() {
    for strict in [true, false] {
        for fault in [Fault::After, Fault::Before] {
            let world = World::at(Phase::DualWrite).await;
            world.flags(|flags| (flags.async_new, flags.fail_on_new_error) = (false, strict));
            world.write(vec![upsert(1, "open")]).await.unwrap();
            world.legacy.fail_next(Call::CommitWrite, fault);
            world
                .engine
                .write(keyed("r1", vec![visit(1)]), soon())
                .await
                .unwrap();
            world.converged().await;
            assert_eq!(
                world.carts(Side::New)[0][3],
                Value::Int(1),
                "{fault:?} strict: {strict}"
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_write_without_a_key_is_recognised_by_its_token_and_never_guessed() {
    let world = World::at(Phase::DualWrite).await;
    world.new.set_unreachable(true); // so that no relay removes the token
    world.legacy.fail_next(Call::Write, Fault::After);
    let reply = world.write(vec![upsert(1, "open")]).await.unwrap();
    assert_eq!(reply.legacy, Outcome::Committed);
    world.legacy.fail_next(Call::Write, Fault::Before);
    let error = world.write(vec![upsert(2, "open")]).await.unwrap_err();
    assert!(matches!(error, DataError::OutcomeUnknown { .. }), "{error}");
    assert!(error.is_retryable());
}

#[tokio::test(start_paused = true)]
async fn a_repeated_request_answers_the_first_outcome_also_elsewhere_and_after_a_flip() {
    let world = World::at(Phase::DualWrite).await;
    let other = world.another_sidecar().await;
    world.write(vec![upsert(1, "open")]).await.unwrap();
    let first = world
        .engine
        .write(keyed("r1", vec![visit(1)]), soon())
        .await
        .unwrap();
    for to in [
        None,
        Some(Phase::NewPrimary),
        Some(Phase::NewOnly),
        Some(Phase::NewPrimary),
        Some(Phase::DualWrite),
    ] {
        if let Some(to) = to {
            assert_eq!(world.step(to).await.0, PlanOutcome::Done, "{to}");
        }
        let again = WriteRequest {
            attempt: 2,
            ..keyed("r1", vec![visit(1)])
        };
        let reply = other.write(again, soon()).await.unwrap();
        assert!(reply.replayed, "{to:?}");
        assert_eq!(reply.results, first.results, "{to:?}");
    }
    world.converged().await;
    assert_eq!(world.carts(Side::Legacy)[0][3], Value::Int(1));
}

#[tokio::test(start_paused = true)]
async fn a_first_attempt_that_was_delayed_past_a_flip_is_not_executed_again() {
    let world = World::at(Phase::DualWrite).await;
    world.write(vec![upsert(1, "open")]).await.unwrap();
    world
        .engine
        .write(keyed("r1", vec![visit(1)]), soon())
        .await
        .unwrap();
    world.converged().await;
    assert_eq!(world.step(Phase::NewPrimary).await.0, PlanOutcome::Done);
    // The same attempt number: its sender does not know that it was a repetition.
    let reply = world
        .engine
        .write(keyed("r1", vec![visit(1)]), soon())
        .await
        .unwrap();
    assert!(reply.replayed);
    assert_eq!(world.carts(Side::New)[0][3], Value::Int(1));
}

#[tokio::test(start_paused = true)]
async fn a_repeated_insert_answers_its_receipt_and_not_that_the_row_exists() {
    let world = World::at(Phase::DualWrite).await;
    world.legacy.fail_next(Call::Write, Fault::After);
    let reply = world
        .engine
        .write(keyed("r1", vec![insert(1, "open")]), soon())
        .await
        .unwrap();
    assert!(reply.replayed);
    assert!(reply.results[0].row.is_some());
}

#[tokio::test(start_paused = true)]
async fn another_body_under_the_same_key_is_refused() {
    let world = World::at(Phase::DualWrite).await;
    world
        .engine
        .write(keyed("r1", vec![upsert(1, "open")]), soon())
        .await
        .unwrap();
    let error = world
        .engine
        .write(keyed("r1", vec![upsert(2, "open")]), soon())
        .await
        .unwrap_err();
    let expected = Invalid::IdempotencyMismatch {
        request_id: "r1".into(),
    };
    assert_eq!(error, DataError::Invalid(expected));
    assert_eq!(world.carts(Side::Legacy).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_question_settles_a_request_for_good() {
    let world = World::at(Phase::DualWrite).await;
    world
        .engine
        .write(keyed("done", vec![upsert(1, "open")]), soon())
        .await
        .unwrap();
    assert_eq!(
        world.engine.outcome("done", soon()).await,
        Ok(SettledOutcome::Committed)
    );
    assert_eq!(
        world.engine.outcome("never", soon()).await,
        Ok(SettledOutcome::Aborted)
    );
    assert_eq!(world.step(Phase::NewPrimary).await.0, PlanOutcome::Done);
    assert_eq!(
        world.engine.outcome("done", soon()).await,
        Ok(SettledOutcome::Committed)
    );
    let late = world
        .engine
        .write(keyed("never", vec![upsert(2, "open")]), soon())
        .await;
    assert_eq!(late, Err(DataError::RequestAborted));
    assert_eq!(world.carts(Side::New).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_receipt_that_cannot_be_looked_up_leaves_the_outcome_unknown() {
    let world = World::at(Phase::DualWrite).await;
    world
        .engine
        .write(keyed("r1", vec![upsert(1, "open")]), soon())
        .await
        .unwrap();
    world.converged().await;
    assert_eq!(world.step(Phase::NewPrimary).await.0, PlanOutcome::Done);
    world.legacy.set_unreachable(true);
    let error = world
        .engine
        .write(keyed("r1", vec![upsert(1, "open")]), soon())
        .await
        .unwrap_err();
    assert_eq!(
        error,
        DataError::OutcomeUnknown {
            side: Side::Legacy,
            request_id: "r1".into()
        }
    );
}

#[tokio::test(start_paused = true)]
async fn receipts_go_after_their_lifetime() {
    let world = World::at(Phase::DualWrite).await;
    world
        .engine
        .write(keyed("r1", vec![upsert(1, "open")]), soon())
        .await
        .unwrap();
    tokio::time::sleep(crate::RECEIPT_LIFETIME + Duration::from_mins(2)).await;
    let reply = world
        .engine
        .write(keyed("r1", vec![upsert(1, "open")]), soon())
        .await
        .unwrap();
    assert!(!reply.replayed);
}

#[tokio::test(start_paused = true)]
async fn after_their_lifetime_receipts_elsewhere_are_not_asked_for() {
    let world = World::at(Phase::DualWrite).await;
    world
        .engine
        .write(keyed("old", vec![upsert(1, "open")]), soon())
        .await
        .unwrap();
    world.converged().await;
    assert_eq!(world.step(Phase::NewPrimary).await.0, PlanOutcome::Done);
    world
        .engine
        .write(keyed("r0", vec![upsert(1, "open")]), soon())
        .await
        .unwrap();
    tokio::time::sleep(crate::RECEIPT_LIFETIME).await;
    world.legacy.set_unreachable(true);
    let reply = world
        .engine
        .write(keyed("r1", vec![visit(1)]), soon())
        .await
        .unwrap();
    assert_eq!(reply.new, Outcome::Committed);
}

#[tokio::test(start_paused = true)]
async fn an_error_after_a_doubtful_attempt_never_says_that_nothing_happened() {
    // The first attempt took effect and its reply is lost; then every way to
    // learn of it is closed.
    let world = World::at(Phase::DualWrite).await;
    world.write(vec![upsert(1, "open")]).await.unwrap();
    world.legacy.fail_next(Call::Write, Fault::After);
    world.legacy.fail_next(Call::Write, Fault::Unavailable);
    world.legacy.fail_next(Call::Write, Fault::Unavailable);
    world.legacy.fail_next(Call::Write, Fault::Unavailable);
    let answer = world
        .engine
        .write(keyed("r1", vec![visit(1)]), soon())
        .await;
    let unknown = DataError::OutcomeUnknown {
        side: Side::Legacy,
        request_id: "r1".into(),
    };
    assert_eq!(answer, Err(unknown));
    let again = world
        .engine
        .write(keyed("r1", vec![visit(1)]), soon())
        .await;
    assert!(again.unwrap().replayed);
}

#[tokio::test(start_paused = true)]
async fn a_refusal_after_a_doubtful_attempt_is_settled_first() {
    let world = World::at(Phase::DualWrite).await;
    let other = world.another_sidecar().await;
    // The first attempt is lost on its way, as far as anybody knows, and before
    // the second one somebody else is quicker.
    world.legacy.fail_next(Call::Write, Fault::Before);
    let doubtful = world
        .engine
        .write(keyed("r1", vec![insert(1, "open")]), soon());
    let quicker = async {
        tokio::time::sleep(Duration::from_millis(1)).await;
        write(&other, vec![upsert(1, "ordered")]).await.unwrap();
    };
    let (answer, ()) = both(doubtful, quicker).await;
    let error = answer.unwrap_err();
    assert!(matches!(error, DataError::RowExists { .. }), "{error}");
    // Should it arrive after all, it finds itself settled.
    world.write(vec![delete(1)]).await.unwrap();
    let late = world
        .engine
        .write(keyed("r1", vec![insert(1, "open")]), soon())
        .await;
    assert_eq!(late, Err(DataError::RequestAborted));
}

#[tokio::test(start_paused = true)]
async fn a_write_that_is_recognised_claims_no_match_that_nothing_proves() {
    let world = World::at(Phase::DualWrite).await;
    world.write(vec![upsert(1, "ordered")]).await.unwrap();
    world.converged().await;
    world.new.set_unreachable(true); // so that no relay removes the token
    world.legacy.fail_next(Call::Write, Fault::After);
    let error = world.write(vec![order_if_open(1)]).await.unwrap_err();
    assert!(matches!(error, DataError::OutcomeUnknown { .. }), "{error}");
    world.legacy.fail_next(Call::Write, Fault::After);
    let reply = world.write(vec![visit(2)]).await.unwrap();
    assert!(!reply.results[0].matched, "there is no such row");
    world.legacy.fail_next(Call::Write, Fault::After);
    let reply = world.write(vec![visit(1)]).await.unwrap();
    assert!(reply.results[0].matched && reply.results[0].row.is_some());
}

#[tokio::test(start_paused = true)]
async fn a_replayed_write_is_seen_by_the_session_that_was_told_of_it() {
    let world = World::at(Phase::DualWrite).await;
    let other = world.another_sidecar().await;
    world.flags(|flags| flags.read_new_percent = 100);
    world.new.set_unreachable(true);
    let write = || keyed("r1", vec![upsert(1, "open")]);
    other.write(write(), soon()).await.unwrap();
    world.new.set_unreachable(false);
    world.new.fail_next(Call::BeginApply, Fault::Busy);
    let reply = world.engine.write(write(), soon()).await.unwrap();
    assert!(reply.replayed);
    let request = crate::request::ReadRequest {
        entity: "cart".into(),
        key: fields(&[("id", Value::Int(1))]),
        consistency: crate::request::Consistency::Session,
    };
    let read = world.engine.read(request, soon()).await.unwrap();
    assert!(read.row.is_some(), "{read:?}");
}
