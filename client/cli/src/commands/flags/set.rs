//! `dualwrite flags set NAME KEY=VALUE…`

use clap::Args;
use dualwrite_core::flags::Flags;
use dualwrite_proto::v1;
use prost_types::FieldMask;

use crate::args::{Reason, Wait};
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::remote::{given, migration, patient, quick};
use crate::render;
use crate::view::flags::FlagsView;
use crate::view::migration::MigrationView;

/// Change flags of a migration.
#[derive(Debug, Args)]
pub(crate) struct Set {
    /// The migration.
    name: String,
    /// The flags to change, as in `batch_size=200`.
    #[arg(value_name = "KEY=VALUE", required = true, value_parser = assignment)]
    flags: Vec<(String, String)>,
    #[command(flatten)]
    reason: Reason,
    #[command(flatten)]
    wait: Wait,
}

impl Set {
    pub(super) async fn run(self, context: &Context) -> Result<Exit, Failure> {
        let mut service = context.remote.connect().await?;
        let current = migration(&mut service, &self.name).await?;
        let before = given(current.spec.and_then(|spec| spec.flags))?;
        let before = Flags::try_from(before).map_err(|error| Failure::failed(error.to_string()))?;
        let after = changed(before, &self.flags)?;
        for warning in after.warnings() {
            context.output.warn(&warning);
        }
        let message = v1::UpdateFlagsRequest {
            name: self.name,
            flags: Some(v1::Flags::from(&after)),
            update_mask: Some(mask(&self.flags)),
            etag: current.etag,
            reason: self.reason.reason,
            wait: self.wait.wait,
        };
        let request = if self.wait.wait {
            patient(message, self.wait.timeout)
        } else {
            quick(message)
        };
        let answer = service.update_flags(request).await?.into_inner();
        let view = MigrationView::from(given(answer.migration)?);
        context.output.note(&format!("revision {}", view.revision));
        let default = FlagsView::from(v1::Flags::from(&Flags::default()));
        context.output.data(&view.flags, |flags, paint| {
            render::flags(flags, &default, paint)
        });
        if self.wait.wait {
            followed(&view)
        } else {
            Ok(Exit::Done)
        }
    }
}

/// Whether all live sidecars follow, for who waited for it.
fn followed(view: &MigrationView) -> Result<Exit, Failure> {
    let health = &view.health;
    if health.acked_sidecars >= health.live_sidecars {
        return Ok(Exit::Done);
    }
    let behind = health.live_sidecars - health.acked_sidecars;
    Err(Failure::failed(format!(
        "the flags are set, and {behind} of {} live sidecars do not follow yet",
        health.live_sidecars
    ))
    .hint(format!("`dualwrite sidecars {}` shows which", view.name)))
}

/// The flags after a change that makes sense.
fn changed(mut flags: Flags, changes: &[(String, String)]) -> Result<Flags, Failure> {
    for (name, text) in changes {
        flags
            .set(name, text)
            .map_err(|error| Failure::usage(error.to_string()))?;
    }
    let wrong = flags.validate();
    if wrong.is_empty() {
        return Ok(flags);
    }
    let details = wrong.iter().map(ToString::to_string).collect();
    Err(Failure::usage("the flags would be out of their range").details(details))
}

fn mask(changes: &[(String, String)]) -> FieldMask {
    let paths = changes.iter().map(|(name, _)| match name.as_str() {
        // The wire's durations have their own unit.
        "secondary_timeout_ms" => "secondary_timeout".to_owned(),
        name => name.to_owned(),
    });
    FieldMask {
        paths: paths.collect(),
    }
}

fn assignment(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        Some(_) | None => Err("expected KEY=VALUE, as in batch_size=200".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exit::Exit;

    fn set(changes: &[(&str, &str)]) -> Result<Flags, Failure> {
        let changes: Vec<(String, String)> = changes
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        changed(Flags::default(), &changes)
    }

    #[test]
    fn changes_are_made_on_what_is_there() {
        let after = set(&[("batch_size", "200"), ("secondary_timeout_ms", "50")]).unwrap();
        assert_eq!(after.batch_size, 200);
        assert_eq!(after.secondary_timeout.as_millis(), 50);
        assert!(after.async_new);
    }

    #[test]
    fn what_makes_no_sense_is_wrong_usage_and_says_what_would_be_right() {
        let table = [
            (("batchsize", "1"), "did you mean `batch_size`?"),
            (("batch_size", "many"), "expected a whole number"),
            (("log_all", "perhaps"), "expected true or false"),
        ];
        for (change, expected) in table {
            let failure = set(&[change]).unwrap_err();
            assert_eq!(failure.exit, Exit::Usage);
            assert!(failure.message.contains(expected), "{}", failure.message);
        }
        let failure = set(&[("batch_size", "1000")]).unwrap_err();
        assert!(
            failure.details[0].contains("1 to 512"),
            "{:?}",
            failure.details
        );
    }

    #[test]
    fn the_mask_names_flags_as_the_wire_does() {
        let named =
            ["log_all", "secondary_timeout_ms"].map(|name| (name.to_owned(), String::new()));
        assert_eq!(mask(&named).paths, ["log_all", "secondary_timeout"]);
    }
}
