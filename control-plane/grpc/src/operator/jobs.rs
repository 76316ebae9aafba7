//! StartJob, GetJob, ListJobs, PauseJob, ResumeJob, CancelJob.

use dualwrite_control_app::ControlPlane;
use dualwrite_control_app::model::{Author, JobKind};
use dualwrite_control_app::verbs::StartJob;
use dualwrite_proto::{WireError, v1};

use super::Answer;
use crate::wire;

pub(super) async fn start(
    plane: &ControlPlane,
    author: Author,
    request: v1::StartJobRequest,
) -> Answer<v1::StartJobResponse> {
    let v1::StartJobRequest {
        name,
        kind,
        entities,
        max_rows_per_second,
        reason: _,
    } = request;
    let kind = read_kind(kind)?;
    let start = StartJob {
        name,
        kind,
        entities,
        max_rows_per_second,
        author,
    };
    let job = plane.start_job(start).await?;
    Ok(v1::StartJobResponse {
        job: Some(wire::job(&job)),
    })
}

fn read_kind(kind: i32) -> Result<JobKind, WireError> {
    match v1::JobKind::try_from(kind) {
        Ok(v1::JobKind::Backfill) => Ok(JobKind::Backfill),
        Ok(v1::JobKind::Unspecified) | Err(_) => Err(WireError::at(
            "kind",
            "is not known here; expected JOB_KIND_BACKFILL",
        )),
    }
}

pub(super) async fn get(
    plane: &ControlPlane,
    request: v1::GetJobRequest,
) -> Answer<v1::GetJobResponse> {
    let job = plane.get_job(&request.id).await?;
    Ok(v1::GetJobResponse {
        job: Some(wire::job(&job)),
    })
}

pub(super) async fn list(
    plane: &ControlPlane,
    request: v1::ListJobsRequest,
) -> Answer<v1::ListJobsResponse> {
    let jobs = plane.list_jobs(&request.name).await?;
    Ok(v1::ListJobsResponse {
        jobs: jobs.iter().map(wire::job).collect(),
    })
}

pub(super) async fn pause(
    plane: &ControlPlane,
    author: Author,
    request: v1::PauseJobRequest,
) -> Answer<v1::PauseJobResponse> {
    let job = plane.pause_job(&request.id, author).await?;
    Ok(v1::PauseJobResponse {
        job: Some(wire::job(&job)),
    })
}

pub(super) async fn resume(
    plane: &ControlPlane,
    author: Author,
    request: v1::ResumeJobRequest,
) -> Answer<v1::ResumeJobResponse> {
    let job = plane.resume_job(&request.id, author).await?;
    Ok(v1::ResumeJobResponse {
        job: Some(wire::job(&job)),
    })
}

pub(super) async fn cancel(
    plane: &ControlPlane,
    author: Author,
    request: v1::CancelJobRequest,
) -> Answer<v1::CancelJobResponse> {
    let job = plane.cancel_job(&request.id, author).await?;
    Ok(v1::CancelJobResponse {
        job: Some(wire::job(&job)),
    })
}
