//! `dualwrite test NAME`

use std::time::Duration;

use clap::Args;
use dualwrite_core::diagnosis::{ShownReport, TestReport};
use dualwrite_proto::v1;

use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::remote::{given, patient};
use crate::render;

/// How long a run may take: a probe for each entity and mode, one after the
/// other, each within a few seconds.
const PATIENCE: Duration = Duration::from_mins(1);

/// Let a live sidecar write, read back on both sides and remove a probe row of
/// each entity in each mode that the phase allows. Tables of the application
/// are not touched.
#[derive(Debug, Args)]
#[command(after_help = "Exit codes: 0 all passed; 1 some did not, or nothing could be tested.")]
pub(crate) struct Test {
    /// The migration.
    name: String,
}

impl Test {
    pub(super) async fn run(self, context: &Context) -> Result<Exit, Failure> {
        let mut service = context.remote.connect().await?;
        let message = v1::RunTestRequest { name: self.name };
        let answer = service.run_test(patient(message, PATIENCE)).await?;
        let report = TestReport::from(given(answer.into_inner().report)?);
        let shown = ShownReport::from(&report);
        context.output.data(&shown, render::test_report);
        let passed = shown.summary.failed_tests == 0 && shown.summary.total_tests > 0;
        Ok(if passed { Exit::Done } else { Exit::Failed })
    }
}
