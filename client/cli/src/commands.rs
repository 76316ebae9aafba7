//! The commands, one a file.

mod apply;
mod backfill;
mod completions;
mod config;
mod doctor;
mod flags;
mod history;
mod import_env;
mod introspect;
mod jobs;
mod list;
mod phase;
mod restore;
mod retire;
mod sidecars;
mod status;
mod test;
mod validate;

use clap::Subcommand;

use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Create a migration from a manifest, or change it.
    Apply(apply::Apply),
    /// List all migrations.
    List(list::List),
    /// Show one migration and what its fleet reports.
    Status(status::Status),
    /// Show or change the phase.
    #[command(subcommand)]
    Phase(phase::Phase),
    /// Show or change flags.
    #[command(subcommand)]
    Flags(flags::Flags),
    /// List the sidecars of a service.
    Sidecars(sidecars::Sidecars),
    /// Show who changed what, when and why.
    History(history::History),
    /// Make the flags and guards of an older revision current again.
    Restore(restore::Restore),
    /// Copy what was there before to the secondary.
    #[command(subcommand)]
    Backfill(backfill::Backfill),
    /// Compare both sides.
    Validate(validate::Validate),
    /// End a migration: sidecars go on without fences, and everything of ours
    /// is removed from both databases.
    Retire(retire::Retire),
    /// Look at the whole chain, from the control plane to both databases.
    Doctor(doctor::Doctor),
    /// Probe each entity on both sides, in tables of ours.
    Test(test::Test),
    /// List the jobs of a migration.
    Jobs(jobs::Jobs),
    /// Write a manifest from the variables of a hand-written dual write.
    ImportEnv(import_env::ImportEnv),
    /// Propose a manifest from what both databases look like.
    Introspect(introspect::Introspect),
    /// Work on manifests without a control plane.
    #[command(subcommand)]
    Config(config::Config),
    /// Print a completion script for a shell.
    Completions(completions::Completions),
}

impl Command {
    /// Does it.
    ///
    /// # Errors
    /// [`Failure`], which knows the exit code.
    pub(crate) async fn run(self, context: &Context) -> Result<Exit, Failure> {
        match self {
            Self::Apply(command) => command.run(context).await,
            Self::List(command) => command.run(context).await,
            Self::Status(command) => command.run(context).await,
            Self::Phase(command) => command.run(context).await,
            Self::Flags(command) => command.run(context).await,
            Self::Sidecars(command) => command.run(context).await,
            Self::History(command) => command.run(context).await,
            Self::Restore(command) => command.run(context).await,
            Self::Backfill(command) => command.run(context).await,
            Self::Validate(command) => command.run(context).await,
            Self::Retire(command) => command.run(context).await,
            Self::Doctor(command) => command.run(context).await,
            Self::Test(command) => command.run(context).await,
            Self::Jobs(command) => command.run(context).await,
            Self::ImportEnv(command) => command.run(context),
            Self::Introspect(command) => command.run(context).await,
            Self::Config(command) => command.run(context),
            Self::Completions(command) => Ok(command.run()),
        }
    }
}
