//! ListEvents.

use dualwrite_control_app::ControlPlane;
use dualwrite_control_app::error::InvalidPageToken;
use dualwrite_control_app::model::PageSize;
use dualwrite_proto::v1;

use super::Answer;
use crate::{page_token, wire};

pub(super) async fn list(
    plane: &ControlPlane,
    request: v1::ListEventsRequest,
) -> Answer<v1::ListEventsResponse> {
    let list = format!("events of {}", request.name);
    let before = page_token::place(&list, &request.page_token)?
        .map(|place| place.parse().map_err(|_| InvalidPageToken))
        .transpose()?;
    let page = plane
        .list_events(&request.name, before, PageSize::new(request.page_size))
        .await?;
    Ok(v1::ListEventsResponse {
        events: page.events.iter().map(wire::event).collect(),
        next_page_token: page_token::after(&list, page.next),
    })
}
