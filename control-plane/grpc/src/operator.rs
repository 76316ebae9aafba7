//! `dualwrite.v1.MigrationService`: what operators use. One family of calls a
//! file; each call is read, one use case, told.

mod abort;
mod apply;
mod delete;
mod diagnose;
mod events;
mod flags;
mod get;
mod jobs;
mod list;
mod metrics;
mod restore;
mod retire;
mod run_test;
mod sidecars;
mod transition;
mod validate_key;
mod watch;

use std::time::Duration;

use dualwrite_control_app::ControlPlane;
use dualwrite_control_app::model::Author;
use dualwrite_process::Caller;
use dualwrite_process::limits::MAX_MESSAGE_BYTES;
use dualwrite_proto::v1;
use dualwrite_proto::v1::migration_service_server::{MigrationService, MigrationServiceServer};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tonic::{Extensions, Request, Response, Status};

use crate::deadline::patience;
use crate::refusal::Refused;

/// The answer of a call.
type Answer<T> = Result<T, Refused>;

/// What operators use.
#[derive(Debug, Clone)]
pub struct MigrationApi {
    plane: ControlPlane,
    drain: CancellationToken,
}

impl MigrationApi {
    /// The service. When `drain` is cancelled, watches end.
    #[must_use]
    pub const fn new(plane: ControlPlane, drain: CancellationToken) -> Self {
        Self { plane, drain }
    }

    /// The service, to be mounted.
    #[must_use]
    pub fn into_server(self) -> MigrationServiceServer<Self> {
        MigrationServiceServer::new(self).max_decoding_message_size(MAX_MESSAGE_BYTES)
    }
}

/// What a call waits for its effect with.
#[derive(Debug, Clone, Copy)]
struct Waiting<'a> {
    until: Instant,
    drain: &'a CancellationToken,
}

impl Waiting<'_> {
    /// How long may still be waited: what the call did before counts.
    fn patience(&self) -> Duration {
        self.until.saturating_duration_since(Instant::now())
    }

    /// Waits, unless the process drains: then the answer is how it stood, for
    /// what was begun goes on without its caller.
    async fn unless_draining(&self, waited_for: impl Future<Output = Answer<()>>) -> Answer<()> {
        self.drain
            .run_until_cancelled(waited_for)
            .await
            .unwrap_or(Ok(()))
    }
}

/// Who changes something, and why.
fn author(extensions: &Extensions, reason: &str) -> Author {
    let name = extensions.get::<Caller>().map_or("anonymous", Caller::name);
    Author::new(name, reason)
}

/// A call that reads, or one whose author does not matter.
macro_rules! ask {
    ($self:ident, $call:path, $request:ident) => {
        Ok(Response::new(
            $call(&$self.plane, $request.into_inner()).await?,
        ))
    };
}

/// A call that changes something: its author goes into the history.
macro_rules! change {
    ($self:ident, $call:path, $request:ident) => {{
        let author = author($request.extensions(), &$request.get_ref().reason);
        Ok(Response::new(
            $call(&$self.plane, author, $request.into_inner()).await?,
        ))
    }};
}

/// A change that can wait for its effect, as long as its caller does.
macro_rules! change_and_wait {
    ($self:ident, $call:path, $request:ident) => {{
        let author = author($request.extensions(), &$request.get_ref().reason);
        let waiting = Waiting {
            until: Instant::now() + patience(&$request),
            drain: &$self.drain,
        };
        Ok(Response::new(
            $call(&$self.plane, author, waiting, $request.into_inner()).await?,
        ))
    }};
}

#[tonic::async_trait]
impl MigrationService for MigrationApi {
    type WatchMigrationStream = watch::Views;

    async fn apply_migration(
        &self,
        request: Request<v1::ApplyMigrationRequest>,
    ) -> Result<Response<v1::ApplyMigrationResponse>, Status> {
        change!(self, apply::apply, request)
    }

    async fn get_migration(
        &self,
        request: Request<v1::GetMigrationRequest>,
    ) -> Result<Response<v1::GetMigrationResponse>, Status> {
        ask!(self, get::get, request)
    }

    async fn list_migrations(
        &self,
        request: Request<v1::ListMigrationsRequest>,
    ) -> Result<Response<v1::ListMigrationsResponse>, Status> {
        ask!(self, list::list, request)
    }

