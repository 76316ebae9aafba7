//! `dualwrite status NAME`

use clap::Args;

use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::remote::{Service, migration};
use crate::render;
use crate::view::migration::MigrationView;
use crate::view::watch::WatchView;
use crate::waiting::Follow;

/// Show one migration and what its fleet reports.
#[derive(Debug, Args)]
pub(crate) struct Status {
    /// The migration.
    name: String,
    /// Show it again after each change, until interrupted.
    #[arg(short, long)]
    watch: bool,
}

impl Status {
    pub(super) async fn run(self, context: &Context) -> Result<Exit, Failure> {
        let mut service = context.remote.connect().await?;
        if self.watch {
            return self.watch(context, service).await;
        }
        let view = MigrationView::from(migration(&mut service, &self.name).await?);
        context.output.data(&view, render::status);
        Ok(Exit::Done)
    }

    /// Redraws on a terminal; elsewhere one line for each change.
    async fn watch(&self, context: &Context, service: Service) -> Result<Exit, Failure> {
        let mut follow = Follow::open(context, service, &self.name).await?;
        let mut last = String::new();
        loop {
            let view = WatchView::try_from(follow.next().await?)?;
            if context.output.is_live() {
                context.output.redraw(|paint| render::live(&view, paint));
                continue;
            }
            let line = render::summary(&view);
            if line != last {
                context.output.entry(&view, |_, _| line.clone());
                last = line;
            }
        }
    }
}
