//! `dualwrite list`

use clap::Args;
use dualwrite_proto::v1;

use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::remote::quick;
use crate::render;
use crate::view::migration::MigrationView;

/// Migrations of one page, the most there may be.
const PAGE: u32 = 500;

/// List all migrations.
#[derive(Debug, Args)]
pub(crate) struct List {}

impl List {
    pub(super) async fn run(self, context: &Context) -> Result<Exit, Failure> {
        let mut service = context.remote.connect().await?;
        let mut views: Vec<MigrationView> = Vec::new();
        let mut page_token = String::new();
        loop {
            let request = quick(v1::ListMigrationsRequest {
                page_size: PAGE,
                page_token,
            });
            let page = service.list_migrations(request).await?.into_inner();
            views.extend(page.migrations.into_iter().map(MigrationView::from));
            page_token = page.next_page_token;
            if page_token.is_empty() {
                break;
            }
        }
        context
            .output
            .data(&views, |views, paint| render::migrations(views, paint));
        Ok(Exit::Done)
    }
}