    async fn watch_migration(
        &self,
        request: Request<v1::WatchMigrationRequest>,
    ) -> Result<Response<watch::Views>, Status> {
        let views = watch::watch(&self.plane, self.drain.clone(), request.into_inner()).await?;
        Ok(Response::new(views))
    }

    async fn delete_migration(
        &self,
        request: Request<v1::DeleteMigrationRequest>,
    ) -> Result<Response<v1::DeleteMigrationResponse>, Status> {
        change!(self, delete::delete, request)
    }

    async fn transition_migration(
        &self,
        request: Request<v1::TransitionMigrationRequest>,
    ) -> Result<Response<v1::TransitionMigrationResponse>, Status> {
        change_and_wait!(self, transition::transition, request)
    }

    async fn abort_transition(
        &self,
        request: Request<v1::AbortTransitionRequest>,
    ) -> Result<Response<v1::AbortTransitionResponse>, Status> {
        change!(self, abort::abort, request)
    }

    async fn update_flags(
        &self,
        request: Request<v1::UpdateFlagsRequest>,
    ) -> Result<Response<v1::UpdateFlagsResponse>, Status> {
        change_and_wait!(self, flags::update, request)
    }

    async fn list_events(
        &self,
        request: Request<v1::ListEventsRequest>,
    ) -> Result<Response<v1::ListEventsResponse>, Status> {
        ask!(self, events::list, request)
    }

    async fn restore_revision(
        &self,
        request: Request<v1::RestoreRevisionRequest>,
    ) -> Result<Response<v1::RestoreRevisionResponse>, Status> {
        change!(self, restore::restore, request)
    }

    async fn list_sidecars(
        &self,
        request: Request<v1::ListSidecarsRequest>,
    ) -> Result<Response<v1::ListSidecarsResponse>, Status> {
        ask!(self, sidecars::list, request)
    }

    async fn start_job(
        &self,
        request: Request<v1::StartJobRequest>,
    ) -> Result<Response<v1::StartJobResponse>, Status> {
        change!(self, jobs::start, request)
    }

    async fn get_job(
        &self,
        request: Request<v1::GetJobRequest>,
    ) -> Result<Response<v1::GetJobResponse>, Status> {
        ask!(self, jobs::get, request)
    }

    async fn list_jobs(
        &self,
        request: Request<v1::ListJobsRequest>,
    ) -> Result<Response<v1::ListJobsResponse>, Status> {
        ask!(self, jobs::list, request)
    }

    async fn pause_job(
        &self,
        request: Request<v1::PauseJobRequest>,
    ) -> Result<Response<v1::PauseJobResponse>, Status> {
        let author = author(request.extensions(), "");
        Ok(Response::new(
            jobs::pause(&self.plane, author, request.into_inner()).await?,
        ))
    }

    async fn resume_job(
        &self,
        request: Request<v1::ResumeJobRequest>,
    ) -> Result<Response<v1::ResumeJobResponse>, Status> {
        let author = author(request.extensions(), "");
        Ok(Response::new(
            jobs::resume(&self.plane, author, request.into_inner()).await?,
        ))
    }

    async fn cancel_job(
        &self,
        request: Request<v1::CancelJobRequest>,
    ) -> Result<Response<v1::CancelJobResponse>, Status> {
        let author = author(request.extensions(), "");
        Ok(Response::new(
            jobs::cancel(&self.plane, author, request.into_inner()).await?,
        ))
    }

    async fn validate_key(
        &self,
        request: Request<v1::ValidateKeyRequest>,
    ) -> Result<Response<v1::ValidateKeyResponse>, Status> {
        ask!(self, validate_key::validate, request)
    }

    async fn query_metrics(
        &self,
        request: Request<v1::QueryMetricsRequest>,
    ) -> Result<Response<v1::QueryMetricsResponse>, Status> {
        ask!(self, metrics::query, request)
    }

    async fn run_test(
        &self,
        request: Request<v1::RunTestRequest>,
    ) -> Result<Response<v1::RunTestResponse>, Status> {
        ask!(self, run_test::run, request)
    }

    async fn diagnose_migration(
        &self,
        request: Request<v1::DiagnoseMigrationRequest>,
    ) -> Result<Response<v1::DiagnoseMigrationResponse>, Status> {
        diagnose::diagnose(&self.plane, request.into_inner()).await
    }

    async fn retire_migration(
        &self,
        request: Request<v1::RetireMigrationRequest>,
    ) -> Result<Response<v1::RetireMigrationResponse>, Status> {
        change_and_wait!(self, retire::retire, request)
    }
}
