//! `dualwrite phase get NAME`

use clap::Args;

use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::remote::migration;
use crate::render;
use crate::view::phase::PhaseView;

/// Show the phase, and where it can go.
#[derive(Debug, Args)]
pub(crate) struct Get {
    /// The migration.
    name: String,
}

impl Get {
    pub(super) async fn run(self, context: &Context) -> Result<Exit, Failure> {
        let mut service = context.remote.connect().await?;
        let view = PhaseView::from(migration(&mut service, &self.name).await?);
        context.output.data(&view, render::phase);
        Ok(Exit::Done)
    }
}
