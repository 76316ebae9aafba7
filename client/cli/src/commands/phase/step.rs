//! `dualwrite phase set|advance|rollback`: one step to a neighbour phase.

mod ended;

use clap::Args;
use dualwrite_core::phase::Phase;
use dualwrite_proto::convert;
use dualwrite_proto::v1;

use crate::args::{Reason, Wait};
use crate::confirm::confirm;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::remote::{Service, given, migration, patient, quick};
use crate::render;
use crate::view::verdict::VerdictView;

/// One step to a neighbour phase.
#[derive(Debug, Args)]
pub(crate) struct Step {
    /// The migration.
    name: String,
    /// Only say what each guard says, and which steps it would take.
    #[arg(long)]
    dry_run: bool,
    /// Override the guards that can be overridden; needs a reason.
    #[arg(long)]
    force: bool,
    /// Fail over although acknowledged writes may be lost. Not offered yet.
    #[arg(long)]
    accept_loss: bool,
    #[command(flatten)]
    reason: Reason,
    #[command(flatten)]
    wait: Wait,
}

/// Where a step goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Towards {
    /// One phase forward.
    Next,
    /// One phase back.
    Previous,
    /// This phase.
    Phase(Phase),
}

impl Step {
    pub(super) async fn run(self, context: &Context, towards: Towards) -> Result<Exit, Failure> {
        self.check()?;
        let mut service = context.remote.connect().await?;
        let current = migration(&mut service, &self.name).await?;
        let from = convert::phase(current.phase, "phase")
            .map_err(|error| Failure::failed(format!("the control plane's answer: {error}")))?;
        let to = destination(from, towards)?;
        if self.dry_run {
            return self.ask_guards(context, service, from, to).await;
        }
        confirm(context, &question(&self.name, from, to, self.force))?;
        let message = self.message(to, current.etag);
        let request = if self.wait.wait {
            patient(message, self.wait.timeout)
        } else {
            quick(message)
        };
        let answer = service.transition_migration(request).await?.into_inner();
        ended::tell(context, answer, &self.name, self.wait.wait)
    }

    /// What can be known to make no sense before anybody is asked.
    fn check(&self) -> Result<(), Failure> {
        if self.accept_loss {
            return Err(
                Failure::usage("a fail-over that accepts loss is not offered yet")
                    .hint("`--force` overrides guards and still loses no write"),
            );
        }
        if self.force && !self.dry_run && self.reason.reason.trim().is_empty() {
            return Err(Failure::usage("forcing needs a reason").hint("add `--reason TEXT`"));
        }
        Ok(())
    }

    fn message(&self, to: Phase, etag: String) -> v1::TransitionMigrationRequest {
        v1::TransitionMigrationRequest {
            name: self.name.clone(),
            to: v1::Phase::from(to).into(),
            etag,
            reason: self.reason.reason.clone(),
            force: self.force,
            validate_only: self.dry_run,
            wait: self.wait.wait,
        }
    }

    async fn ask_guards(
        &self,
        context: &Context,
        mut service: Service,
        from: Phase,
        to: Phase,
    ) -> Result<Exit, Failure> {
        let request = quick(self.message(to, String::new()));
        let answer = service.transition_migration(request).await?.into_inner();
        let verdict = given(answer.verdict)?;
        let view = VerdictView::new(&self.name, from.as_str(), to.as_str(), verdict);
        context.output.data(&view, render::verdict);
        Ok(if view.permitted {
            Exit::Done
        } else {
            Exit::Refused
        })
    }
}

/// The phase to go to; whether it is a neighbour is for the control plane to
/// say, which knows of a transition under way.
fn destination(from: Phase, towards: Towards) -> Result<Phase, Failure> {
    match towards {
        Towards::Phase(to) => Ok(to),
        Towards::Next => from
            .next()
            .ok_or_else(|| Failure::failed(format!("{from} is the last phase"))),
        Towards::Previous => from
            .previous()
            .ok_or_else(|| Failure::failed(format!("{from} is the first phase"))),
    }
}

fn question(name: &str, from: Phase, to: Phase, force: bool) -> String {
    let effect = if from.primary() == to.primary() {
        format!("{} stays the primary", to.primary())
    } else {
        format!("{} becomes the primary", to.primary())
    };
    let forced = if force { ", whatever guards say" } else { "" };
    format!("{name}: {from} -> {to} ({effect}){forced}. Go on?")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forward_and_back_end_where_the_phases_end() {
        assert_eq!(
            destination(Phase::DualWrite, Towards::Next),
            Ok(Phase::NewPrimary)
        );
        assert_eq!(
            destination(Phase::DualWrite, Towards::Previous),
            Ok(Phase::LegacyOnly)
        );
        assert_eq!(
            destination(Phase::LegacyOnly, Towards::Phase(Phase::NewOnly)),
            Ok(Phase::NewOnly)
        );
        let last = destination(Phase::NewOnly, Towards::Next).unwrap_err();
        assert_eq!(last.message, "new_only is the last phase");
        let first = destination(Phase::LegacyOnly, Towards::Previous).unwrap_err();
        assert_eq!(first.message, "legacy_only is the first phase");
    }

    #[test]
    fn the_question_says_what_becomes_of_the_primary() {
        assert_eq!(
            question("cart", Phase::DualWrite, Phase::NewPrimary, false),
            "cart: dual_write -> new_primary (new becomes the primary). Go on?"
        );
        assert_eq!(
            question("cart", Phase::NewPrimary, Phase::NewOnly, true),
            "cart: new_primary -> new_only (new stays the primary), whatever guards say. Go on?"
        );
    }
}
