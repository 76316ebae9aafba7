//! `dualwrite phase …`

mod abort;
mod get;
mod step;

use clap::Subcommand;
use dualwrite_core::phase::Phase as Target;

use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;

/// Show or change the phase.
#[derive(Debug, Subcommand)]
pub(crate) enum Phase {
    /// Show the phase, and where it can go.
    Get(get::Get),
    /// Go to a neighbour phase.
    Set(Set),
    /// Go one phase forward.
    Advance(step::Step),
    /// Go one phase back.
    Rollback(step::Step),
    /// Take a running transition back.
    Abort(abort::Abort),
}

/// Go to a neighbour phase.
#[derive(Debug, clap::Args)]
pub(crate) struct Set {
    #[command(flatten)]
    step: step::Step,
    /// The phase: `legacy_only`, `dual_write`, `new_primary` or `new_only`.
    #[arg(value_name = "PHASE", value_parser = target)]
    to: Target,
}

impl Phase {
    pub(super) async fn run(self, context: &Context) -> Result<Exit, Failure> {
        match self {
            Self::Get(command) => command.run(context).await,
            Self::Set(Set { step, to }) => step.run(context, step::Towards::Phase(to)).await,
            Self::Advance(step) => step.run(context, step::Towards::Next).await,
            Self::Rollback(step) => step.run(context, step::Towards::Previous).await,
            Self::Abort(command) => command.run(context).await,
        }
    }
}

fn target(word: &str) -> Result<Target, String> {
    Target::parse(word).map_err(|error| error.to_string())
}
