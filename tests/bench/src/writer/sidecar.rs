//! The sidecar as a process of its own, called through the Rust SDK.

use anyhow::Result;
use dualwrite_client::{DualwriteClient, Outcome, fields};
use dualwrite_tests::Process;
use dualwrite_tests::process::Program;

use super::Answer;
use crate::bed::{Bed, ENTITY, SERVICE};
use crate::row::Row;

/// Any free port of the loopback interface.
const ANY: &str = "127.0.0.1:0";

/// The SDK's client.
#[derive(Debug, Clone)]
pub(crate) struct Called(DualwriteClient);

/// Starts a sidecar that takes its settings from beside the fence: there is no control plane.
pub(super) async fn start(bed: &Bed) -> Result<(Called, Process)> {
    let process = Program::named("dualwrite-sidecar")?
        .args(["run", "--service", SERVICE])
        .args(["--legacy-url", bed.legacy_url()])
        .args(["--new-url", bed.new_url()])
        .args(["--listen", ANY, "--http-listen", ANY])
        .serve()
        .await?;
    let endpoint = format!("http://{}", process.ready().grpc);
    let client = DualwriteClient::connect(&endpoint)?;
    Ok((Called(client), process))
}

impl Called {
    pub(super) async fn write(&self, row: Row) -> Result<Answer> {
        let Row { id, a, b, c } = row;
        let write = self.0.write();
        let reply = write
            .upsert(ENTITY, fields! { id: id, a: a, b: b, c: c })
            .send()
            .await?;
        Ok(match reply.new {
            Outcome::Committed | Outcome::Skipped => Answer::Everywhere,
            Outcome::Pending | Outcome::Failed => Answer::Pending,
        })
    }
}
