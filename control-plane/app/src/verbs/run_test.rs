//! RunTest: a live sidecar writes, reads back and removes probe rows, in tables
//! of ours.

use std::time::Duration;

use dualwrite_core::diagnosis::TestReport;

use crate::app::ControlPlane;
use crate::asking::AskError;
use crate::error::MigrationNotFound;
use crate::fleet;

/// How long one sidecar is waited for: it probes entity after entity, and
/// each probe waits for its row to arrive on the other side.
const PATIENCE: Duration = Duration::from_mins(1);

/// Nothing was tested.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RunTestError {
    /// There is no migration of this name.
    #[error(transparent)]
    NotFound(#[from] MigrationNotFound),
    /// No live sidecar ran it.
    #[error(transparent)]
    Asking(#[from] AskError),
}

impl ControlPlane {
    /// Lets a live sidecar probe each entity in each mode that the phase
    /// allows. When its session ends meanwhile, another one is asked.
    ///
    /// # Errors
    /// [`RunTestError`]. A probe that fails is no error: the report says so.
    pub async fn run_test(&self, name: &str) -> Result<TestReport, RunTestError> {
        let not_found = || MigrationNotFound {
            name: name.to_owned(),
        };
        let service = self.service(name).ok_or_else(not_found)?;
        service.published().ok_or_else(not_found)?;
        Ok(self.ask_any(&service, &fleet::RunTest, PATIENCE).await?)
    }
}
