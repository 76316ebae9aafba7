//! The nouns of the control plane, as they are stored and shown.

mod author;
mod event;
mod fence_report;
mod health;
mod job;
mod metrics;
mod migration;
mod page;
mod retirement;
mod shard;
mod sidecar;
mod time;
mod transition;
mod view;

pub use author::Author;
pub use event::{Event, EventKind};
pub use fence_report::FenceReport;
pub use health::Health;
pub use job::{Job, JobKind, JobState, JobStatus};
pub use metrics::{Backlog, Compared, Metrics, MetricsPoint, Operations};
pub use migration::{Migration, Revision};
pub use page::{DEFAULT_PAGE, MAX_PAGE, PageSize};
pub use retirement::Retirement;
pub use shard::{Lease, Shard, ShardState};
pub use sidecar::{Nack, Sidecar, SidecarRecord};
pub use time::Millis;
pub use transition::{StepRecord, Transition, TransitionState};
pub use view::MigrationView;
