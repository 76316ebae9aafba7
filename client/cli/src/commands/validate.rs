//! `dualwrite validate NAME --key K`

mod key;

use clap::Args;
use dualwrite_proto::v1;

use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::remote::{given, migration, quick};
use crate::render;
use crate::view::key_check::{KeyCheckView, exit_of};

/// Compare one row on both sides, exactly. No value leaves the sidecar.
#[derive(Debug, Args)]
#[command(after_help = "Exit codes: 0 the same, or being copied; 4 different; 1 not checked.")]
pub(crate) struct Validate {
    /// The migration.
    name: String,
    /// The entity; the root entity unless given.
    #[arg(long, value_name = "ENTITY")]
    entity: Option<String>,
    /// The key: a value, or for a key of several fields `field=value,field=value`
    /// (a comma in a value is written `\,`).
    #[arg(long, value_name = "KEY", required = true)]
    key: String,
}

impl Validate {
    pub(super) async fn run(self, context: &Context) -> Result<Exit, Failure> {
        let mut service = context.remote.connect().await?;
        let entities = migration(&mut service, &self.name)
            .await?
            .spec
            .unwrap_or_default()
            .entities;
        let entity = key::entity(&entities, self.entity.as_deref())?;
        let key = key::parse(&entity.name, &entity.key, &self.key)?;
        let message = v1::ValidateKeyRequest {
            name: self.name.clone(),
            entity: entity.name.clone(),
            key,
        };
        let answer = service.validate_key(quick(message)).await?.into_inner();
        let check = given(answer.check)?;
        let verdict = check.verdict();
        context
            .output
            .data(&KeyCheckView::new(&self.name, check), render::key_check);
        Ok(exit_of(verdict))
    }
}
