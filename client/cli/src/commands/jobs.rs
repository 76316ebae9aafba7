//! `dualwrite jobs NAME`

use clap::Args;
use dualwrite_proto::v1;

use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::remote::quick;
use crate::render;
use crate::view::job::JobView;

/// List the jobs of a migration.
#[derive(Debug, Args)]
pub(crate) struct Jobs {
    /// The migration.
    name: String,
}

impl Jobs {
    pub(super) async fn run(self, context: &Context) -> Result<Exit, Failure> {
        let mut service = context.remote.connect().await?;
        let request = quick(v1::ListJobsRequest { name: self.name });
        let answer = service.list_jobs(request).await?.into_inner();
        let views: Vec<JobView> = answer.jobs.into_iter().map(JobView::from).collect();
        context
            .output
            .data(&views, |views, paint| render::jobs(views, paint));
        Ok(Exit::Done)
    }
}
