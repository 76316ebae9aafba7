//! What operators may do: one verb a file, each with its error.
//!
//! A verb that changes something is one unit of work: it reads, decides,
//! writes the next revision and an event, and commits. `seen` is the revision
//! that the caller saw; when the migration has moved on since, nothing happens
//! and the answer is a [`crate::error::StaleRevision`].

mod abort;
mod apply;
mod cancel_job;
mod deciding;
mod delete;
mod diagnose;
mod get;
mod get_job;
mod list;
mod list_events;
mod list_jobs;
mod list_sidecars;
mod pause_job;
mod query_metrics;
mod restore_revision;
mod resume_job;
mod retire;
mod run_test;
mod snapshot;
mod standing;
mod start_job;
mod transition;
mod update_flags;
mod validate_key;
mod watch;

pub use abort::{Abort, AbortError};
pub use apply::{Applied, Apply, ApplyError};
pub use cancel_job::CancelJobError;
pub use delete::{Delete, DeleteError};
pub use diagnose::{DiagnoseError, Diagnosis};
pub use get::GetError;
pub use get_job::GetJobError;
pub use list::{ListError, MigrationPage};
pub use list_events::{EventPage, ListEventsError};
pub use list_jobs::ListJobsError;
pub use list_sidecars::ListSidecarsError;
pub use pause_job::PauseJobError;
pub use query_metrics::QueryMetricsError;
pub use restore_revision::{RestoreError, RestoreRevision};
pub use resume_job::ResumeJobError;
pub use retire::{Retire, RetireAnswer, RetireError};
pub use run_test::RunTestError;
pub use snapshot::SnapshotError;
pub use start_job::{StartJob, StartJobError};
pub use transition::{Go, TransitionAnswer, TransitionError};
pub use update_flags::{UpdateFlags, UpdateFlagsError};
pub use validate_key::{ValidateKey, ValidateKeyError};
pub use watch::{Watch, WatchView};
