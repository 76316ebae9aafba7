//! ListMigrations.

use dualwrite_control_app::ControlPlane;
use dualwrite_control_app::model::PageSize;
use dualwrite_proto::v1;

use super::Answer;
use crate::{page_token, wire};

/// The list that page tokens of this call are good for.
const LIST: &str = "migrations";

pub(super) async fn list(
    plane: &ControlPlane,
    request: v1::ListMigrationsRequest,
) -> Answer<v1::ListMigrationsResponse> {
    let after = page_token::place(LIST, &request.page_token)?;
    let page = plane
        .list(after.as_deref(), PageSize::new(request.page_size))
        .await?;
    Ok(v1::ListMigrationsResponse {
        migrations: page.migrations.iter().map(wire::migration).collect(),
        next_page_token: page_token::after(LIST, page.next),
    })
}
