//! One look at a migration and what its fleet does.

use dualwrite_proto::v1;
use serde::Serialize;

use super::job::JobView;
use super::migration::MigrationView;
use super::operation::OperationView;
use crate::failure::Failure;
use crate::remote::given;

/// One look at a migration and what its fleet does.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct WatchView {
    pub(crate) migration: MigrationView,
    pub(crate) operations: Vec<OperationView>,
    pub(crate) jobs: Vec<JobView>,
}

impl TryFrom<v1::WatchMigrationResponse> for WatchView {
    type Error = Failure;

    fn try_from(look: v1::WatchMigrationResponse) -> Result<Self, Failure> {
        Ok(Self {
            migration: MigrationView::from(given(look.migration)?),
            operations: look
                .operations
                .into_iter()
                .map(OperationView::from)
                .collect(),
            jobs: look.jobs.into_iter().map(JobView::from).collect(),
        })
    }
}
