//! `dualwrite retire`: the end of a migration.

use std::time::Duration;

use clap::Args;
use dualwrite_proto::v1;

use crate::args::{Reason, duration_of};
use crate::confirm::confirm;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::remote::{Service, given, migration, patient, quick};
use crate::render;
use crate::view::retirement::RetirementView;
use crate::view::verdict::VerdictView;

/// End a migration that is in new_only. There is no way back to legacy.
#[derive(Debug, Args)]
pub(crate) struct Retire {
    /// The migration.
    name: String,
    /// Only say what each guard says.
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    reason: Reason,
    /// How long to wait for everything to be removed.
    #[arg(long, value_name = "DURATION", value_parser = duration_of, default_value = "2m")]
    timeout: Duration,
}

impl Retire {
    pub(super) async fn run(self, context: &Context) -> Result<Exit, Failure> {
        if !self.dry_run && self.reason.reason.trim().is_empty() {
            return Err(Failure::usage("the end of a migration needs a reason")
                .hint("add `--reason TEXT`; it goes into the history"));
        }
        let mut service = context.remote.connect().await?;
        let current = migration(&mut service, &self.name).await?;
        if self.dry_run {
            return self.ask_guards(context, service).await;
        }
        if current.retirement.is_none() {
            confirm(context, &question(&self.name))?;
        }
        let request = patient(self.message(current.etag), self.timeout);
        let answer = service.retire_migration(request).await?.into_inner();
        let retired = given(given(answer.migration)?.retirement)?;
        let view = RetirementView::new(&self.name, retired);
        context.output.data(&view, render::retirement);
        if view.state == "done" {
            return Ok(Exit::Done);
        }
        let why = view.waiting_for.as_deref().unwrap_or("its sidecars");
        Err(Failure::failed(format!(
            "{} runs without fences, and what is ours is not all removed yet; waiting for {why}",
            self.name
        ))
        .hint("it goes on by itself; `dualwrite retire` again shows how far it is"))
    }

    fn message(&self, etag: String) -> v1::RetireMigrationRequest {
        v1::RetireMigrationRequest {
            name: self.name.clone(),
            etag,
            reason: self.reason.reason.clone(),
            validate_only: self.dry_run,
        }
    }

    async fn ask_guards(&self, context: &Context, mut service: Service) -> Result<Exit, Failure> {
        let request = quick(self.message(String::new()));
        let answer = service.retire_migration(request).await?.into_inner();
        let verdict = given(answer.verdict)?;
        let view = VerdictView::new(&self.name, "new_only", "retired", verdict);
        context.output.data(&view, render::verdict);
        Ok(if view.permitted {
            Exit::Done
        } else {
            Exit::Refused
        })
    }
}

fn question(name: &str) -> String {
    format!(
        "{name}: the migration ends, everything of ours is removed from both databases, and there is \
         no way back to legacy. Go on?"
    )
}
