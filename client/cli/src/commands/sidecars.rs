//! `dualwrite sidecars NAME`

use clap::Args;
use dualwrite_proto::v1;

use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::remote::quick;
use crate::render;
use crate::view::sidecar::SidecarView;

/// List the sidecars of a service.
#[derive(Debug, Args)]
pub(crate) struct Sidecars {
    /// The migration.
    name: String,
}

impl Sidecars {
    pub(super) async fn run(self, context: &Context) -> Result<Exit, Failure> {
        let mut service = context.remote.connect().await?;
        let request = quick(v1::ListSidecarsRequest { name: self.name });
        let answer = service.list_sidecars(request).await?.into_inner();
        let views: Vec<SidecarView> = answer.sidecars.into_iter().map(SidecarView::from).collect();
        context
            .output
            .data(&views, |views, paint| render::sidecars(views, paint));
        Ok(Exit::Done)
    }
}
