//! What is said of a migration's health when somebody asks: findings of a
//! diagnosis, the report of a test run, the proof of a removal. Plain data,
//! the same for the sidecar that finds and the control plane that passes on.

mod finding;
mod removal;
mod report;
mod shown;

pub use finding::{Finding, Severity};
pub use removal::{Removal, schema_fingerprint};
pub use report::{TestReport, TestResult, TestSummary};
pub use shown::{ShownDetails, ShownReport, ShownResult, ShownSummary};
