//! `dualwrite backfill start NAME`

use clap::Args;
use dualwrite_proto::v1;

use super::follow::follow;
use crate::args::Reason;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::remote::{given, quick};
use crate::render;
use crate::view::job::JobView;

/// Start a backfill.
#[derive(Debug, Args)]
pub(crate) struct Start {
    /// The migration.
    name: String,
    /// Only this entity; may be given several times.
    #[arg(long, value_name = "ENTITY")]
    entity: Vec<String>,
    /// Rows per second at most; 0 for no limit.
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    max_rows_per_second: u32,
    /// Show how far it is, until it ends.
    #[arg(short, long)]
    watch: bool,
    #[command(flatten)]
    reason: Reason,
}

impl Start {
    pub(super) async fn run(self, context: &Context) -> Result<Exit, Failure> {
        let mut service = context.remote.connect().await?;
        let request = quick(v1::StartJobRequest {
            name: self.name,
            kind: v1::JobKind::Backfill.into(),
            entities: self.entity,
            max_rows_per_second: self.max_rows_per_second,
            reason: self.reason.reason,
        });
        let job = given(service.start_job(request).await?.into_inner().job)?;
        if self.watch {
            return follow(context, service, job).await;
        }
        context.output.data(&JobView::from(job), render::job);
        Ok(Exit::Done)
    }
}
