//! `dualwrite backfill pause|resume|cancel NAME`

use clap::Args;
use dualwrite_proto::v1;

use super::follow::follow;
use crate::confirm::confirm;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::remote::{Service, given, quick};
use crate::render;
use crate::view::job::{JobView, is_ended};

/// Change the backfill of a migration.
#[derive(Debug, Args)]
pub(crate) struct Change {
    /// The migration.
    name: String,
    /// The job, where it is not the one that has not ended.
    #[arg(long, value_name = "ID")]
    job: Option<String>,
    /// Show how far it is, until it ends.
    #[arg(short, long)]
    watch: bool,
}

/// What to do with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verb {
    Pause,
    Resume,
    Cancel,
}

impl Change {
    pub(super) async fn run(self, context: &Context, verb: Verb) -> Result<Exit, Failure> {
        let mut service = context.remote.connect().await?;
        let id = match self.job {
            Some(id) => id,
            None => open_job(&mut service, &self.name).await?,
        };
        if verb == Verb::Cancel {
            let question = format!(
                "Cancel backfill {id} of {}? It cannot go on later.",
                self.name
            );
            confirm(context, &question)?;
        }
        let job = given(ask(&mut service, verb, id).await?)?;
        if self.watch {
            return follow(context, service, job).await;
        }
        context.output.data(&JobView::from(job), render::job);
        Ok(Exit::Done)
    }
}

async fn ask(service: &mut Service, verb: Verb, id: String) -> Result<Option<v1::Job>, Failure> {
    Ok(match verb {
        Verb::Pause => {
            service
                .pause_job(quick(v1::PauseJobRequest { id }))
                .await?
                .into_inner()
                .job
        }
        Verb::Resume => {
            service
                .resume_job(quick(v1::ResumeJobRequest { id }))
                .await?
                .into_inner()
                .job
        }
        Verb::Cancel => {
            service
                .cancel_job(quick(v1::CancelJobRequest { id }))
                .await?
                .into_inner()
                .job
        }
    })
}

/// The backfill that has not ended; there is at most one.
async fn open_job(service: &mut Service, name: &str) -> Result<String, Failure> {
    let request = quick(v1::ListJobsRequest {
        name: name.to_owned(),
    });
    let jobs = service.list_jobs(request).await?.into_inner().jobs;
    jobs.into_iter()
        .find(|job| !is_ended(job.state()))
        .map(|job| job.id)
        .ok_or_else(|| {
            Failure::failed(format!("no backfill of {name} is under way"))
                .hint(format!("`dualwrite backfill start {name}` starts one"))
        })
}
