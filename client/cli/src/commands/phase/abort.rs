//! `dualwrite phase abort NAME`

use clap::Args;
use dualwrite_proto::v1;

use crate::args::Reason;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::remote::{given, quick};
use crate::render;
use crate::view::transition::TransitionView;

/// Take a running transition back, as long as it has not handed over.
#[derive(Debug, Args)]
pub(crate) struct Abort {
    /// The migration.
    name: String,
    #[command(flatten)]
    reason: Reason,
}

impl Abort {
    pub(super) async fn run(self, context: &Context) -> Result<Exit, Failure> {
        let mut service = context.remote.connect().await?;
        let message = v1::AbortTransitionRequest {
            name: self.name,
            reason: self.reason.reason,
        };
        let answer = service.abort_transition(quick(message)).await?.into_inner();
        let view = TransitionView::from(given(answer.transition)?);
        context.output.data(&view, render::transition);
        Ok(Exit::Done)
    }
}
