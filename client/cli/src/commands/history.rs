//! `dualwrite history NAME`

use clap::Args;
use dualwrite_proto::v1;

use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::remote::quick;
use crate::render;
use crate::view::event::EventView;

/// Events of one page at most.
const PAGE: u32 = 100;

/// Show who changed what, when and why, newest first.
#[derive(Debug, Args)]
pub(crate) struct History {
    /// The migration.
    name: String,
    /// How many entries to show.
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..))]
    limit: u32,
}

impl History {
    pub(super) async fn run(self, context: &Context) -> Result<Exit, Failure> {
        let mut service = context.remote.connect().await?;
        let mut views: Vec<EventView> = Vec::new();
        let mut page_token = String::new();
        let mut left = self.limit;
        loop {
            let request = quick(v1::ListEventsRequest {
                name: self.name.clone(),
                page_size: left.min(PAGE),
                page_token,
            });
            let page = service.list_events(request).await?.into_inner();
            let before = views.len();
            views.extend(page.events.into_iter().map(EventView::from));
            let got = u32::try_from(views.len() - before).unwrap_or(u32::MAX);
            left = left.saturating_sub(got);
            page_token = page.next_page_token;
            if page_token.is_empty() || left == 0 {
                break;
            }
        }
        if !page_token.is_empty() {
            context.output.note("there is more; `--limit N` shows it");
        }
        context
            .output
            .data(&views, |views, paint| render::events(views, paint));
        Ok(Exit::Done)
    }
}
