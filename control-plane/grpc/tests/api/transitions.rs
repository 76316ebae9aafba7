//! Transitions from request to end, with a sidecar that says what it is told
//! to say.

use dualwrite_proto::status::{metadata_of, reason_of};
use dualwrite_proto::v1;
use dualwrite_proto::v1::ErrorReason;
use dualwrite_proto::v1::session_request::Kind as Say;
use dualwrite_proto::v1::session_response::Kind as Told;
use tonic::Code;

use crate::support::{Plane, Session, heartbeat, soon};
use crate::watching::Watcher;

fn to(phase: v1::Phase) -> v1::TransitionMigrationRequest {
    v1::TransitionMigrationRequest {
        name: "cart".into(),
        to: phase.into(),
        ..Default::default()
    }
}

/// A plane with a live sidecar that holds revision 1.
async fn followed() -> (Plane, Session) {
    let plane = Plane::with_cart().await;
    let session = plane.session("cart-1").await;
    session.say(Say::Ack(v1::Ack { revision: 1 })).await;
    let mut watcher = Watcher::of(&plane, "cart").await;
    watcher
        .until(|seen| seen.migration().health().acked_sidecars == 1)
        .await;
    (plane, session)
}

/// The plan that the sidecar is told to execute; settings on the way to it are
/// accepted.
async fn executed(session: &mut Session) -> v1::Plan {
    loop {
        let news = session.news().await;
        if let Told::Execute(execute) = news {
            return execute.plan.unwrap();
        }
        let Told::Update(update) = news else {
            panic!("neither settings nor a plan: {news:?}")
        };
        let revision = update.snapshot.unwrap().revision;
        session.say(Say::Ack(v1::Ack { revision })).await;
    }
}

fn done(plan: &v1::Plan) -> v1::PlanProgress {
    let fence = |role: v1::Role| v1::Fence {
        epoch: plan.to_epoch,
        role: role.into(),
        phase: plan.to_phase,
        plan_id: plan.plan_id.clone(),
    };
    v1::PlanProgress {
        plan_id: plan.plan_id.clone(),
        step: "advance".into(),
        legacy_fence: Some(fence(v1::Role::Primary)),
        new_fence: Some(fence(v1::Role::Secondary)),
        outcome: v1::plan_progress::Outcome::Done.into(),
        ..Default::default()
    }
}

#[tokio::test]
async fn a_step_goes_to_an_executor_and_waiting_tells_its_end() {
    let (plane, mut session) = followed().await;
    let mut operator = plane.operator().await;
    let request = v1::TransitionMigrationRequest {
        wait: true,
        ..to(v1::Phase::DualWrite)
    };
    let asked = tokio::spawn(async move { operator.transition_migration(request).await });
    let plan = executed(&mut session).await;
    assert_eq!(
        (plan.kind(), plan.to_phase()),
        (v1::PlanKind::Open, v1::Phase::DualWrite)
    );
    assert_eq!((plan.from_epoch, plan.to_epoch), (1, 2));
    session.say(Say::PlanProgress(done(&plan))).await;

    let settings = session.update().await;
    assert_eq!(
        (settings.phase(), settings.epoch),
        (v1::Phase::DualWrite, 2)
    );
    session.say(heartbeat(settings.revision)).await;
    let answer = soon(asked).await.unwrap().unwrap().into_inner();
    let transition = answer.transition.unwrap();
    assert_eq!(transition.state(), v1::TransitionState::Done);
    assert_eq!(transition.executor, "cart-1");
    let migration = answer.migration.unwrap();
    assert_eq!(
        (migration.phase(), migration.epoch),
        (v1::Phase::DualWrite, 2)
    );
    assert_eq!(migration.health.unwrap().acked_sidecars, 1);
    assert!(answer.verdict.unwrap().permitted);
}

#[tokio::test]
async fn a_dry_run_tells_the_verdict_and_the_steps_and_changes_nothing() {
    let (plane, _session) = followed().await;
    let mut operator = plane.operator().await;
    let request = v1::TransitionMigrationRequest {
        validate_only: true,
        ..to(v1::Phase::DualWrite)
    };
    let answer = soon(operator.transition_migration(request))
        .await
        .unwrap()
        .into_inner();
    let verdict = answer.verdict.unwrap();
    assert!(
        verdict.permitted && !verdict.guards.is_empty(),
        "{verdict:?}"
    );
    assert!(!verdict.steps.is_empty());
    assert_eq!(answer.transition, None);
    assert_eq!(answer.migration.unwrap().revision, 1);
}

#[tokio::test]
async fn what_cannot_be_done_is_told_with_what_can() {
    let plane = Plane::with_cart().await;
    let mut operator = plane.operator().await;
    let mut refused = async |request: v1::TransitionMigrationRequest| {
        soon(operator.transition_migration(request))
            .await
            .unwrap_err()
    };

    let status = refused(to(v1::Phase::NewOnly)).await;
    assert_eq!(status.code(), Code::FailedPrecondition);
    assert_eq!(reason_of(&status), Some(ErrorReason::IllegalTransition));
    assert_eq!(metadata_of(&status)["allowed"], "dual_write");

    assert_eq!(
        reason_of(&refused(to(v1::Phase::DualWrite)).await),
        Some(ErrorReason::NoExecutor)
    );

    let force = v1::TransitionMigrationRequest {
        force: true,
        ..to(v1::Phase::DualWrite)
    };
    assert_eq!(
        reason_of(&refused(force).await),
        Some(ErrorReason::ReasonRequired)
    );

    let status = refused(to(v1::Phase::Unspecified)).await;
    assert_eq!(status.code(), Code::InvalidArgument);
    assert!(
        status.message().contains("PHASE_DUAL_WRITE"),
        "{}",
        status.message()
    );

    let request = v1::AbortTransitionRequest {
        name: "cart".into(),
        ..Default::default()
    };
    let status = soon(plane.operator().await.abort_transition(request))
        .await
        .unwrap_err();
    assert_eq!(reason_of(&status), Some(ErrorReason::NoTransition));
}
