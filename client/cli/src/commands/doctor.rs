//! `dualwrite doctor`: the whole chain, in order.

mod chain;
mod local;

use clap::Args;

use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render;
use crate::view::finding::FindingView;

/// Look at the whole chain, each finding with what to do about it.
#[derive(Debug, Args)]
pub(crate) struct Doctor {
    /// The migration; without a name, the control plane and the worst of each
    /// migration.
    name: Option<String>,
    /// Ask this sidecar directly, as in http://127.0.0.1:7410; it needs no
    /// control plane.
    #[arg(long, value_name = "ADDR", conflicts_with = "name")]
    sidecar: Option<String>,
}

impl Doctor {
    pub(super) async fn run(self, context: &Context) -> Result<Exit, Failure> {
        let findings = match (&self.sidecar, &self.name) {
            (Some(address), _) => local::findings(address).await?,
            (None, name) => chain::findings(context, name.as_deref()).await?,
        };
        context.output.data(&findings, |findings, paint| {
            render::findings(findings, paint)
        });
        Ok(if findings.iter().any(FindingView::is_problem) {
            Exit::Failed
        } else {
            Exit::Done
        })
    }
}
