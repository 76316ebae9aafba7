//! `dualwrite flags get NAME [KEY…]`

use std::collections::BTreeMap;

use clap::Args;
use dualwrite_core::flags::Flags;
use dualwrite_proto::v1;

use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::remote::{given, migration};
use crate::render;
use crate::view::flags::FlagsView;

/// Show the flags of a migration.
#[derive(Debug, Args)]
pub(crate) struct Get {
    /// The migration.
    name: String,
    /// Only these flags, their values alone.
    #[arg(value_name = "KEY")]
    keys: Vec<String>,
}

impl Get {
    pub(super) async fn run(self, context: &Context) -> Result<Exit, Failure> {
        let mut service = context.remote.connect().await?;
        let current = migration(&mut service, &self.name).await?;
        let flags = given(current.spec.and_then(|spec| spec.flags))?;
        if !self.keys.is_empty() {
            let chosen = chosen(&flags, &self.keys)?;
            context.output.data(&chosen, |chosen, _| {
                let values: Vec<&str> = chosen.values().map(String::as_str).collect();
                values.join("\n") + "\n"
            });
            return Ok(Exit::Done);
        }
        let view = FlagsView::from(flags);
        let default = FlagsView::from(v1::Flags::from(&Flags::default()));
        context
            .output
            .data(&view, |view, paint| render::flags(view, &default, paint));
        Ok(Exit::Done)
    }
}

/// Some flags, as they are typed.
fn chosen(flags: &v1::Flags, keys: &[String]) -> Result<BTreeMap<String, String>, Failure> {
    let flags = Flags::try_from(*flags).map_err(|error| Failure::failed(error.to_string()))?;
    keys.iter()
        .map(|key| match flags.get(key) {
            Ok(value) => Ok((key.clone(), value)),
            Err(error) => Err(Failure::usage(error.to_string())),
        })
        .collect()
}
