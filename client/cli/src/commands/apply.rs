//! `dualwrite apply -f FILE`

use clap::Args;
use dualwrite_proto::v1;

use crate::args::Reason;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::remote::quick;
use crate::render;
use crate::source::Source;
use crate::view::applied::AppliedView;

/// Create a migration from a manifest, or change it.
#[derive(Debug, Args)]
pub(crate) struct Apply {
    /// The manifest; `-` for standard input.
    #[arg(short, long, value_name = "FILE")]
    file: String,
    /// Only say what would change.
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    reason: Reason,
}

impl Apply {
    pub(super) async fn run(self, context: &Context) -> Result<Exit, Failure> {
        let manifest = Source::read(&self.file)?.manifest()?;
        for warning in manifest.spec.flags.warnings() {
            context.output.warn(&warning);
        }
        let phase = manifest
            .phase
            .map_or(v1::Phase::Unspecified, v1::Phase::from);
        let request = quick(v1::ApplyMigrationRequest {
            spec: Some(v1::MigrationSpec::from(&manifest.spec)),
            initial_phase: phase.into(),
            name: manifest.name,
            etag: String::new(),
            reason: self.reason.reason,
            validate_only: self.dry_run,
        });
        let mut service = context.remote.connect().await?;
        let answer = service.apply_migration(request).await?.into_inner();
        let view = AppliedView::new(self.dry_run, answer)?;
        context.output.data(&view, render::applied);
        Ok(Exit::Done)
    }
}
