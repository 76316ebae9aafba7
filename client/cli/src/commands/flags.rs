//! `dualwrite flags …`

mod get;
mod set;

use clap::Subcommand;

use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;

/// Show or change flags.
#[derive(Debug, Subcommand)]
pub(crate) enum Flags {
    /// Show the flags of a migration.
    Get(get::Get),
    /// Change flags of a migration.
    Set(set::Set),
}

impl Flags {
    pub(super) async fn run(self, context: &Context) -> Result<Exit, Failure> {
        match self {
            Self::Get(command) => command.run(context).await,
            Self::Set(command) => command.run(context).await,
        }
    }
}
