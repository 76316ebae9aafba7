//! `dualwrite config …`: manifests, without a control plane.

mod check;

use clap::Subcommand;

use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;

/// Work on manifests without a control plane.
#[derive(Debug, Subcommand)]
pub(crate) enum Config {
    /// Say everything that is wrong with a manifest, and where.
    Check(check::Check),
}

impl Config {
    pub(super) fn run(self, context: &Context) -> Result<Exit, Failure> {
        match self {
            Self::Check(command) => command.run(context),
        }
    }
}
