//! `dualwrite backfill …`

mod change;
mod follow;
mod start;

use clap::Subcommand;

use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;

/// Copy what was there before to the secondary.
#[derive(Debug, Subcommand)]
pub(crate) enum Backfill {
    /// Start a backfill.
    Start(start::Start),
    /// Pause the running backfill; what is copied stays copied.
    Pause(change::Change),
    /// Go on with the paused backfill.
    Resume(change::Change),
    /// End the backfill where it is.
    Cancel(change::Change),
}

impl Backfill {
    pub(super) async fn run(self, context: &Context) -> Result<Exit, Failure> {
        match self {
            Self::Start(command) => command.run(context).await,
            Self::Pause(command) => command.run(context, change::Verb::Pause).await,
            Self::Resume(command) => command.run(context, change::Verb::Resume).await,
            Self::Cancel(command) => command.run(context, change::Verb::Cancel).await,
        }
    }
}
