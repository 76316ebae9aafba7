//! Jobs: refusals of a phase without a secondary, and of what is not there.

use dualwrite_proto::status::reason_of;
use dualwrite_proto::v1;
use dualwrite_proto::v1::ErrorReason;

use crate::support::{Plane, soon};

fn backfill() -> v1::StartJobRequest {
    v1::StartJobRequest {
        name: "cart".into(),
        kind: v1::JobKind::Backfill.into(),
        ..Default::default()
    }
}

#[tokio::test]
async fn a_backfill_needs_a_secondary() {
    let plane = Plane::with_cart().await;
    let mut operator = plane.operator().await;
    let status = soon(operator.start_job(backfill())).await.unwrap_err();
    assert_eq!(reason_of(&status), Some(ErrorReason::JobState));
    assert!(
        status.message().contains("dual_write"),
        "{}",
        status.message()
    );

    let unspecified = v1::StartJobRequest {
        kind: 0,
        ..backfill()
    };
    let status = soon(operator.start_job(unspecified)).await.unwrap_err();
    assert!(
        status.message().contains("JOB_KIND_BACKFILL"),
        "{}",
        status.message()
    );
}

#[tokio::test]
async fn a_backfill_lives_through_its_states() {
    let plane = Plane::start().await;
    let mut operator = plane.operator().await;
    let request = v1::ApplyMigrationRequest {
        name: "cart".into(),
        spec: Some(crate::support::spec()),
        initial_phase: v1::Phase::DualWrite.into(),
        ..Default::default()
    };
    soon(operator.apply_migration(request)).await.unwrap();
    let job = soon(operator.start_job(backfill()))
        .await
        .unwrap()
        .into_inner()
        .job
        .unwrap();
    assert_eq!(
        (job.state(), job.entities.as_slice()),
        (v1::JobState::Planning, &["cart".into()][..])
    );

    let id = job.id;
    let request = v1::PauseJobRequest { id: id.clone() };
    let paused = soon(operator.pause_job(request))
        .await
        .unwrap()
        .into_inner()
        .job
        .unwrap();
    assert_eq!(paused.state(), v1::JobState::Paused);
    let request = v1::ResumeJobRequest { id: id.clone() };
    let resumed = soon(operator.resume_job(request))
        .await
        .unwrap()
        .into_inner()
        .job
        .unwrap();
    assert_eq!(resumed.state(), v1::JobState::Planning);
    let request = v1::CancelJobRequest { id: id.clone() };
    let cancelled = soon(operator.cancel_job(request))
        .await
        .unwrap()
        .into_inner()
        .job
        .unwrap();
    assert_eq!(cancelled.state(), v1::JobState::Cancelled);

    let status = soon(operator.resume_job(v1::ResumeJobRequest { id }))
        .await
        .unwrap_err();
    assert_eq!(reason_of(&status), Some(ErrorReason::JobState));
    let request = v1::ListJobsRequest {
        name: "cart".into(),
    };
    assert_eq!(
        soon(operator.list_jobs(request))
            .await
            .unwrap()
            .into_inner()
            .jobs
            .len(),
        1
    );
}

#[tokio::test]
async fn a_job_that_is_not_there_is_told_as_such() {
    let plane = Plane::with_cart().await;
    let mut operator = plane.operator().await;
    let request = v1::GetJobRequest { id: "none".into() };
    let status = soon(operator.get_job(request)).await.unwrap_err();
    assert_eq!(reason_of(&status), Some(ErrorReason::JobNotFound));
}
