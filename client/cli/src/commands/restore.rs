//! `dualwrite restore NAME REVISION`

use clap::Args;
use dualwrite_proto::v1;

use crate::args::Reason;
use crate::confirm::confirm;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::remote::{given, migration, quick};
use crate::render;
use crate::view::migration::MigrationView;

/// Make the flags and guards of an older revision current again, as a new
/// revision. Never changes the phase.
#[derive(Debug, Args)]
pub(crate) struct Restore {
    /// The migration.
    name: String,
    /// The revision, as in `dualwrite history NAME`.
    revision: u64,
    #[command(flatten)]
    reason: Reason,
}

impl Restore {
    pub(super) async fn run(self, context: &Context) -> Result<Exit, Failure> {
        let mut service = context.remote.connect().await?;
        let current = migration(&mut service, &self.name).await?;
        let question = format!(
            "Make flags and guards of revision {} of {} current again (now {})?",
            self.revision, self.name, current.revision
        );
        confirm(context, &question)?;
        let request = quick(v1::RestoreRevisionRequest {
            name: self.name,
            revision: self.revision,
            etag: current.etag,
            reason: self.reason.reason,
        });
        let answer = service.restore_revision(request).await?.into_inner();
        let view = MigrationView::from(given(answer.migration)?);
        context
            .output
            .note(&format!("restored as revision {}", view.revision));
        context.output.data(&view, render::status);
        Ok(Exit::Done)
    }
}
